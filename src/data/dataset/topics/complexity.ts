/** Complexity: how often a line runs for a given size, and how that number grows with the size. */
import { division, multiplication } from '../columns.js';
import { type DrawForm, topicOf } from '../example.js';
import { byLevel } from '../writing.js';
import { askAbout, namesOf } from './code-scenes.js';
import { answerIs, compared } from './compact-work.js';

const COUNT_GOALS = [
  'What number does it print, that is, how often does the innermost line run?',
  'Count how many times the innermost line runs; this is what is printed.',
  'How many times is the counter raised before it is printed?',
] as const;

/** Loops of a known length inside each other; medium ones triangular, hard ones with a doubling inner loop. */
const countRuns: DrawForm = (random, difficulty) => {
  const n = random.integer(byLevel(difficulty, 4, 4, 9), byLevel(difficulty, 30, 15, 70));
  const m = random.integer(3, 25);
  const kind = byLevel(difficulty, 'rectangle', random.pick(['triangle', 'steps'] as const), 'doubling') as
    | 'rectangle'
    | 'triangle'
    | 'steps'
    | 'doubling';
  const stride = kind === 'steps' ? random.integer(2, 4) : 0;
  const outer = kind === 'steps' ? Math.ceil(n / stride) : n;
  let doublings = 0;
  for (let j = 1; j < n; j *= 2) doublings++;
  const answer = { rectangle: n * m, triangle: (n * (n - 1)) / 2, steps: outer * m, doubling: doublings * m }[
    kind
  ];
  return {
    form: 'count_runs',
    parameters: `${kind},${n},${kind === 'triangle' ? '' : m},${stride}`,
    write(scene, wording) {
      const { total } = namesOf(scene);
      const [i, j] = scene.pick([
        ['i', 'j'],
        ['a', 'b'],
        ['row', 'col'],
        ['p', 'q'],
        ['left', 'right'],
      ] as const);
      const loops = {
        rectangle: [`for ${i} in range(${n}):`, `    for ${j} in range(${m}):`],
        triangle: [`for ${i} in range(${n}):`, `    for ${j} in range(${i}):`],
        steps: [`for ${i} in range(0, ${n}, ${stride}):`, `    for ${j} in range(${m}):`],
        doubling: [`for ${i} in range(${m}):`, `    ${j} = 1`, `    while ${j} < ${n}:`, `        ${j} *= 2`],
      }[kind];
      const program = [`${total} = 0`, ...loops, `        ${total} += 1`, `print(${total})`];
      const steps = [
        `The variable ${total} goes up by one each time the innermost line runs, so the output is the number of its runs. It is found by counting the turns of the loops, not by following every one of them.`,
      ];
      if (kind === 'rectangle') {
        steps.push(
          `The outer loop has ${n} turns. In each of them the inner loop makes ${m} turns, whatever the value of ${i} is.`,
          `Since every outer turn costs the same, multiply: ${n} * ${m} = ${answer}.`,
          `With both sizes growing together this is quadratic growth: twice the size means four times the runs.`,
        );
      } else if (kind === 'triangle') {
        steps.push(
          `The outer loop has ${n} turns, with ${i} from 0 to ${n - 1}. The inner loop makes as many turns as the value of ${i}, so the number is different each time.`,
          `The runs are the sum of all whole numbers from 0 to ${n - 1}. Pair the first with the last, the second with the one before the last, and so on: each pair has the same sum.`,
          `The formula for this is the number of terms times the last one, halved: ${n} * ${n - 1} = ${n * (n - 1)}, and ${n * (n - 1)} / 2 = ${answer}.`,
          `This is about half of a full square of ${n} * ${n} = ${n * n} runs, which is plausible for a triangle. The growth is quadratic.`,
        );
      } else if (kind === 'steps') {
        steps.push(
          `The outer loop counts 0, ${stride}, ${2 * stride} and so on, and stops before ${n}. The last value it reaches is ${(outer - 1) * stride}, since ${outer - 1} * ${stride} = ${(outer - 1) * stride} is still below ${n}.`,
          `Zero counts as a turn too, so the outer loop has ${outer - 1} + 1 = ${outer} turns. In each of them the inner loop makes ${m} turns.`,
          `Multiply the two numbers: ${outer} * ${m} = ${answer}.`,
          `A stride only divides the number by a constant, so the growth with the size is the same as without it.`,
        );
      } else {
        const chain = Array.from({ length: doublings + 1 }, (_, k) => 2 ** k);
        steps.push(
          `The inner loop doubles ${j} until it is no longer below ${n}. The values are ${chain.join(', ')}; the last of them is not below ${n}, so it ends the loop.`,
          `Each arrow from one value to the next is one turn, and there are ${chain.length} - 1 = ${doublings} of them. Doubling needs few turns because it covers any distance exponentially fast: that is logarithmic growth.`,
          `The variable ${j} starts again at 1 in each of the ${m} outer turns, so every outer turn costs the same ${doublings} runs.`,
          `Multiply the turns of both loops: ${m} * ${doublings} = ${answer}.`,
        );
      }
      steps.push(`The program prints this count. The answer is ${answer}.`);
      const full = outer - 1;
      const turns = {
        rectangle: [],
        triangle: [`${n} - 1 = ${n - 1}`],
        steps: [
          `${full} * ${stride} = ${full * stride}`,
          compared(full * stride, n),
          `${full} + 1 = ${outer}`,
        ],
        doubling: Array.from({ length: doublings + 1 }, (_, k) =>
          k < doublings ? `${compared(2 ** k, n)}, turn ${k + 1}` : compared(2 ** k, n),
        ),
      }[kind];
      const factors = {
        rectangle: [n, m],
        triangle: [n, n - 1],
        steps: [outer, m],
        doubling: [m, doublings],
      }[kind] as [number, number];
      const halving = kind === 'triangle' ? division(2 * answer, 2) : [];
      return {
        question: askAbout(scene, wording, program, wording.pick(COUNT_GOALS)),
        answer: String(answer),
        steps,
        work: [
          ...turns,
          `product ${factors.join(', ')}`,
          ...multiplication(...factors),
          ...halving,
          answerIs(answer),
        ],
        keywords: ['complexity', 'nested loops', 'count'],
      };
    },
  };
};

