/** Constraint satisfaction: people in a row of places, pinned down by clues until one arrangement is left. */
import type { Random } from '../../../random.js';
import { type DrawForm, topicOf } from '../example.js';
import { PLACES, peopleOf } from '../scenes.js';
import { byLevel, closing, series } from '../writing.js';
import { answerIs, inPlaces } from './compact-work.js';

type Clue =
  | { readonly kind: 'left' | 'beside' | 'apart' | 'next_left'; readonly a: number; readonly b: number }
  | { readonly kind: 'not' | 'end'; readonly a: number; readonly at: number };

/** `row[k]` is the place of person k. */
function fits(clue: Clue, row: readonly number[]): boolean {
  switch (clue.kind) {
    case 'left':
      return row[clue.a]! < row[clue.b]!;
    case 'next_left':
      return row[clue.a]! + 1 === row[clue.b]!;
    case 'beside':
      return Math.abs(row[clue.a]! - row[clue.b]!) === 1;
    case 'apart':
      return Math.abs(row[clue.a]! - row[clue.b]!) > 1;
    case 'not':
      return row[clue.a] !== clue.at;
    case 'end':
      return row[clue.a] === 0 || row[clue.a] === row.length - 1;
  }
}

const PLACE_NAMES = ['first', 'second', 'third', 'fourth', 'fifth'] as const;

function text(clue: Clue, names: readonly string[]): string {
  switch (clue.kind) {
    case 'left':
      return `${names[clue.a]} is somewhere to the left of ${names[clue.b]}`;
    case 'next_left':
      return `${names[clue.a]} is directly to the left of ${names[clue.b]}`;
    case 'beside':
      return `${names[clue.a]} is right beside ${names[clue.b]}`;
    case 'apart':
      return `${names[clue.a]} is not beside ${names[clue.b]}`;
    case 'not':
      return `${names[clue.a]} is not in the ${PLACE_NAMES[clue.at]} place`;
    case 'end':
      return `${names[clue.a]} is at one end of the row`;
  }
}

/**
 * Rows as they are filled from the left: at each place stands the first person, in the order of the numbers, whom the clues
 * allow beside those already there. A row that cannot go on is given up and its last person replaced; the last row is the solution.
 */
function filled(count: number, clues: readonly Clue[]): number[][] {
  const tried: number[][] = [];
  const fill = (line: readonly number[]): boolean => {
    const next = Array.from({ length: count }, (_, k) => [...line, k]).filter(
      (longer, k) => !line.includes(k) && clues.every((clue) => isOpen(clue, longer, count)),
    );
    if (next.length === 0) tried.push([...line]);
    return line.length === count || next.some(fill);
  };
  fill([]);
  return tried;
}

/** Whether a clue may still hold in a row of which the first places are filled. */
function isOpen(clue: Clue, line: readonly number[], count: number): boolean {
  const place = line.indexOf(clue.a);
  if ('at' in clue) return clue.kind === 'not' ? place !== clue.at : place <= 0 || place === count - 1;
  const other = line.indexOf(clue.b);
  // Only the person placed last can still get a right-hand neighbour.
  const isWaiting = (k: number): boolean => k === line.length - 1 && line.length < count;
  switch (clue.kind) {
    case 'left':
      return other < 0 || (place >= 0 && place < other);
    case 'next_left':
      return place < 0 ? other < 0 : other === place + 1 || (other < 0 && isWaiting(place));
    case 'beside':
      if (place >= 0 && other >= 0) return Math.abs(place - other) === 1;
      return (place < 0 && other < 0) || isWaiting(Math.max(place, other));
    case 'apart':
      return place < 0 || other < 0 || Math.abs(place - other) > 1;
  }
}

function permutations(count: number): number[][] {
  if (count === 0) return [[]];
  return permutations(count - 1).flatMap((rest) =>
    Array.from({ length: count }, (_, at) => [...rest.map((place) => (place >= at ? place + 1 : place)), at]),
  );
}

const ROWS = [3, 4, 5].map((count) => [count, permutations(count)] as const);

