import t from 'tap';
import { deadGroupChance, expectedVariance, varianceParts } from '../../../lab/annealing/signal.js';
import { Random } from '../../../src/random.js';

/** E[S²] and P(all rewards equal) by enumeration of all outcomes. */
function enumerate(chances: readonly number[]): { variance: number; dead: number } {
  const size = chances.length;
  let [variance, dead] = [0, 0];
  for (let outcome = 0; outcome < 2 ** size; outcome++) {
    const rewards = chances.map((_, g) => (outcome >> g) & 1);
    const chance = chances.reduce((product, p, g) => product * (rewards[g] === 1 ? p : 1 - p), 1);
    const mean = rewards.reduce<number>((sum, reward) => sum + reward, 0) / size;
    const squares = rewards.reduce<number>((sum, reward) => sum + (reward - mean) ** 2, 0);
    variance += (chance * squares) / (size - 1);
    if (squares === 0) dead += chance;
  }
  return { variance, dead };
}

t.test('the expected variance is that of enumeration, to 1e-12, and its parts add up', async (t) => {
  const faults: number[] = [];
  for (let seed = 0; seed < 50; seed++) {
    const random = new Random('signal', seed);
    const chances = Array.from({ length: 2 + (seed % 7) }, () => random.uniform());
    const { variance, dead } = enumerate(chances);
    const { within, between } = varianceParts(chances);
    const differences = [
      expectedVariance(chances) - variance,
      deadGroupChance(chances) - dead,
      within + between - variance,
    ];
    if (differences.some((difference) => !(Math.abs(difference) < 1e-12))) faults.push(seed);
  }
  t.strictSame(faults, []);
});

t.test('eight sure slots teach little, half of them with a hopeless strategy much', async (t) => {
  const sure = new Array<number>(8).fill(0.95);
  t.ok(Math.abs(expectedVariance(sure) - 0.0475) < 1e-12);
  t.ok(Math.abs(deadGroupChance(sure) - 0.663) < 1e-3);
  const mixed = sure.map((p, g) => (g < 4 ? p : 0.05));
  t.ok(Math.abs(expectedVariance(mixed) - 0.279) < 1e-3);
  t.ok(deadGroupChance(mixed) < 1e-4);
  t.ok(Math.abs(varianceParts(mixed).within - 0.0475) < 1e-12, 'none of it within a strategy');
});

t.test('a group of none or one has no variance', async (t) => {
  for (const chances of [[], [0.3]]) {
    t.equal(expectedVariance(chances), 0);
    t.same(varianceParts(chances), { within: 0, between: 0 });
    t.equal(deadGroupChance(chances), 1);
  }
});
