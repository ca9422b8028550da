/** River crossings: a ferry plan that leaves nobody in danger, boats with a weight limit, and a bridge with one lamp. */
import { addition, multiplication } from '../columns.js';
import { type DrawForm, topicOf } from '../example.js';
import { PEOPLE, PLACES, peopleOf } from '../scenes.js';
import { byLevel, closing, series } from '../writing.js';
import { answerIs, changed, compared, runningSum } from './compact-work.js';

/** Things in an order in which each one would harm the next. */
const CARGOES = [
  ['fox', 'hen', 'grain'],
  ['wolf', 'goat', 'cabbage'],
  ['cat', 'mouse', 'cheese'],
  ['lion', 'deer', 'hay'],
  ['dog', 'rabbit', 'carrots'],
  ['owl', 'frog', 'beetles'],
  ['otter', 'trout', 'worms'],
  ['lynx', 'lamb', 'clover'],
] as const;

/** One state: which things are on the far bank (bits), and whether the ferryman is. */
const plan: DrawForm = (random, difficulty) => {
  const extra = byLevel(difficulty, 0, 0, random.integer(0, 1));
  const seats = extra ? 2 : 1;
  const count = 3 + extra * random.integer(1, 2);
  // The conflicts: pairs of neighbours of the chain, in the order of a hidden naming.
  const order = random.shuffle([0, 1, 2]);
  const chain =
    difficulty === 'easy'
      ? [[order[0]!, order[1]!]]
      : [
          [order[0]!, order[1]!],
          [order[1]!, order[2]!],
        ];
  if (count > 3 && random.integer(0, 1) === 1) chain.push([order[2]!, 3]);
  const moves = solvePlan(count, seats, chain);
  return {
    form: 'plan',
    parameters: `${count},${seats},${chain
      .map((pair) => [...pair].sort().join('-'))
      .sort()
      .join('.')}`,
    write(scene, wording) {
      const cargo = scene.pick(CARGOES);
      const more = scene
        .shuffle(['a drum', 'a chair', 'a lamp', 'a book', 'a bell'])
        .slice(0, count - 3)
        .map((x) => x.slice(2));
      // The chain of harm follows the hidden order, so that the same names can stand for different roles.
      const names = [0, 1, 2].map((k) => cargo[order.indexOf(k)] as string).concat(more);
      const person = scene.pick(PEOPLE);
      const place = scene.pick(PLACES);
      const dangers = chain.map(([a, b]) => `the ${names[a!]} may not be left with the ${names[b!]}`);
      const room = seats === 1 ? 'one thing' : 'up to two things';
      const things = series(names.map((name) => `the ${name}`));
      const question = wording.pick([
        `${person} must bring ${things} across a river near ${place}. The boat holds ${person} and ${room}. Without ${person} on the same bank, ${series(dangers)}. How does everything get across in the fewest crossings? List the trips in order.`,
        `At a river near ${place}, ${person} has a boat for one rower and ${room}. ${things.charAt(0).toUpperCase()}${things.slice(1)} must all cross. When ${person} is on the other bank, ${series(dangers)}. Name a shortest plan, trip by trip.`,
        `Near ${place}, ${person} wants to cross a river with ${things}. In the boat there is room for ${room} besides ${person}. Unwatched, ${series(dangers)}. Give the shortest list of trips that gets everything over.`,
      ]);
      const words = moves.map(({ cargo: taken, isBack }) =>
        taken.length === 0
          ? isBack
            ? 'return alone'
            : 'cross alone'
          : `${isBack ? 'return with' : 'take'} ${taken.map((k) => names[k]).join(' and ')}`,
      );
      const far = new Set<number>();
      const steps = [
        `Look for what must never be left unwatched: ${series(dangers)}. Whatever stays behind on either bank after a trip has to respect this, and only then is a trip allowed.`,
      ];
      const work = chain.map((pair) => `not ${pair.map((k) => names[k]).join(' with ')}`);
      moves.forEach(({ cargo: taken, isBack }, i) => {
        for (const k of taken) {
          if (isBack) far.delete(k);
          else far.add(k);
        }
        const left = names.filter((_, k) => (isBack ? far.has(k) : !far.has(k)));
        work.push(`${words[i]}, left ${left.join(', ') || 'nothing'}`);
        const bank = isBack ? 'far' : 'near';
        steps.push(
          `Trip ${i + 1}: ${words[i]}. On the ${bank} bank there ${left.length > 1 ? 'remain' : 'remains'} ${left.length ? series(left.map((name) => `the ${name}`)) : 'nothing'}, which is safe.`,
        );
      });
      steps.push(
        `After ${moves.length} trips everything is on the far bank. Trying all shorter sequences of trips leads either to a forbidden pair or back to a situation seen before, so this is as short as possible.`,
      );
      return {
        question: question + closing(wording),
        answer: words.join(', '),
        steps,
        work: [...work, answerIs(words.join(', '))],
        keywords: ['river crossing', 'state space', 'plan'],
      };
    },
  };
};

