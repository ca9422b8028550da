import t from 'tap';
import { StrategyPosterior } from '../../../../src/techniques/annealing/bandit.js';

t.test('nothing known is the uniform distribution', async (t) => {
  const posterior = new StrategyPosterior({ strategies: 3 });
  t.equal(posterior.mean('math', 0), 0.5);
  // Variance of the uniform distribution: 1/12.
  t.ok(Math.abs(posterior.deviation('math', 2) - Math.sqrt(1 / 12)) < 1e-15);
  t.equal(posterior.count('math', 0), 0);
});

t.test('rewards move the mean of their context and strategy alone', async (t) => {
  const posterior = new StrategyPosterior({ strategies: 2 });
  posterior.observe('math', 1, 1);
  posterior.observe('math', 1, 0.5, 2);
  // α = 1 + 1 + 2·0.5 = 3, β = 1 + 2·0.5 = 2.
  t.same(posterior.shape('math', 1), [3, 2]);
  t.equal(posterior.mean('math', 1), 0.6);
  t.ok(Math.abs(posterior.deviation('math', 1) - Math.sqrt((3 * 2) / (25 * 6))) < 1e-15);
  t.equal(posterior.mean('math', 0), 0.5);
  t.equal(posterior.mean('logic', 1), 0.5);
});

t.test('a pending observation narrows the deviation and leaves the mean', async (t) => {
  const posterior = new StrategyPosterior({ strategies: 1 });
  posterior.observe('math', 0, 1, 5);
  let last = posterior.deviation('math', 0);
  for (let pending = 1; pending < 10; pending++) {
    const next = posterior.deviation('math', 0, pending);
    t.ok(next < last);
    last = next;
  }
  t.equal(posterior.mean('math', 0), 6 / 7);
});

t.test('forgetting takes the posterior back towards the prior', async (t) => {
  const posterior = new StrategyPosterior({ strategies: 1, discount: 0.5 });
  posterior.observe('math', 0, 1, 8);
  posterior.age();
  t.equal(posterior.count('math', 0), 4);
  for (let i = 0; i < 2000; i++) posterior.age();
  t.equal(posterior.mean('math', 0), 0.5);
  const stationary = new StrategyPosterior({ strategies: 1 });
  stationary.observe('math', 0, 1, 8);
  stationary.age();
  t.equal(stationary.count('math', 0), 8);
});

t.test('means stay inside (0, 1) and deviations positive however much is observed', async (t) => {
  const posterior = new StrategyPosterior({ strategies: 1 });
  posterior.observe('math', 0, 1, 1e15);
  t.ok(posterior.mean('math', 0) <= 1 && posterior.deviation('math', 0) >= 0);
  t.ok(Number.isFinite(posterior.deviation('math', 0)));
});

t.test('a snapshot holds everything that is remembered', async (t) => {
  const posterior = new StrategyPosterior({ strategies: 2, discount: 0.9 });
  posterior.observe('math', 1, 0.25, 3);
  posterior.age();
  const other = new StrategyPosterior({ strategies: 2, discount: 0.9 });
  other.observe('logic', 0, 1);
  other.restore(JSON.parse(JSON.stringify(posterior.snapshot())));
  t.same(other.shape('math', 1), posterior.shape('math', 1));
  t.equal(other.count('logic', 0), 0, 'what was there before is gone');
  const wrong = new StrategyPosterior({ strategies: 3 });
  t.throws(() => wrong.restore(posterior.snapshot()), { code: 'SHAPE', message: /expected 3/ });
});

t.test('rewards and options out of range are refused', async (t) => {
  const posterior = new StrategyPosterior({ strategies: 2 });
  t.throws(() => posterior.observe('math', 0, 1.1), { code: 'SHAPE', message: /from 0 to 1/ });
  t.throws(() => posterior.observe('math', 0, Number.NaN), { code: 'SHAPE' });
  t.throws(() => posterior.observe('math', 2, 1), { code: 'SHAPE', message: /strategy 2/ });
  t.throws(() => new StrategyPosterior({ strategies: 0 }), { code: 'CONFIG' });
  t.throws(() => new StrategyPosterior({ strategies: 2, discount: 0 }), { code: 'CONFIG' });
  t.throws(() => new StrategyPosterior({ strategies: 2, discount: 1.1 }), { code: 'CONFIG' });
  t.throws(() => new StrategyPosterior({ strategies: 2, priorFailures: 0 }), { code: 'CONFIG' });
});
