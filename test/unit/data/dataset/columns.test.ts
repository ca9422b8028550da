/** Arithmetic in columns: every equation holds, small steps only, and the last one states the whole result. */
import t from 'tap';
import {
  addition,
  division,
  multiplication,
  shift,
  subtraction,
} from '../../../../src/data/dataset/columns.js';
import { Random } from '../../../../src/random.js';

type Columns = (a: number, b: number) => string[];

const EXACT: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
};

/** Whether `a + b + c = d`, `a - b = c`, `a * b = c` or `a / b = c` holds; anything else does not. */
function holds(equation: string): boolean {
  const [left, right, ...rest] = equation.split(' = ');
  const terms = left!.split(' ');
  if (right === undefined || rest.length > 0 || terms.length < 3) return false;
  const result = BigInt(right);
  if (terms[1] === '/') return terms.length === 3 && result * BigInt(terms[2]!) === BigInt(terms[0]!);
  let value = BigInt(terms[0]!);
  for (let i = 1; i < terms.length; i += 2) value = EXACT[terms[i]!]!(value, BigInt(terms[i + 1]!));
  return value === result;
}

const SEED = 5;
const random = new Random(SEED, 'columns');
/** An integer of 1 to `digits` digits and any sign. */
const anyInteger = (digits: number): number =>
  random.integer(0, 10 ** random.integer(1, digits) - 1) * (random.integer(0, 3) === 0 ? -1 : 1);

const EDGES = [
  0, 1, -1, 2, 9, 10, 12, 13, 19, 20, 21, 99, 100, 101, 110, 909, 1000, 1001, 9999, -10, -100, -999,
];

/** Why the steps of a op b are wrong, or nothing. */
function faults(columns: Columns, sign: string, a: number, b: number, result: number): string[] {
  const steps = columns(a, b);
  const where = `${a} ${sign} ${b}, seed ${SEED}`;
  const wrong = steps.flatMap((step) => step.split(', ')).filter((equation) => !holds(equation));
  if (steps.at(-1) !== `${a} ${sign} ${b} = ${result}`) wrong.push(`ends with ${steps.at(-1)}`);
  return wrong.map((what) => `${where}: ${what}`);
}

t.test('sums, differences and products hold in every column and end with the whole result', async (t) => {
  const pairs = EDGES.flatMap((a) => EDGES.map((b) => [a, b] as const));
  for (let i = 0; i < 3000; i++) pairs.push([anyInteger(6), anyInteger(6)]);
  t.same(
    pairs.flatMap(([a, b]) => [
      ...faults(addition, '+', a, b, a + b),
      ...faults(subtraction, '-', a, b, a - b),
      ...faults(multiplication, '*', a % 10_000, b % 10_000, (a % 10_000) * (b % 10_000)),
    ]),
    [],
  );
});

t.test('quotients hold in every step and end with the whole result', async (t) => {
  const pairs = EDGES.map((quotient) => [13, quotient] as [number, number]);
  for (let i = 0; i < 3000; i++) pairs.push([anyInteger(3) || 7, anyInteger(4)]);
  t.same(
    pairs.flatMap(([b, quotient]) => faults(division, '/', b * quotient, b, quotient)),
    [],
  );
  t.throws(() => division(7, 2), { code: 'INTERNAL' });
});

t.test('a column holds two digits, and what is carried or borrowed', async (t) => {
  const wide: string[] = [];
  for (let i = 0; i < 500; i++) {
    const [small, large] = [random.integer(0, 99_999), random.integer(0, 99_999)].sort((a, b) => a - b);
    wide.push(
      ...addition(small!, large!)
        .slice(0, -1)
        .filter((step) => !/^\d \+ \d( \+ 1)? = \d{1,2}$/.test(step)),
      ...subtraction(large!, small!)
        .slice(0, -1)
        .filter((step) => !/^1?\d - \d( - 1)? = \d$/.test(step)),
    );
  }
  t.same(wide, [], `seed ${SEED}`);
});

t.test('columns are written as on paper', async (t) => {
  t.same(addition(58, 85), ['8 + 5 = 13', '5 + 8 + 1 = 14', '58 + 85 = 143']);
  t.same(addition(1410, 282), ['1 + 8 = 9', '4 + 2 = 6', '1410 + 282 = 1692']);
  t.same(addition(1200, 35), ['1200 + 35 = 1235'], 'digits beside zeros are copied');
  t.same(subtraction(143, 58), ['13 - 8 = 5', '14 - 5 - 1 = 8', '143 - 58 = 85'], 'and no zero in front');
  t.same(subtraction(-79, 12), ['9 + 2 = 11', '7 + 1 + 1 = 9', '79 + 12 = 91', '-79 - 12 = -91']);
  t.same(multiplication(47, 6), ['7 * 6 = 42', '4 * 6 = 24, 24 + 4 = 28', '47 * 6 = 282']);
  t.same(multiplication(40, 30), ['4 * 3 = 12', '40 * 30 = 1200']);
  t.same(multiplication(23, 14).slice(-2), ['46 * 7 = 322', '23 * 14 = 322'], 'factor by factor');
  t.same(division(435, 3), [
    '3 * 1 = 3, 4 - 3 = 1',
    '3 * 4 = 12, 13 - 12 = 1',
    '3 * 5 = 15',
    '435 / 3 = 145',
  ]);
  t.same(division(288, 48).slice(-3), ['288 / 6 = 48', '48 / 8 = 6', '288 / 48 = 6']);
  t.same(division(564, 47).at(-2), '47 * 2 = 94');
  t.equal(shift(42, 2), '42 * 100 = 4200');
});