interface Trip {
  readonly cargo: readonly number[];
  readonly isBack: boolean;
}

/** A shortest plan by breadth-first search over (things on the far bank, side of the boat). */
function solvePlan(count: number, seats: number, conflicts: readonly (readonly number[])[]): Trip[] {
  const all = 2 ** count - 1;
  const isSafe = (bits: number): boolean =>
    conflicts.every(([a, b]) => !((bits >> a!) & 1 && (bits >> b!) & 1));
  const seen = new Set(['0,0']);
  let frontier: { far: number; side: number; trips: Trip[] }[] = [{ far: 0, side: 0, trips: [] }];
  while (frontier.length > 0) {
    const next: typeof frontier = [];
    for (const { far, side, trips } of frontier) {
      if (far === all && side === 1) return trips;
      for (let bits = 0; bits <= all; bits++) {
        const cargo = Array.from({ length: count }, (_, k) => k).filter((k) => (bits >> k) & 1);
        if (cargo.length > seats || (side === 0 ? bits & far : bits & ~far)) continue;
        const after = far ^ bits;
        if (!isSafe(side === 0 ? all & ~after : after)) continue;
        const key = `${after},${1 - side}`;
        if (seen.has(key)) continue;
        seen.add(key);
        next.push({ far: after, side: 1 - side, trips: [...trips, { cargo, isBack: side === 1 }] });
      }
    }
    frontier = next;
  }
  throw new Error(`no plan for ${count} things and ${seats} seats`);
}

/** A bridge in the dark: two at a time, the pair is as slow as its slower one, the lamp must come back. */
const bridge: DrawForm = (random, difficulty) => {
  const count = byLevel(difficulty, 3, 4, 5);
  const times = new Set<number>();
  while (times.size < count) times.add(random.integer(1, byLevel(difficulty, 12, 20, 25)));
  const sorted = [...times].sort((a, b) => a - b);
  const legs: { out: number[]; back?: number; cost: number }[] = [];
  const choices: string[] = [];
  let group = [...sorted];
  while (group.length > 3) {
    const [a, b] = [group[0]!, group[1]!];
    const [y, z] = [group.at(-2)!, group.at(-1)!];
    choices.push(...changed(b, '+', b), ...changed(a, '+', y), compared(2 * b, a + y));
    if (2 * b + a + z < 2 * a + y + z)
      legs.push({ out: [a, b], back: a, cost: b + a }, { out: [y, z], back: b, cost: z + b });
    else legs.push({ out: [a, z], back: a, cost: z + a }, { out: [a, y], back: a, cost: y + a });
    group = group.slice(0, -2);
  }
  if (group.length === 3)
    legs.push({ out: [group[0]!, group[2]!], back: group[0]!, cost: group[2]! + group[0]! });
  legs.push({ out: [group[0]!, group[1]!], cost: group[1]! });
  const total = legs.reduce((sum, leg) => sum + leg.cost, 0);
  return {
    form: 'bridge',
    parameters: sorted.join(','),
    write(scene, wording) {
      const people = peopleOf(scene, count);
      const place = scene.pick(PLACES);
      const shuffled = scene.shuffle(sorted);
      const nameOf = (time: number): string => people[shuffled.indexOf(time)] as string;
      const list = series(people.map((person, i) => `${person} ${shuffled[i]} minutes`));
      const crossing = scene.pick([
        'a narrow bridge',
        'a rope bridge',
        'a ford in the river',
        'a raft ferry',
        'a row of stepping stones',
      ]);
      const question = wording.pick([
        `At night a group near ${place} must cross ${crossing} with a single lamp. At most two can cross at a time, at the pace of the slower one, and nobody crosses without the lamp. Alone, the crossing takes ${list}. What is the least total time in minutes?`,
        `Near ${place} there is ${crossing} that carries two people at most, and it is dark, so the only lamp must go along each time. The crossing takes ${list}; a pair goes as slowly as its slower member. In how many minutes at least is everyone across?`,
        `One lamp, ${crossing} near ${place}, two people at a time: the crossing takes ${list}. A pair needs the time of the slower one, and somebody must bring the lamp back. Find the shortest time for all, in minutes.`,
      ]);
      const times = legs.flatMap(({ out, back }) => [
        Math.max(...out),
        ...(back === undefined ? [] : [back]),
      ]);
      let clock = 0;
      const steps = [
        `Someone has to bring the lamp back each time, so the quick ones should do that. The slow ones should cross as seldom as possible, and two slow ones together if that saves time.`,
      ];
      for (const { out, back, cost } of legs) {
        const slow = Math.max(...out);
        const names = out.map(nameOf).join(' and ');
        const trip =
          back === undefined
            ? `${names} cross in ${slow} minutes, and the lamp can stay.`
            : `${names} cross in ${slow} minutes and ${nameOf(back)} brings the lamp back in ${back}: ${slow} + ${back} = ${cost}.`;
        steps.push(`${trip} The clock goes on: ${clock} + ${cost} = ${clock + cost}.`);
        clock += cost;
      }
      steps.push(
        `Compare with the other natural plan for each pair of slowest people, fastest person as guide or both together: the cheaper one was taken each time. So ${total} minutes cannot be improved.`,
        `The answer is ${total}.`,
      );
      return {
        question: question + closing(wording),
        answer: String(total),
        steps,
        work: [
          `sorted ${sorted.join(', ')}`,
          ...choices,
          `trips ${times.join(', ')}`,
          ...runningSum(times),
          answerIs(total),
        ],
        keywords: ['river crossing', 'bridge', 'shortest time'],
      };
    },
  };
};

