/** Drills: bare arithmetic whose answers and steps are recomputed here in integers of any size. */
import t from 'tap';
import { type Drill, drawDrill } from '../../../src/data/drills.js';
import { type Split, splitOf } from '../../../src/data/splits.js';
import { Random } from '../../../src/random.js';
import { equationsOf } from '../../kit/equations.js';

const SEED = 17;
const DRILLS = 3000;
const SPLITS: readonly Split[] = ['pretrain', 'train', 'evaluation'];

function drills(split: Split): Drill[] {
  return Array.from({ length: DRILLS }, (_, i) => drawDrill(new Random(SEED, 'drills', split, i), split));
}

/** Operands and sign of a question. */
function read(question: string): readonly [a: bigint, sign: string, b: bigint] {
  const [, a, sign, b] = /^What is (\d+) ([-+*/]) (\d+)\?$/.exec(question) as unknown as string[];
  return [BigInt(a!), sign!, BigInt(b!)];
}

t.test('every answer is the one that integers of any size give', async (t) => {
  const counts: Record<string, number> = {};
  for (const { question, answer } of drills('pretrain')) {
    const [a, sign, b] = read(question);
    counts[sign] = (counts[sign] ?? 0) + 1;
    if (sign === '/' && a % b !== 0n) t.fail(`${question} has a remainder`);
    const expected = { '+': a + b, '-': a - b, '*': a * b, '/': a / b }[sign];
    if (String(expected) !== answer) t.fail(`seed ${SEED}: ${question} ${answer}, expected ${expected}`);
  }
  t.same(Object.keys(counts).sort(), ['*', '+', '-', '/']);
  for (const [sign, count] of Object.entries(counts)) t.ok(count > DRILLS / 5, `${count} with ${sign}`);
});

t.test('every step holds, and the last one states question and answer', async (t) => {
  let equations = 0;
  for (const { question, answer, work } of drills('pretrain')) {
    const { all, wrong } = equationsOf(`${work.join('. ')}.`);
    equations += all.length;
    if (wrong.length > 0) t.fail(`seed ${SEED}: ${question} ${wrong.join(', ')}`);
    const [a, sign, b] = read(question);
    if (work.at(-1) !== `${a} ${sign} ${b} = ${answer}`) t.fail(`${question} ends with ${work.at(-1)}`);
  }
  t.ok(equations > 2 * DRILLS, `${equations} equations`);
});

t.test('a drill is in the split that it was drawn for, and its question in no other', async (t) => {
  const ownerOf = new Map<string, Split>();
  for (const split of SPLITS) {
    for (const { question } of drills(split)) {
      const [a, sign, b] = read(question);
      if (splitOf(`drill:${a}${sign}${b}`) !== split) t.fail(`${question} was drawn for ${split}`);
      if ((ownerOf.get(question) ?? split) !== split) t.fail(`${question} is in two splits`);
      ownerOf.set(question, split);
    }
  }
  t.ok(ownerOf.size > DRILLS, `${ownerOf.size} different drills`);
});

t.test('operands have up to three digits, two in a second factor, and quotients come out even', async (t) => {
  const largest: Record<string, readonly [bigint, bigint]> = {};
  for (const { question } of drills('pretrain')) {
    const [a, sign, b] = read(question);
    const left = sign === '/' ? a / b : a;
    if (left < 2n || left > 999n || b < 2n || b > 99n) t.fail(question);
    const [x, y] = largest[sign] ?? [0n, 0n];
    largest[sign] = [left > x ? left : x, b > y ? b : y];
  }
  for (const [sign, [a, b]] of Object.entries(largest)) t.ok(a > 900n && b > 90n, `${sign}: ${a}, ${b}`);
});

t.test('equal streams draw equal drills', async (t) => {
  t.same(drills('train').slice(0, 50), drills('train').slice(0, 50));
  t.notSame(drawDrill(new Random(1), 'train'), drawDrill(new Random(2), 'train'));
});
