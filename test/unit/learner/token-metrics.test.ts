import t from 'tap';
import { TokenStatistics } from '../../../src/learner/token-metrics.js';
import {
  advantages,
  behaviourLogProbs,
  currentLogProbs,
  entropies,
  LOSS_CASES,
  lengths,
  referenceLogProbs,
  rowOf,
} from '../../kit/grpo-fixture.js';

// gspo clips whole completions, cispo only above: these are metrics of single tokens.
const cases = LOSS_CASES.filter(({ lossType }) => lossType !== 'gspo' && lossType !== 'cispo');
t.ok(cases.length > 0, 'the fixture has cases');

for (const lossCase of cases) {
  t.test(`${lossCase.name}: diagnostics are TRL's`, async (t) => {
    const { temperature, epsilonLow, epsilonHigh, beta, mask, metrics, klEstimator } = lossCase;
    const statistics = new TokenStatistics({ low: epsilonLow, high: epsilonHigh });
    const behaviour = lossCase.behaviour === 'current' ? currentLogProbs : behaviourLogProbs;
    lengths.forEach((length, row) => {
      const kept = rowOf(mask, row);
      const cut = (values: Float32Array): Float32Array => values.filter((_, i) => kept[i] === 1);
      statistics.add({
        current: cut(currentLogProbs(temperature, row)),
        behaviour: cut(behaviour(temperature, row)),
        reference: beta > 0 ? cut(referenceLogProbs(temperature, row)) : null,
        advantages: cut(new Float32Array(length).fill(advantages[row]!)),
        entropies: cut(entropies(temperature, row)),
      });
    });
    const measured = statistics.metrics();
    const names = [
      'clip_ratio/low_mean',
      'clip_ratio/high_mean',
      'clip_ratio/region_mean',
      'entropy',
    ] as const;
    for (const name of names) {
      t.ok(
        Math.abs(measured[name]! - metrics[name]!) < 1e-6,
        `${name} ${measured[name]}, expected ${metrics[name]}`,
      );
    }
    // TRL logs what it adds to the loss; here `kl` is k3 whatever the estimator.
    if (klEstimator === 'k3') t.ok(Math.abs(measured.kl! - metrics.kl!) < 1e-6, `kl ${measured.kl}`);
    t.equal('kl' in measured, beta > 0);
  });
}

t.test('differences and ratios to the behaviour policy', async (t) => {
  const statistics = new TokenStatistics({ low: 0.2, high: 0.2 });
  const add = (current: number[], behaviour: number[]): void =>
    statistics.add({
      current: Float32Array.from(current),
      behaviour: Float32Array.from(behaviour),
      reference: null,
      advantages: new Float32Array(current.length),
      entropies: new Float32Array(current.length),
    });
  add([-1, -2], [-1.5, -2]); // log-ratios 0.5 and 0
  add([-3], [-2]); // -1
  const metrics = statistics.metrics();
  const expected = {
    'sampling/sampling_logp_difference/mean': 0.5,
    'sampling/sampling_logp_difference/max': 1,
    'sampling/importance_sampling_ratio/min': Math.exp(-1),
    'sampling/importance_sampling_ratio/mean': (Math.exp(0.5) + 1 + Math.exp(-1)) / 3,
    'sampling/importance_sampling_ratio/max': Math.exp(0.5),
  };
  for (const [name, value] of Object.entries(expected)) {
    t.ok(Math.abs(metrics[name as keyof typeof metrics]! - value) < 1e-12, name);
  }
});

t.test('without tokens every metric is a number', async (t) => {
  const metrics = new TokenStatistics({ low: 0.2, high: 0.2 }).metrics();
  t.ok(Object.values(metrics).every(Number.isFinite));
  t.notOk('kl' in metrics);
});