type Growth = 'O(1)' | 'O(log n)' | 'O(n)' | 'O(n log n)' | 'O(n^2)';

/** The parts of which a function is made: [lines, growth, why]; A and B stand for constants, I and J for loop variables. */
const BLOCKS: readonly (readonly [readonly string[], Growth, string])[] = [
  [
    ['for I in range(A):', '    T += B'],
    'O(1)',
    'a loop of a fixed number of turns, which does not depend on n at all',
  ],
  [
    ['I = 1', 'while I < n:', '    I *= A', '    T += B'],
    'O(log n)',
    'a loop whose variable is multiplied each time, which reaches n after a number of turns that grows like the logarithm of n',
  ],
  [
    ['for I in range(0, n, A):', '    T += B'],
    'O(n)',
    'a loop whose number of turns is n divided by a constant, and constants do not count',
  ],
  [
    ['for I in range(n + A):', '    T += B'],
    'O(n)',
    'a loop with n turns and a fixed number more, and fixed numbers do not count',
  ],
  [
    ['for I in range(n):', '    J = 1', '    while J < n:', '        J *= A', '        T += B'],
    'O(n log n)',
    'a loop of n turns with a multiplying loop inside, so n times a logarithm',
  ],
  [
    ['for I in range(n):', '    for J in range(0, n, A):', '        T += B'],
    'O(n^2)',
    'two nested loops whose numbers of turns both grow with n, so their product counts',
  ],
  [
    ['for I in range(n):', '    for J in range(I + A):', '        T += B'],
    'O(n^2)',
    'a triangle of turns, which is half of a square and grows like the square',
  ],
];
/** The loops of a block, each with the growth of its number of turns, e.g. `J *= A O(log n)`. */
function loopsOf(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const loop = /range\(.*\)|[IJ] \*= A/.exec(line)?.[0];
    if (!loop) return [];
    return `${loop} ${loop.includes('*=') ? 'O(log n)' : /[nI]/.test(loop.slice('range'.length)) ? 'O(n)' : 'O(1)'}`;
  });
}

