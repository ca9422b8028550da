import { readFileSync } from 'node:fs';
import t from 'tap';
import { groupAdvantages } from '../../../src/learner/advantages.js';
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
