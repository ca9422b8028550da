/** Metrics of groups, with the arithmetic beside the numbers. */
import t from 'tap';
import {
  type MeasuredGroup,
  outcomeShares,
  rolloutMetrics,
  TIME_KEYS,
  withoutTimes,
} from '../../../src/learner/metrics.js';
import { noOutcomes } from '../../../src/protocol/index.js';

const weights = { answer: 1, format: 0.5 };

function group(change: Partial<MeasuredGroup> = {}): MeasuredGroup {
  return {
    promptTokens: new Int32Array(3),
    lengths: Int32Array.of(10, 20),
    stopped: Uint8Array.of(1, 0),
    rewardNames: ['answer', 'format'],
    rewards: Float32Array.of(1, 0, 1, 1), // answer 1 0, format 1 1: totals 1.5 and 0.5
    scored: Uint8Array.of(1, 1),
    ...change,
  };
}

/** A group whose two completions got the same rewards. */
const dead = group({
  rewards: Float32Array.of(0, 0, 1, 1),
  lengths: Int32Array.of(5, 5),
  stopped: Uint8Array.of(1, 1),
});

t.test('lengths cover all completions and terminated lengths those that stopped', async (t) => {
  t.match(rolloutMetrics([group(), dead], weights, 100), {
    num_tokens: 100 + 4 * 3 + 10 + 20 + 5 + 5,
    'completions/mean_length': 10, // (10 + 20 + 5 + 5) / 4
    'completions/min_length': 5,
    'completions/max_length': 20,
    'completions/clipped_ratio': 0.25, // one of four
    'completions/mean_terminated_length': 20 / 3, // 10, 5, 5
    'completions/min_terminated_length': 5,
    'completions/max_terminated_length': 10,
  });
});

t.test('rewards are weighted sums, and their deviation is the mean of the groups', async (t) => {
  const metrics = rolloutMetrics([group(), dead], weights, 0);
  t.equal(metrics.reward, (1.5 + 0.5 + 0.5 + 0.5) / 4);
  // Sample deviation of (1.5, 0.5) is sqrt(0.25 + 0.25), of (0.5, 0.5) it is 0.
  t.ok(Math.abs(metrics.reward_std - Math.SQRT1_2 / 2) < 1e-12);
  t.equal(metrics.frac_reward_zero_std, 0.5);
  t.equal(metrics['rewards/answer/mean'], 0.25);
  t.equal(metrics['rewards/answer/std'], 0.5); // sqrt((0.75² + 3 · 0.25²) / 3)
  t.equal(metrics['rewards/format/mean'], 1);
});

t.test('equal rewards count as zero deviation in spite of rounding', async (t) => {
  const equal = group({
    lengths: new Int32Array(7),
    stopped: new Uint8Array(7),
    scored: new Uint8Array(7).fill(1),
    rewardNames: ['answer'],
    rewards: new Float32Array(7).fill(0.1),
  });
  t.equal(rolloutMetrics([equal], weights, 0).frac_reward_zero_std, 1);
});

t.test('completions without a finite score count for lengths only', async (t) => {
  const failed = group({ scored: Uint8Array.of(1, 0), rewards: Float32Array.of(1, 99, 1, 99) });
  const infinite = group({ rewards: Float32Array.of(1, Number.NaN, 1, 1) });
  for (const odd of [failed, infinite]) {
    const metrics = rolloutMetrics([odd], weights, 0);
    t.equal(metrics.reward, 1.5);
    t.equal(metrics['rewards/format/mean'], 1);
    t.equal(metrics['completions/mean_length'], 15);
  }
});

t.test('an update without groups has zeros and no NaN', async (t) => {
  t.ok(Object.values(rolloutMetrics([], weights, 7)).every(Number.isFinite));
  t.equal(rolloutMetrics([], weights, 7).num_tokens, 7);
});

t.test('outcome shares add up to one, and to zero when there was nothing', async (t) => {
  const shares = outcomeShares({ ...noOutcomes(), applied: 5, stale: 1, dead_group: 1 });
  t.equal(shares['outcomes/applied'], 5 / 7);
  t.ok(Math.abs(Object.values(shares).reduce((a, b) => a + b) - 1) < 1e-12);
  t.ok(Object.values(outcomeShares(noOutcomes())).every((share) => share === 0));
});

t.test('a row without times keeps everything else', async (t) => {
  const row = { update: 1, loss: 0.5, ...Object.fromEntries(TIME_KEYS.map((key) => [key, 3])) };
  t.same(withoutTimes(row), { update: 1, loss: 0.5 });
});