const ORDER: readonly Growth[] = ['O(1)', 'O(log n)', 'O(n)', 'O(n log n)', 'O(n^2)'];

/** Big-O of a function of one, two or three blocks after each other. */
const growth: DrawForm = (random, difficulty) => {
  const count = byLevel(difficulty, 1, 2, 3);
  const blocks = Array.from({ length: count }, () => ({
    block: random.integer(0, BLOCKS.length - 1),
    a: random.integer(2, 9),
    b: random.integer(1, 9),
  }));
  const growths = blocks.map(({ block }) => BLOCKS[block]![1]);
  const answer = ORDER[Math.max(...growths.map((g) => ORDER.indexOf(g)))]!;
  return {
    form: 'growth',
    parameters: blocks.map(({ block, a, b }) => `${block}.${a}.${b}`).join(','),
    write(scene, wording) {
      const { total } = namesOf(scene);
      const name = scene.pick(['scan', 'collect', 'check', 'survey', 'update', 'sweep', 'visit', 'mix']);
      const [i, j] = scene.pick([
        ['i', 'j'],
        ['a', 'b'],
        ['p', 'q'],
        ['u', 'v'],
      ] as const);
      const fill = (line: string, a: number, b: number): string =>
        line.replace(
          /\b[ABIJT]\b/g,
          (letter) => ({ A: String(a), B: String(b), I: i, J: j, T: total })[letter] as string,
        );
      const body = blocks.flatMap(({ block, a, b }) =>
        BLOCKS[block]![0].map((line) => `    ${fill(line, a, b)}`),
      );
      const program = [`def ${name}(n):`, `    ${total} = 0`, ...body, `    return ${total}`];
      const goal = wording.pick([
        `What is the time complexity of ${name} in Big-O notation, in terms of n?`,
        `How does the running time of ${name} grow with n? Answer in Big-O notation.`,
        `Give the Big-O class of ${name} as a function of n, as simple as possible.`,
      ]);
      const ordinals = ['first', 'second', 'third'];
      const steps = [
        `Big-O describes how the number of operations grows when n becomes large. Constant factors and terms that grow more slowly are left out. Lines that run one after the other add up, loops inside loops multiply.`,
        ...blocks.map(
          ({ block }, k) =>
            `The ${ordinals[k]} part of the body is ${BLOCKS[block]![2]}. Each turn only adds a constant to ${total}, which takes constant time, so this part is ${BLOCKS[block]![1]}.`,
        ),
        count > 1
          ? `The parts run after each other, so their costs add up, and for large n the one that grows fastest outweighs the rest. Among ${growths.join(', ')} that is ${answer}.`
          : `Setting the start value and returning the result take constant time each and change nothing about the growth.`,
        `To test this, imagine doubling n: the number of turns would change as ${answer} says, whatever the constants are. The answer is ${answer}.`,
      ];
      return {
        question: askAbout(scene, wording, program, goal),
        answer,
        steps,
        work: [
          ...blocks.flatMap(({ block, a, b }) => {
            const loops = loopsOf(BLOCKS[block]![0]).map((loop) => fill(loop, a, b));
            return loops.length > 1 ? [...loops, `product ${BLOCKS[block]![1]}`] : loops;
          }),
          ...(count > 1 ? [`largest ${answer}`] : []),
          answerIs(answer),
        ],
        keywords: ['complexity', 'Big-O', 'growth'],
      };
    },
  };
};

export const complexity = topicOf('complexity', 'code', 'algorithms', [countRuns, growth]);
