/** Drills: bare arithmetic whose answers and steps are recomputed here in integers of any size. */
import t from 'tap';
import { type Drill, drawDrill } from '../../../src/data/drills.js';
import { type Split, splitOf } from '../../../src/data/splits.js';
import { Random } from '../../../src/random.js';
import { equationsOf } from '../../kit/equations.js';

const SEED = 17;
const DRILLS = 3000;
const SPLITS: readonly Split[] = ['pretrain', 'train', 'evaluation'];
const WORDINGS = [/^What is (.+)\?$/, /^Calculate (.+)\.$/, /^Work out (.+)\.$/, /^(.+) = \?$/];

function drills(split: Split): Drill[] {
  return Array.from({ length: DRILLS }, (_, i) => drawDrill(new Random(SEED, 'drills', split, i), split));
}

interface Calculation {
  readonly expression: string;
  readonly kind: string;
  readonly numbers: readonly bigint[];
  /** Of a division in integers, and what it leaves. */
  readonly answer: bigint;
  readonly remainder: bigint;
}

/** The calculation that a question asks for. */
function read(question: string): Calculation {
  const expression = WORDINGS.map((wording) => wording.exec(question)?.[1]).find(
    (each) => each !== undefined,
  )!;
  const numbers = Array.from(expression.matchAll(/\d+/g), ([digits]) => BigInt(digits));
  const kind = expression.replace(/\d+/g, '').trim();
  const [a, b, c] = numbers as [bigint, bigint, bigint];
  const divided = (x: bigint, y: bigint) => ({ answer: x / y, remainder: x % y });
  const whole = (answer: bigint) => ({ answer, remainder: 0n });
  const results: Record<string, () => { answer: bigint; remainder: bigint }> = {
    '+': () => whole(a + b),
    '-': () => whole(a - b),
    '*': () => whole(a * b),
    '/': () => divided(a, b),
    '% of': () => divided(a * b, 100n),
    '/ of': () => divided(a * c, b),
  };
  return { expression, kind, numbers, ...results[kind]!() };
}

t.test('every answer is the one that integers of any size give', async (t) => {
  const counts: Record<string, number> = {};
  for (const { question, answer } of drills('pretrain')) {
    const expected = read(question);
    counts[expected.kind] = (counts[expected.kind] ?? 0) + 1;
    if (expected.remainder !== 0n) t.fail(`${question} has a remainder`);
    if (String(expected.answer) !== answer)
      t.fail(`seed ${SEED}: ${question} ${answer}, expected ${expected.answer}`);
  }
  t.same(Object.keys(counts).sort(), ['% of', '*', '+', '-', '/', '/ of']);
  for (const [kind, count] of Object.entries(counts)) t.ok(count > DRILLS / 8, `${count} with ${kind}`);
});

t.test('every step holds, and the last one gives the answer', async (t) => {
  let equations = 0;
  for (const { question, answer, work } of drills('pretrain')) {
    const { all, wrong } = equationsOf(`${work.join('. ')}.`);
    equations += all.length;
    if (wrong.length > 0) t.fail(`seed ${SEED}: ${question} ${wrong.join(', ')}`);
    const { expression, kind } = read(question);
    const last = work.at(-1)!;
    const isAnswered = kind.endsWith('of')
      ? last.endsWith(` = ${answer}`)
      : last === `${expression} = ${answer}`;
    if (!isAnswered) t.fail(`${question} ends with ${last}`);
  }
  t.ok(equations > 2 * DRILLS, `${equations} equations`);
});

t.test('a drill is in the split that it was drawn for, and its calculation in no other', async (t) => {
  const ownerOf = new Map<string, Split>();
  for (const split of SPLITS) {
    for (const { question } of drills(split)) {
      const { expression } = read(question);
      if (splitOf(`drill:${expression}`) !== split) t.fail(`${question} was drawn for ${split}`);
      if ((ownerOf.get(expression) ?? split) !== split) t.fail(`${question} is in two splits`);
      ownerOf.set(expression, split);
    }
  }
  t.ok(ownerOf.size > DRILLS, `${ownerOf.size} different drills`);
});

t.test('operands have up to three digits, two in a second factor, and quotients come out even', async (t) => {
  const largest: Record<string, readonly [bigint, bigint]> = {};
  for (const { question } of drills('pretrain')) {
    const { kind, numbers } = read(question);
    const [first, b, whole] = numbers as [bigint, bigint, bigint | undefined];
    if (kind === '/ of' ? whole! > 999n || first >= b : kind === '% of' ? b > 999n || first > 99n : false)
      t.fail(question);
    if (kind.endsWith('of')) continue;
    const left = kind === '/' ? first / b : first;
    if (left < 2n || left > 999n || b < 2n || b > 99n) t.fail(question);
    const [x, y] = largest[kind] ?? [0n, 0n];
    largest[kind] = [left > x ? left : x, b > y ? b : y];
  }
  for (const [sign, [a, b]] of Object.entries(largest)) t.ok(a > 900n && b > 90n, `${sign}: ${a}, ${b}`);
});

t.test('every wording is drawn', async (t) => {
  for (const wording of WORDINGS)
    t.ok(
      drills('train').some(({ question }) => wording.test(question)),
      `${wording}`,
    );
});

t.test('equal streams draw equal drills', async (t) => {
  t.same(drills('train').slice(0, 50), drills('train').slice(0, 50));
  t.notSame(drawDrill(new Random(1), 'train'), drawDrill(new Random(2), 'train'));
});
