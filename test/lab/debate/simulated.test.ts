/** The harness on simulated debaters: it finds no gain where there is none, and small ones where there are. */
import t from 'tap';
import { gainOf } from '../../../lab/debate/gain.js';
import { NEUTRAL_AGENTS, simulateDebate, sycophancyFlips } from '../../../lab/debate/simulated.js';
import { Random } from '../../../src/random.js';

const DEBATES = 20_000;

function measured(correctiveBias: number, seed: number, debates = DEBATES) {
  const options = { ...NEUTRAL_AGENTS, correctiveBias, seed };
  const results = Array.from({ length: debates }, (_, index) => simulateDebate(options, index));
  const differences = results.map(({ first, last }) => last - first);
  const first = results.reduce((sum, result) => sum + result.first, 0) / debates;
  return { first, ...gainOf(differences, new Random(seed, 'bootstrap'), 200) };
}

t.test('neutral agents gain nothing from talk, and the harness says so', async (t) => {
  for (const seed of [1, 2]) {
    const { mean, conclusion, first } = measured(0, seed);
    t.ok(Math.abs(mean) < 0.01, `seed ${seed}: Δ ${mean}`);
    t.equal(conclusion, 'no gain', `seed ${seed}`);
    t.ok(Math.abs(first - 0.3) < 0.01);
  }
});

t.test('a corrective bias is detected, a small one too', async (t) => {
  const [small, large] = [measured(0.1, 1), measured(0.5, 1)];
  for (const { mean, p, conclusion } of [small, large]) {
    t.ok(mean > 0.005, `Δ ${mean}`);
    t.ok(p < 0.01, `p ${p}`);
    t.equal(conclusion, 'gain');
  }
  t.ok(large.mean > 2 * small.mean);
});

t.test('a simulated debate is a function of seed and index', async (t) => {
  const options = { ...NEUTRAL_AGENTS, seed: 5 };
  const some = () => Array.from({ length: 50 }, (_, index) => simulateDebate(options, index));
  t.same(some(), some());
  t.notSame(simulateDebate(options, 1), simulateDebate({ ...options, seed: 6 }, 1));
});

t.test('the more an agent defers, the more often one sure peer turns it from right to wrong', async (t) => {
  const probe = (deference: number) =>
    sycophancyFlips({ ...NEUTRAL_AGENTS, seed: 3 }, { deference, agents: 20_000 });
  const [deaf, neutral, sycophant] = [probe(0), probe(1), probe(4)];
  t.ok(deaf < 0.5 * neutral, `${deaf} and ${neutral}`);
  t.ok(neutral < 0.5 * sycophant + 0.05, `${neutral} and ${sycophant}`);
});

t.test('a gain is claimed only where the whole interval is above zero', async (t) => {
  const random = () => new Random(1, 'gain');
  const repeated = (pattern: readonly number[]) =>
    Array.from({ length: 200 }, (_, i) => pattern[i % pattern.length]!);
  t.match(gainOf(repeated([1, 1, 0, -1]), random()), { mean: 0.25, conclusion: 'gain', pairs: 200 });
  t.match(gainOf(repeated([-1, -1, 0, 1]), random()), { conclusion: 'loss' });
  t.match(gainOf(repeated([1, -1]), random()), { mean: 0, p: 1, conclusion: 'no gain' });
  t.match(gainOf([0, 0, 0], random()), { mean: 0, interval: [0, 0], p: 1, conclusion: 'no gain' });
  // z = 0.25 / sqrt(0.691 / 200) = 4.25: P(|Z| > 4.25) = 2.1e-5; the standard error gives an interval of ±0.115.
  const { p, interval } = gainOf(repeated([1, 1, 0, -1]), random());
  t.ok(p > 1e-5 && p < 4e-5, `p ${p}`);
  t.ok(Math.abs(interval[0] - 0.135) < 0.02 && Math.abs(interval[1] - 0.365) < 0.02, `${interval}`);
});
