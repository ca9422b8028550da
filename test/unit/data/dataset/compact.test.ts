/** Shared pieces of compact traces: lowest terms, decimal points, halves. */
import t from 'tap';
import { half, lowest, placePoint, reduction, writtenDigits } from '../../../../src/data/dataset/compact.js';

t.test('a fraction is brought to lowest terms, in a step only where that changes it', async (t) => {
  t.same(lowest(60, 84), [5, 7]);
  t.same(reduction(75, 100), ['75/100 = 3/4']);
  t.same(reduction(3, 4), []);
});

t.test('a decimal is an integer of its last written place, and gets its point at the end', async (t) => {
  t.same(writtenDigits(1250, 2), [125, 1]);
  t.same(writtenDigits(300, 2), [3, 0]);
  t.same(writtenDigits(40, 0), [40, 0], 'zeros of a whole number stay');
  t.same(placePoint(1250, 2), ['1250 / 100 = 12.5']);
  t.same(placePoint(12, 0), []);
});

t.test('half of an odd number ends in .5', async (t) => {
  t.same(half(86).at(-1), '86 / 2 = 43');
  t.same(half(7), ['7 * 5 = 35', '35 / 10 = 3.5']);
});