function drawClue(random: Random, count: number): Clue {
  const [a, b] = random.shuffle(Array.from({ length: count }, (_, k) => k)) as [number, number];
  const kind = random.pick(['left', 'beside', 'apart', 'next_left', 'not', 'end'] as const);
  return kind === 'not' || kind === 'end'
    ? { kind, a, at: kind === 'end' ? -1 : random.integer(0, count - 1) }
    : { kind, a, b };
}

const row: DrawForm = (random, difficulty) => {
  const count = byLevel(difficulty, 3, 4, 5);
  const all = ROWS.find(([size]) => size === count)![1];
  let clues: Clue[];
  let left: (readonly number[])[];
  do {
    clues = [];
    left = all;
    // Each clue must rule something out, so that none is idle.
    for (let tries = 0; tries < 40 && left.length > 1; tries++) {
      const clue = drawClue(random, count);
      const after = left.filter((arrangement) => fits(clue, arrangement));
      if (after.length === 0 || after.length === left.length) continue;
      clues.push(clue);
      left = after;
    }
  } while (left.length !== 1 || clues.length > 6);
  const solution = left[0]!;
  const wanted = random.integer(0, count);
  return {
    form: wanted === count ? 'whole_row' : 'who_is_where',
    parameters: `${count},${wanted},${JSON.stringify(clues)}`,
    write(scene, wording) {
      const names = peopleOf(scene, count);
      const place = scene.pick(PLACES);
      const line = scene.pick([
        'stand in a queue at a bakery',
        'sit on a bench in a park',
        'live in a row of houses',
        'have lockers side by side',
        'park their bikes in a row',
        'sit in one row of a cinema',
        'have their photos on a wall',
        'grow flowers in pots on a ledge',
      ]);
      const inOrder = names.map((_, at) => names[solution.indexOf(at)] as string);
      const goal =
        wanted === count
          ? wording.pick([
              'Name everyone from left to right.',
              'What is the whole order, left to right?',
              'List the people from left to right.',
            ])
          : wording.pick([
              `Who is in the ${PLACE_NAMES[wanted]} place from the left?`,
              `Name the person in the ${PLACE_NAMES[wanted]} place, counted from the left.`,
            ]);
      const said = clues.map((clue) => `${text(clue, names)}.`).join(' ');
      const question = wording.pick([
        `${series(names)} ${line} in ${place}. Places are counted from the left. ${said} ${goal}`,
        `In ${place}, ${series(names)} ${line}, counted from the left. It is known: ${said} ${goal}`,
        `Some people from ${place} ${line}: ${series(names)}, not in this order. From left to right the following holds. ${said} ${goal}`,
      ]);
      const answer = wanted === count ? inOrder.join(', ') : inOrder[wanted]!;
      let remaining = all;
      const steps = [
        `There are ${all.length} ways to put ${count} people into ${count} places. Use the clues one by one and keep only the arrangements that fit; a clue can also be read as a rule about which places are still open.`,
      ];
      for (const clue of clues) {
        const before = remaining.length;
        remaining = remaining.filter((arrangement) => fits(clue, arrangement));
        const rows =
          remaining.length <= 3
            ? ` They are, from left to right: ${remaining.map((arrangement) => names.map((_, at) => names[arrangement.indexOf(at)]).join(' ')).join('; ')}.`
            : '';
        steps.push(
          `The clue says that ${text(clue, names)}. Of the ${before} arrangements that were left, ${remaining.length} fit${remaining.length === 1 ? 's' : ''}, so ${before} - ${remaining.length} = ${before - remaining.length} drop out.${rows}`,
        );
      }
      steps.push(
        `Only one arrangement is left: ${inOrder.join(', ')}. Reading the clues once more against it shows that all of them hold, and no other order passed them all.`,
        `The answer is ${answer}.`,
      );
      return {
        question: question + closing(wording),
        answer,
        steps,
        work: [
          ...filled(count, clues)
            .slice(0, -1)
            .map((line) => `${line.map((k) => names[k]).join(', ')}, no`),
          inPlaces(inOrder),
          answerIs(answer),
        ],
        keywords: ['constraints', 'elimination', 'arrangement'],
      };
    },
  };
};

export const constraintSatisfaction = topicOf(
  'constraint_satisfaction',
  'logic_puzzle',
  'constraint_satisfaction',
  [row],
);