/** Two children who can row and a number of adults: each adult costs the same four trips. */
const boat: DrawForm = (random, difficulty) => {
  const adults = random.integer(byLevel(difficulty, 1, 3, 9), byLevel(difficulty, 6, 20, 60));
  const minutes = byLevel(difficulty, 1, random.integer(2, 9), random.integer(3, 15));
  const back = difficulty === 'hard' ? random.integer(1, 3) : 0;
  const trips = 4 * adults + 1;
  const pause = back * (trips - 1);
  const answer = trips * minutes + pause;
  return {
    form: 'children_and_adults',
    parameters: `${adults},${minutes},${back}`,
    write(scene, wording) {
      const [a, b] = peopleOf(scene, 2) as [string, string];
      const place = scene.pick(PLACES);
      const who = scene.pick([
        'soldiers',
        'hikers',
        'farmers',
        'singers',
        'sailors',
        'builders',
        'tourists',
        'drummers',
      ]);
      const time = minutes > 1 ? ` One trip takes ${minutes} minutes.` : '';
      const rest = back ? ` Between two trips there is a break of ${back} minutes.` : '';
      const goal =
        minutes > 1
          ? 'How many minutes does it take at least until everybody is across?'
          : 'What is the smallest number of trips until everybody is across?';
      const question = wording.pick([
        `The children ${a} and ${b} and ${adults} adult ${who} want to cross a river near ${place}. The boat carries either one adult, or one or two children, and does not move by itself.${time}${rest} ${goal}`,
        `A boat on a river near ${place} holds one adult alone or at most two children. The children are ${a} and ${b}, and ${adults} adult ${who} have to cross with them.${time}${rest} ${goal}`,
        `Besides ${a} and ${b}, who are children, ${adults} adult ${who} stand at a river near ${place}. Their boat takes one adult, or a child, or two children. Someone must row.${time}${rest} ${goal}`,
      ]);
      const steps = [
        `An adult crosses alone, so somebody light must be on the far bank already to bring the boat back. That can only be a child, and the child must have come over together with the other one.`,
        `One adult therefore costs four trips: both children cross, one child returns, the adult crosses, the other child returns. After that both children are back at the start and one adult is across.`,
        `For all the adults that makes ${adults} * 4 = ${4 * adults} trips.`,
        `At the end the two children cross together, which is one more trip: ${4 * adults} + 1 = ${trips} trips.`,
      ];
      if (minutes > 1) {
        steps.push(
          `Each trip takes ${minutes} minutes: ${trips} * ${minutes} = ${trips * minutes} minutes of rowing.`,
        );
      }
      if (back) {
        steps.push(
          `Breaks lie between trips, so there is one fewer than there are trips: ${trips} - 1 = ${trips - 1}, and ${trips - 1} * ${back} = ${pause} minutes. In all: ${trips * minutes} + ${pause} = ${answer}.`,
        );
      }
      steps.push(
        `No adult can do with fewer trips, since each needs the children's round before the boat can come back. The answer is ${answer}.`,
      );
      return {
        question: question + closing(wording),
        answer: String(answer),
        steps,
        work: [
          ...multiplication(adults, 4),
          ...(back ? addition(minutes, back) : []),
          ...(minutes > 1 ? multiplication(4 * adults, minutes + back) : []),
          ...addition(4 * adults * (minutes + back), minutes),
          answerIs(answer),
        ],
        keywords: ['river crossing', 'boat', 'invariant'],
      };
    },
  };
};

export const riverCrossing = topicOf('river_crossing', 'logic_puzzle', 'river_crossing', [
  plan,
  bridge,
  boat,
]);
