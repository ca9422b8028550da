/** Shapley values on games whose shares are known. */
import t from 'tap';
import { shapleyValues } from '../../../lab/debate/shapley.js';
import { role } from '../../../src/protocol/fields.js';
import { Random } from '../../../src/random.js';

const PLAYERS = role.options;

/** A game with any worth for any coalition. */
function randomGame(seed: number): (coalition: readonly string[]) => number {
  return (coalition) => new Random(seed, coalition.join('+')).normal();
}

t.test('shares add up to what all are worth together', async (t) => {
  for (let seed = 0; seed < 200; seed++) {
    const value = randomGame(seed);
    const shares = shapleyValues(PLAYERS, value);
    const sum = Object.values(shares).reduce((total, share) => total + share, 0);
    if (Math.abs(sum - (value(PLAYERS) - value([]))) > 1e-9) t.fail(`seed ${seed}: ${sum}`);
  }
  t.equal(Object.keys(shapleyValues(PLAYERS, randomGame(0))).length, 4);
});

t.test('a role that changes nothing gets nothing', async (t) => {
  const shares = Array.from({ length: 50 }, (_, seed) => {
    const value = randomGame(seed);
    return shapleyValues(PLAYERS, (coalition) => value(coalition.filter((each) => each !== 'skeptic')))
      .skeptic;
  });
  t.strictSame(new Set(shares), new Set([0]));
});

t.test('interchangeable roles get the same', async (t) => {
  for (let seed = 0; seed < 50; seed++) {
    const value = randomGame(seed);
    const { forward, backward } = shapleyValues(PLAYERS, (coalition) => {
      const debaters = coalition.filter((each) => each === 'forward' || each === 'backward').length;
      return value([
        String(debaters),
        ...coalition.filter((each) => each !== 'forward' && each !== 'backward'),
      ]);
    });
    if (Math.abs(forward - backward) > 1e-12) t.fail(`seed ${seed}`);
  }
  // Three votes of four decide: each role is pivotal in a fourth of the orders.
  const majority = shapleyValues(PLAYERS, (coalition) => Number(coalition.length >= 3));
  for (const share of Object.values(majority)) t.ok(Math.abs(share - 0.25) < 1e-12);
});

t.test('the glove game is shared out as published', async (t) => {
  // One left glove and two right ones, a pair is worth 1: 2/3, 1/6, 1/6.
  const shares = shapleyValues(['left', 'right', 'other right'], (coalition) =>
    Number(coalition.includes('left') && coalition.length > 1),
  );
  t.ok(Math.abs(shares.left - 2 / 3) < 1e-12);
  t.ok(Math.abs(shares.right - 1 / 6) < 1e-12);
});

t.test('five players, or one twice, are refused', async (t) => {
  t.throws(() => shapleyValues(['a', 'b', 'c', 'd', 'e'], () => 0), { code: 'INTERNAL' });
  t.throws(() => shapleyValues(['a', 'a'], () => 0), { code: 'INTERNAL' });
});
