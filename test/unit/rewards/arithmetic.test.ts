import t from 'tap';
import { Random } from '../../../src/random.js';
import { checkArithmetic } from '../../../src/rewards/arithmetic.js';
import { Checks } from '../../kit/checks.js';

t.test('equations of numbers are found and checked', async (t) => {
  const cases: readonly (readonly [text: string, checked: number, wrong: number])[] = [
    ['3 * 4 = 12', 1, 0],
    ['3 * 4 = 13', 1, 1],
    ['3 × 4 = 12, 12 ÷ 5 = 2.4 and 2.4 − 5 = -2.6.', 3, 0],
    ['Step 1: 15% = 15/100 = 0.15. Step 2: 0.15 × 240 = 36', 3, 0],
    ['0.15 * 240 = 35', 1, 1],
    ['1,200 + 34 = 1,234', 1, 0],
    ['0 + 1 = 1, 100 + 2 = 102', 2, 0],
    ['2^10 = 1024, 2**3 = 8, (1 + 2) * 3 = 9', 3, 0],
    ['2 + 3 * 4 = 20', 1, 1],
    ['-3 + 5 = 2, 5 - -3 = 8', 2, 0],
    ['17 // 5 = 3, -7 // 2 = -4', 2, 0],
    ['10 / 3 = 3.33, 2 / 3 = 0.67, 2 / 3 = 0.66', 3, 1],
    ['10 / 3 = 3', 1, 1],
    ['3 x 4 = 12, 3 x 4 = 13', 2, 1],
    ['the sum of 3 and 4 = 7', 0, 0],
    ['$5 + $6 = $11', 1, 0],
    ['1 + 2 = 3 = 4 - 1 = 5', 3, 1],
    ['so 12 / 4 = 3 apples', 1, 0],
    // Not arithmetic, or not all of it: not judged.
    ['2x + 3 = 7, x = 2', 0, 0],
    ['x - 3 = 7', 0, 0],
    ['y = 3x = 12', 0, 0],
    ['f(3) = 9', 0, 0],
    ['sqrt(9) = 3, 5! = 120', 0, 0],
    ['3 plus 4 = 7', 0, 0],
    ['half of 8 = 4', 0, 0],
    ['17 mod 5 = 2, 17 % 5 = 2', 0, 0],
    ['5 = 5', 0, 0],
    ['1 / 0 = 0', 0, 0],
    ['(3 + 4 = 7', 0, 0],
    ['a == 3 + 4, 3 + 4 <= 7', 0, 0],
    ['t = 3', 0, 0],
    ['9^9^9^9 = 1', 0, 0],
    ['', 0, 0],
  ];
  for (const [text, checked, wrong] of cases) t.same(checkArithmetic(text), { checked, wrong }, text);
});

t.test('a sum is right and its neighbours are wrong', async (t) => {
  const checks = new Checks();
  const random = new Random(4, 'sums');
  for (let i = 0; i < 500; i++) {
    const [a, b] = [random.integer(0, 999), random.integer(1, 999)];
    const text = `${a} + ${b} = ${a + b}, ${a} * ${b} = ${a * b}`;
    checks.same(checkArithmetic(text), { checked: 2, wrong: 0 }, text);
    const off = `${a} + ${b} = ${a + b + random.pick([-10, -1, 1, 10])}`;
    checks.same(checkArithmetic(off), { checked: 1, wrong: 1 }, off);
  }
  checks.report(t, { moreThan: 999 });
});

t.test('long texts of any kind are read at once', async (t) => {
  for (const unit of ['1=', '1+', '(', '1', '9^', '1,', '= ', 'x ', '1%', '.', '**']) {
    t.same(checkArithmetic(unit.repeat(100_000)), { checked: 0, wrong: 0 }, unit);
  }
  // Only the beginning of a long text is read; the last equation of it is cut short.
  t.same(checkArithmetic('1 = 1 + '.repeat(100_000)), { checked: 4999, wrong: 1 });
});
