import t from 'tap';
import { rolloutMetrics } from '../../../src/learner/metrics.js';
import { loadsOf, trajectoriesOf } from '../../../src/learner/trajectories.js';

/** 0 (2 tokens) is followed by 1 (3 tokens, drawn three times of four) and 2 (5 tokens); 3 (7 tokens) stands alone. */
const tree = {
  lengths: Int32Array.of(2, 3, 5, 7),
  parents: Int32Array.of(-1, 0, 0, -1),
  pathWeights: Float32Array.of(0.5, 0.375, 0.125, 0.5),
};

t.test('the trajectories of a group are its completions, each with the same weight', async (t) => {
  t.strictSame(trajectoriesOf({ lengths: Int32Array.of(4, 6) }), [
    { index: 0, length: 4, weight: 1 },
    { index: 1, length: 6, weight: 1 },
  ]);
});

t.test('the trajectories of a tree are its paths, and their weights add up to their number', async (t) => {
  t.strictSame(trajectoriesOf(tree), [
    { index: 1, length: 5, weight: 3 * 0.375 },
    { index: 2, length: 7, weight: 3 * 0.125 },
    { index: 3, length: 7, weight: 3 * 0.5 },
  ]);
});

t.test(
  'metrics of a tree are of its paths, and its mean reward is what the policy would have got',
  async (t) => {
    const group = {
      ...tree,
      promptTokens: new Int32Array(10),
      stopped: Uint8Array.of(0, 1, 0, 1),
      rewardNames: ['answer'],
      rewards: Float32Array.of(0.75, 1, 0, 0), // of segment 0 the mean over what follows it
      scored: new Uint8Array(4).fill(1),
    };
    t.match(rolloutMetrics([group], { answer: 2 }, 0), {
      num_tokens: 3 * 10 + 2 + 3 + 5 + 7,
      'completions/mean_length': 19 / 3,
      'completions/max_length': 7,
      'completions/clipped_ratio': 1 - 2 / 3,
      'completions/mean_terminated_length': 6,
      reward: 2 * 0.375,
      'rewards/answer/mean': 0.375,
    });
  },
);

t.test('tokens of a segment weigh as the trajectories through it do', async (t) => {
  const plain = { lengths: Int32Array.of(4, 6) };
  t.strictSame(loadsOf(plain, trajectoriesOf(plain)), [
    { weight: 1, length: 4 },
    { weight: 1, length: 6 },
  ]);
  const [shared, first, second, alone] = loadsOf(tree, trajectoriesOf(tree));
  t.strictSame(
    [shared, first, second, alone].map((load) => load!.weight),
    [1.5, 1.125, 0.375, 1.5],
  );
  t.strictSame(
    [first, second, alone].map((load) => load!.length),
    [5, 7, 7],
  );
  // Σ weight / length over the two paths: 1.125 / 5 + 0.375 / 7.
  t.ok(Math.abs(shared!.weight / shared!.length - (1.125 / 5 + 0.375 / 7)) < 1e-12);
});
