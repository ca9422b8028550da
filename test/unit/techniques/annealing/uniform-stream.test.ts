import t from 'tap';
import { Random } from '../../../../src/random.js';
import { UniformStream } from '../../../../src/techniques/annealing/uniform-stream.js';

const COUNT = 200_000;

function draws(...keys: (number | string)[]): Float64Array {
  const stream = new UniformStream(new Random(...keys));
  return Float64Array.from({ length: COUNT }, () => stream.next());
}

t.test('the same source gives the same sequence, another source another one', async (t) => {
  t.same(draws(1, 'a').subarray(0, 5000), draws(1, 'a').subarray(0, 5000));
  t.notSame(draws(1, 'a').subarray(0, 10), draws(1, 'b').subarray(0, 10));
});

t.test('values lie strictly between 0 and 1, evenly and without memory', async (t) => {
  for (const seed of [1, 2, 3]) {
    const values = draws(seed, 'uniformity');
    t.ok(
      values.every((value) => value > 0 && value < 1),
      `seed ${seed}`,
    );
    const counts = new Float64Array(64);
    let product = 0;
    values.forEach((value, i) => {
      counts[Math.floor(value * 64)]!++;
      product += (value - 0.5) * ((values[i - 1] ?? 0.5) - 0.5);
    });
    const expected = COUNT / 64;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 63 degrees of freedom: mean 63, deviation 11.2.
    t.ok(chiSquare > 25 && chiSquare < 120, `seed ${seed}: chi square ${chiSquare}`);
    // Correlation of neighbours has deviation 1/sqrt(COUNT); a product of two uniforms has variance 1/144.
    t.ok(
      Math.abs((product * 12) / COUNT) < 5 / Math.sqrt(COUNT),
      `seed ${seed}: correlation ${(product * 12) / COUNT}`,
    );
  }
});
