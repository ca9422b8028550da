/** Compact traces of the code and logic topics: short, true in every equation and comparison, and ending in the answer. */
import t from 'tap';
import { TOPICS } from '../../../../src/data/dataset/catalogue.js';
import { DIFFICULTIES, type Written } from '../../../../src/data/dataset/example.js';
import { PEOPLE } from '../../../../src/data/dataset/scenes.js';
import { changed, scaled } from '../../../../src/data/dataset/topics/compact-work.js';
import { Random } from '../../../../src/random.js';
import { checkArithmetic } from '../../../../src/rewards/arithmetic.js';
import { Checks } from '../../../kit/checks.js';

const EXAMPLES = 400;
const MAX_TOKENS = 200;
/** Bounds on the mean length of a topic's traces. */
const MEAN_TOKENS = { easy: 70, medium: 110, hard: 170 } as const;
/** One digit, one word or one run of signs. */
const TOKEN = /[0-9]|[A-Za-z]+|[^A-Za-z0-9\s]+/gu;

const topics = TOPICS.filter(({ type }) => type === 'code' || type === 'logic_puzzle');
const textOf = (work: readonly string[]): string => `${work.join('. ')}.`;

/** The value of a side without parentheses, worked out from left to right: no trace mixes sums and products in one equation. */
function evaluated(side: string): number {
  const [first, ...rest] = side.trim().split(' ');
  let value = Number(first);
  for (let i = 0; i < rest.length; i += 2) {
    const operand = Number(rest[i + 1]);
    const results: Record<string, number> = {
      '+': value + operand,
      '-': value - operand,
      '*': value * operand,
      '/': value / operand,
      '%': value % operand,
    };
    value = results[rest[i]!] ?? Number.NaN;
  }
  return value;
}

/** Equations and comparisons of numbers that do not hold. */
function falseStatements(text: string): string[] {
  return text.split(/[.,:](?: |$)/).filter((piece) => {
    const [, left, sign, right] = /^([-+*/%0-9 ]+) ([<>=]) (-?[0-9]+)$/.exec(piece) ?? [];
    if (left === undefined || right === undefined) return false;
    const [a, b] = [evaluated(left), Number(right)];
    return !(sign === '<' ? a < b : sign === '>' ? a > b : a === b);
  });
}

/** What is wrong with a compact trace. */
function faultsOf({ question, answer, work = [] }: Written): string[] {
  const text = textOf(work);
  const faults: string[] = [];
  if (work.at(-1) !== `answer ${answer}`) faults.push(`ends in "${work.at(-1)}" instead of ${answer}`);
  if (checkArithmetic(text).wrong > 0) faults.push('a wrong equation');
  faults.push(...falseStatements(text));
  for (const name of text.match(/[A-Z][a-z]+/g) ?? []) {
    const isPerson = (PEOPLE as readonly string[]).includes(name);
    if (!isPerson || !question.includes(name)) faults.push(`${name} is not in the question`);
  }
  if (work.some((entry) => entry.endsWith('.') || entry.trim() === ''))
    faults.push('an entry is empty or ends in a stop');
  return faults.map((fault) => `${fault}: ${text}`);
}

for (const topic of topics) {
  t.test(`the compact traces of ${topic.name} are true, short and end in the answer`, async (t) => {
    for (const difficulty of DIFFICULTIES) {
      let total = 0;
      let longest = 0;
      const faults: string[] = [];
      for (let seed = 0; seed < EXAMPLES; seed++) {
        const drawn = topic.draw(new Random(seed, topic.name, difficulty), difficulty);
        const written = drawn.write(new Random(seed, 'scene'), new Random(seed, 'wording'));
        faults.push(...faultsOf(written).map((fault) => `seed ${seed}, ${drawn.form}: ${fault}`));
        const length = textOf(written.work ?? []).match(TOKEN)?.length ?? 0;
        total += length;
        longest = Math.max(longest, length);
      }
      t.same(faults.slice(0, 3), []);
      t.ok(longest <= MAX_TOKENS, `${difficulty}: ${longest} tokens`);
      t.ok(
        total / EXAMPLES <= MEAN_TOKENS[difficulty],
        `${difficulty}: ${total / EXAMPLES} tokens on average`,
      );
      t.comment(`${topic.name} ${difficulty}: mean ${(total / EXAMPLES).toFixed(0)}, longest ${longest}`);
    }
  });
}

function worksOf(topicName: string): { readonly work: readonly string[]; readonly answer: string }[] {
  const topic = topics.find(({ name }) => name === topicName)!;
  return Array.from({ length: EXAMPLES }, (_, seed) => {
    const difficulty = DIFFICULTIES[seed % 3]!;
    const drawn = topic.draw(new Random(seed, 'search', difficulty), difficulty);
    const { work = [], answer } = drawn.write(new Random(seed, 'scene'), new Random(seed, 'wording'));
    return { work, answer };
  });
}

t.test('no row that is given up is the beginning of the solution', async (t) => {
  const checks = new Checks();
  for (const { work } of worksOf('constraint_satisfaction')) {
    const solution = work.at(-2)!.replace(/(^|, )[a-z]+ /g, '$1');
    const begins = work.slice(0, -2).filter((row) => solution.startsWith(row.replace(/,? ?no$/, '')));
    checks.same(begins, [], work.join('. '));
  }
  checks.report(t, { moreThan: 399 });
});

t.test('the first world that fits is the answer, and no world before it does', async (t) => {
  const checks = new Checks();
  for (const { work, answer } of worksOf('knights_and_knaves')) {
    const worlds = work.slice(0, -1);
    checks.same(
      worlds.findIndex((world) => world.endsWith('fits')),
      worlds.length - 1,
      work.join('. '),
    );
    checks.same(worlds.at(-1)!.split(':')[0], answer, work.join('. '));
  }
  checks.report(t, { moreThan: 799 });
});

t.test('a sum in a loop is split where a place below the highest one carries', async (t) => {
  t.same(changed(41, '+', 28), ['41 + 28 = 69']);
  t.same(changed(69, '+', 74), ['69 + 70 = 139', '139 + 4 = 143']);
  t.same(changed(57, '-', 29), ['57 - 20 = 37', '37 - 9 = 28']);
  t.same(changed(3, '-', 8), ['8 - 3 = 5', '3 - 8 = -5']);
  t.same(changed(0, '-', 8), ['0 - 8 = -8']);
  t.same(changed(-17, '-', 26), ['-17 - 26 = -43']);
});

t.test('a product in a loop by a factor above ten takes the tens first', async (t) => {
  t.same(scaled(9, 12), ['9 * 12 = 108']);
  t.same(scaled(90, 11), ['90 * 10 = 900', '900 + 90 = 990', '90 * 11 = 990']);
  t.same(scaled(1320, 13), ['1320 * 13 = 17160']);
});

t.test('the checks of this file find what is wrong', async (t) => {
  const fine: Written = {
    question: 'Maya?',
    answer: '7',
    steps: [],
    keywords: [],
    work: ['3 < 4', '3 + 4 = 7', 'answer 7'],
  };
  t.same(faultsOf(fine), []);
  t.equal(faultsOf({ ...fine, work: ['5 < 4', '9 % 2 = 0', '3 + 4 = 8', 'Omar', 'answer 8.'] }).length, 7);
});
