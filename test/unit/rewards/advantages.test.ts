import { readFileSync } from 'node:fs';
import t from 'tap';
import { Random } from '../../../src/random.js';
import { groupAdvantages, weightedAdvantages } from '../../../src/rewards/advantages.js';
import { fixture } from '../../kit/root.js';

interface Oracle {
  readonly epsilon: number;
  readonly cases: readonly {
    readonly name: string;
    readonly rewards: readonly (readonly number[])[];
    readonly deviations: readonly number[];
    readonly advantages: Readonly<Record<'group' | 'none', readonly (readonly number[])[]>>;
  }[];
}

const { epsilon, cases } = JSON.parse(readFileSync(fixture('grpo', 'advantages.json'), 'utf8')) as Oracle;
t.ok(cases.length > 0, 'the fixture has cases');

for (const { name, rewards, deviations, advantages } of cases) {
  t.test(`${name}: means, deviations and advantages are PyTorch's`, async (t) => {
    for (const scale of ['group', 'none'] as const) {
      rewards.forEach((group, g) => {
        const float32 = Float32Array.from(group);
        const result = groupAdvantages(float32, float32, { scale, epsilon });
        t.ok(Math.abs(result.deviation - (deviations[g] ?? 0)) < 1e-5, `deviation ${result.deviation}`);
        result.advantages.forEach((advantage, i) => {
          const expected = advantages[scale][g]![i]!;
          // Rewards are float32: their rounding is 6e-8 of the largest.
          const tolerance = 1e-5 * Math.max(1, Math.abs(expected));
          t.ok(Math.abs(advantage - expected) < tolerance, `${scale}: ${advantage}, expected ${expected}`);
        });
      });
    }
  });
}

const both = (rewards: readonly number[], outcomes = rewards) =>
  groupAdvantages(Float32Array.from(rewards), Float32Array.from(outcomes), { scale: 'group', epsilon });

t.test('a group with nothing to compare is dead: every advantage is exactly zero', async (t) => {
  for (const rewards of [
    [0.7],
    [0.3, 0.3, 0.3],
    [1 / 3, 1 / 3, 1 / 3, 1 / 3, 1 / 3],
    [1e6, 1e6],
    [-0.1, -0.1],
  ]) {
    const { advantages, isDead } = both(rewards);
    t.ok(isDead, `${rewards}`);
    t.ok(advantages.every((advantage) => Object.is(advantage, 0)));
  }
});

t.test('shaping alone does not revive a group', async (t) => {
  const { advantages, isDead } = both([1.5, 1, 1, 1.2], [1, 1, 1, 1]);
  t.ok(isDead);
  t.ok(advantages.every((advantage) => advantage === 0));
});

t.test('in a living group shaping rewards count', async (t) => {
  // Rewards 1.5, 1, 0, 0: mean 0.625, deviation sqrt((0.765625 + 0.140625 + 2 · 0.390625) / 3) = 0.75
  const { advantages, isDead, mean, deviation } = both([1.5, 1, 0, 0], [1, 1, 0, 0]);
  t.notOk(isDead);
  t.equal(mean, 0.625);
  t.equal(deviation, 0.75);
  t.equal(advantages[0], Math.fround(0.875 / 0.7501));
  t.ok(Math.abs(advantages.reduce((sum, a) => sum + a, 0)) < 1e-6);
});

// ---- completions that count unequally

const SCALE = { scale: 'group', epsilon: 1e-4 } as const;
const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-12;
const equal = (size: number): Float64Array => new Float64Array(size).fill(1 / size);

t.test('with equal weights the advantages are those of a group', async (t) => {
  let [compared, faults] = [0, 0];
  for (let seed = 0; seed < 200; seed++) {
    const random = new Random(seed, 'star');
    // Rewards that float32 holds exactly, as groups have them.
    const rewards = Float64Array.from({ length: random.integer(2, 16) }, () => random.integer(-8, 8) / 8);
    for (const scale of ['group', 'none'] as const) {
      const { advantages } = weightedAdvantages(rewards, equal(rewards.length), rewards, { ...SCALE, scale });
      const float32 = Float32Array.from(rewards);
      const group = groupAdvantages(float32, float32, { ...SCALE, scale });
      advantages.forEach((advantage, i) => {
        compared++;
        if (!isNear(Math.fround(advantage), group.advantages[i]!)) faults++;
      });
    }
  }
  t.equal(faults, 0);
  t.ok(compared > 2000);
});

t.test('weights count as repetitions do', async (t) => {
  // One completion drawn twice and one drawn once: mean 2/3, Σ w (R − mean)² = 2/9, 1 − Σ w² = 4/9.
  const rewards = Float64Array.of(1, 0);
  const weights = Float64Array.of(2 / 3, 1 / 3);
  const exact = { ...SCALE, epsilon: 0 };
  const [drawnTwice, drawnOnce] = weightedAdvantages(rewards, weights, rewards, exact).advantages;
  t.ok(isNear(drawnTwice!, 1 / 3 / Math.SQRT1_2));
  t.ok(isNear(drawnOnce!, -2 / 3 / Math.SQRT1_2));
  t.ok(isNear((2 * drawnTwice! + drawnOnce!) / 3, 0));
  const centred = weightedAdvantages(rewards, weights, rewards, { scale: 'none', epsilon: 0 }).advantages;
  t.ok(isNear(centred[0]!, 1 / 3) && isNear(centred[1]!, -2 / 3));
});

t.test('one completion, and completions with equal outcomes, get exactly 0', async (t) => {
  const of = (rewards: readonly number[], outcomes = rewards) =>
    weightedAdvantages(Float64Array.from(rewards), equal(rewards.length), Float64Array.from(outcomes), SCALE);
  t.strictSame([...of([1]).advantages], [0]);
  const shaped = of([1, 1.5, 1.2], [1, 1, 1]);
  t.strictSame([...shaped.advantages], [0, 0, 0], 'a shaping reward alone revives no group');
  t.ok(shaped.isDead);
  t.equal(of([]).advantages.length, 0);
});
