/** Knights, who always tell the truth, and knaves, who always lie: who is who, decided world by world. */
import type { Random } from '../../../random.js';
import { type DrawForm, topicOf } from '../example.js';
import { PLACES, peopleOf } from '../scenes.js';
import { byLevel, closing, series } from '../writing.js';
import { answerIs } from './compact-work.js';

type Claim =
  | { readonly kind: 'knight' | 'knave' | 'same' | 'different'; readonly about: number }
  | { readonly kind: 'both' | 'either'; readonly about: number; readonly other: number }
  | { readonly kind: 'count'; readonly count: number };

function drawClaim(random: Random, speaker: number, people: number): Claim {
  const others = random.shuffle(Array.from({ length: people }, (_, k) => k).filter((k) => k !== speaker));
  const kind = random.pick(['knight', 'knave', 'same', 'different', 'both', 'either', 'count'] as const);
  if (kind === 'count') return { kind, count: random.integer(1, people) };
  if ((kind === 'both' || kind === 'either') && others.length > 1)
    return { kind, about: others[0]!, other: others[1]! };
  return { kind: kind === 'both' ? 'knight' : kind === 'either' ? 'knave' : kind, about: others[0]! };
}

function holds(claim: Claim, speaker: number, world: readonly boolean[]): boolean {
  switch (claim.kind) {
    case 'knight':
      return world[claim.about]!;
    case 'knave':
      return !world[claim.about];
    case 'same':
      return world[speaker] === world[claim.about];
    case 'different':
      return world[speaker] !== world[claim.about];
    case 'both':
      return world[claim.about]! && world[claim.other]!;
    case 'either':
      return world[claim.about]! || world[claim.other]!;
    case 'count':
      return world.filter(Boolean).length === claim.count;
  }
}

function text(claim: Claim, names: readonly string[]): string {
  switch (claim.kind) {
    case 'knight':
    case 'knave':
      return `${names[claim.about]} is a ${claim.kind}`;
    case 'same':
      return `${names[claim.about]} and I are of the same kind`;
    case 'different':
      return `${names[claim.about]} and I are of different kinds`;
    case 'both':
      return `${names[claim.about]} and ${names[claim.other]} are both knights`;
    case 'either':
      return `${names[claim.about]} or ${names[claim.other]} is a knight`;
    case 'count':
      return claim.count === 1
        ? 'exactly one of us is a knight'
        : `exactly ${['', '', 'two', 'three', 'four'][claim.count]} of us are knights`;
  }
}

const worldsOf = (people: number): boolean[][] =>
  Array.from({ length: 2 ** people }, (_, bits) =>
    Array.from({ length: people }, (_, k) => ((bits >> k) & 1) === 0),
  );

const FITS = 'fits';

/** A world by its knights, and the truth of the statements up to the first one that does not fit its speaker. */
function tested(names: readonly string[], world: readonly boolean[], claims: readonly Claim[]): string {
  const truths = claims.map((claim, k) => holds(claim, k, world));
  const broken = truths.findIndex((truth, k) => truth !== world[k]);
  const judged = names.map((name, k) => `${name} ${truths[k]}`);
  const shown = broken < 0 ? [...judged, FITS] : judged.slice(0, broken + 1);
  return `${names.filter((_, k) => world[k]).join(', ')}: ${shown.join(', ')}`;
}

const knights: DrawForm = (random, difficulty) => {
  const people = byLevel(difficulty, 2, 3, 4);
  let claims: Claim[];
  let fitting: boolean[][];
  do {
    claims = Array.from({ length: people }, (_, speaker) => drawClaim(random, speaker, people));
    fitting = worldsOf(people).filter((world) =>
      claims.every((claim, k) => holds(claim, k, world) === world[k]),
    );
  } while (fitting.length !== 1 || !fitting[0]!.includes(true));
  const solution = fitting[0]!;
  return {
    form: 'knights',
    parameters: JSON.stringify(claims),
    write(scene, wording) {
      const names = peopleOf(scene, people);
      const place = scene.pick(PLACES);
      const land = scene.pick([
        'an island',
        'a valley',
        'a village',
        'a harbour',
        'a castle',
        'a mountain pass',
        'a market',
        'a theatre',
      ]);
      const said = claims.map((claim, k) => `${names[k]} says: "${text(claim, names)}."`).join(' ');
      const kinds = wording.pick([
        'knights always tell the truth and knaves always lie',
        'each person is a knight, who never lies, or a knave, who never tells the truth',
        'whatever a knight says is true and whatever a knave says is false',
      ]);
      const question = wording.pick([
        `On ${land} near ${place} ${kinds}. ${said} Who are the knights?`,
        `At ${land} not far from ${place}, ${kinds}. A traveller meets ${series(names)}. ${said} Name all the knights.`,
        `${said} They live in ${land} by ${place}, where ${kinds}. Which of them are knights?`,
      ]);
      const answer = names.filter((_, k) => solution[k]).join(', ');
      const short = people === 4;
      const work: string[] = [];
      const steps = [
        `Each of the ${people} people is a knight or a knave, which makes ${2 ** people} possible worlds. A world fits when every knight in it says something true and every knave something false, so test them one after the other.`,
      ];
      for (const world of worldsOf(people)) {
        const broken = claims.findIndex((claim, k) => holds(claim, k, world) !== world[k]);
        const group = names.filter((_, k) => world[k]);
        const who =
          group.length === 0
            ? 'Nobody is a knight'
            : group.length === people
              ? 'All are knights'
              : `Knights: ${group.join(', ')}`;
        if (!work.some((entry) => entry.endsWith(FITS))) work.push(tested(names, world, claims));
        if (broken < 0) steps.push(`${who}: every statement fits its speaker, so this world is possible.`);
        else if (short)
          steps.push(`${who}: ${names[broken]} as a ${world[broken] ? 'knight' : 'knave'} does not fit.`);
        else
          steps.push(
            `${who}: then ${names[broken]} would be a ${world[broken] ? 'knight whose statement is false' : 'knave whose statement is true'}, which cannot be.`,
          );
      }
      steps.push(
        `Exactly one world passed the test, so the puzzle has one solution. The answer is ${answer}.`,
      );
      return {
        question: question + closing(wording),
        answer,
        steps,
        work: [...work, answerIs(answer)],
        keywords: ['knights and knaves', 'case analysis', 'truth'],
        unordered: true,
      };
    },
  };
};

export const knightsAndKnaves = topicOf('knights_and_knaves', 'logic_puzzle', 'knights_and_knaves', [
  knights,
]);
