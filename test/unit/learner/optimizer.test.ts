import { readFileSync } from 'node:fs';
import t from 'tap';
import { AdamW } from '../../../src/learner/optimizer.js';
import { fixture } from '../../kit/root.js';
import { maxDifference, runtime } from '../../kit/tiny-policies.js';

interface Oracle {
  readonly cases: readonly {
    readonly name: string;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly weightDecay: number;
    readonly maxGradientNorm: number;
    readonly initial: readonly number[];
    readonly gradients: readonly (readonly number[])[];
    readonly gradientNorms: readonly number[];
    readonly learningRates: readonly number[];
    readonly parameters: readonly (readonly number[])[];
    readonly firstMoments: readonly (readonly number[])[];
    readonly secondMoments: readonly (readonly number[])[];
  }[];
}

const { cases } = JSON.parse(readFileSync(fixture('optimizer', 'adamw.json'), 'utf8')) as Oracle;
t.ok(cases.length > 0, 'the fixture has cases');
const ADAM = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1, maxGradNorm: 1 };

/** Largest difference relative to the largest expected number. */
function relative(actual: Float32Array, expected: readonly number[]): number {
  return maxDifference(actual, expected) / Math.max(...expected.map(Math.abs));
}

for (const oracle of cases) {
  t.test(`${oracle.name}: ten updates are PyTorch's`, async (t) => {
    const parameters = Float32Array.from(oracle.initial);
    const gradients = new Float32Array(parameters.length);
    const adam = new AdamW(runtime, parameters, gradients, parameters.length, {
      ...oracle,
      maxGradNorm: oracle.maxGradientNorm,
    });
    oracle.gradients.forEach((gradient, update) => {
      gradients.set(gradient);
      const { gradNorm, applied } = adam.step(oracle.learningRates[update]!);
      t.ok(applied);
      t.ok(Math.abs(gradNorm / oracle.gradientNorms[update]! - 1) < 1e-6, `norm of update ${update}`);
      const differences = [
        relative(parameters, oracle.parameters[update]!),
        relative(adam.state.firstMoments, oracle.firstMoments[update]!),
        relative(adam.state.secondMoments, oracle.secondMoments[update]!),
      ];
      t.ok(Math.max(...differences) < 1e-6, `update ${update}: relative differences ${differences}`);
      t.ok(
        gradients.every((x) => x === 0),
        'gradients are cleared',
      );
    });
    t.equal(adam.state.count, oracle.gradients.length);
    adam.release();
  });
}

t.test('only the first segment decays', async (t) => {
  const oracle = cases.find(({ weightDecay }) => weightDecay > 0)!;
  const decayedSize = 16;
  const run = (weightDecay: number, size: number): Float32Array => {
    const parameters = Float32Array.from(oracle.initial);
    const gradients = Float32Array.from(oracle.gradients[0]!);
    const adam = new AdamW(runtime, parameters, gradients, size, { ...ADAM, weightDecay });
    adam.step(0.1);
    adam.release();
    return parameters;
  };
  const mixed = run(0.1, decayedSize);
  t.strictSame(mixed.subarray(0, decayedSize), run(0.1, 37).subarray(0, decayedSize));
  t.strictSame(mixed.subarray(decayedSize), run(0, 37).subarray(decayedSize));
  t.notSame(run(0.1, 37), run(0, 37));
  t.strictSame(run(0.1, 0), run(0, 37), 'a layout without matrices');
});

for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 1e30]) {
  t.test(
    `a gradient of norm ${bad === 1e30 ? 'beyond float32' : bad} changes nothing and is forgotten`,
    async (t) => {
      const parameters = Float32Array.from({ length: 40 }, (_, i) => Math.sin(i));
      const gradients = Float32Array.from({ length: 40 }, (_, i) => Math.cos(i));
      const adam = new AdamW(runtime, parameters, gradients, 32, ADAM);
      adam.step(0.1);
      const before = [parameters, adam.state.firstMoments, adam.state.secondMoments].map((x) => x.slice());
      gradients.fill(1);
      gradients[35] = bad;
      const { applied, gradNorm } = adam.step(0.1);
      t.notOk(applied);
      t.notOk(Number.isFinite(gradNorm));
      t.strictSame([parameters, adam.state.firstMoments, adam.state.secondMoments], before);
      t.equal(adam.state.count, 1);
      t.ok(
        gradients.every((x) => x === 0),
        'the next update starts afresh',
      );
      gradients.fill(0.5);
      t.ok(adam.step(0.1).applied);
      t.ok(parameters.every(Number.isFinite));
      adam.release();
    },
  );
}
