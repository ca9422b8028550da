import t from 'tap';
import { driveSearch } from '../../../../lab/search/drive.js';
import { bestPath } from '../../../../lab/search/result.js';
import { SimulatedPolicy } from '../../../../lab/search/simulated-policy.js';
import { policyValue, visitWeightedValue } from '../../../../src/techniques/search/policy-value.js';
import { TreeSearch } from '../../../../src/techniques/search/search.js';

const policyOf = (seed: number, branching: number, depth: number): SimulatedPolicy =>
  new SimulatedPolicy({
    ...{ seed, branching, depth, rightShare: 0.6, skill: 0, confidence: 0 },
    ...{ tokensPerStep: 1, distinct: true },
  });

/** Searches with re-scoring, as plain MCTS visits endings again, so that visits may pile up. */
function search(policy: SimulatedPolicy, maxRollouts: number, exact: boolean): TreeSearch {
  const { branching } = policy.task;
  const tree = new TreeSearch({ width: branching, maxDraws: branching, maxRollouts, exact });
  driveSearch(tree, policy);
  return tree;
}

t.test(
  'the policy-weighted value is near the truth where the search statistics are far above it',
  async (t) => {
    const trees = 100; // the bench has 3000 and the ratio of 5 at every budget
    for (const rollouts of [32, 64]) {
      let bias = 0;
      let naiveBias = 0;
      for (let seed = 0; seed < trees; seed++) {
        const policy = policyOf(seed, 3, 4);
        const { tree, ...rest } = search(policy, rollouts, false);
        const isFull = (node: (typeof tree.nodes)[number]): boolean =>
          node.children.length === rest.options.width || node.depth >= rest.options.maxDepth;
        bias += (policyValue(tree, isFull) - policy.value()) / trees;
        naiveBias += (visitWeightedValue(tree) - policy.value()) / trees;
      }
      t.ok(Math.abs(bias) <= 0.03, `${rollouts} rollouts, seeds 0-${trees - 1}: bias ${bias}`);
      t.ok(
        naiveBias >= 3 * Math.abs(bias),
        `${rollouts} rollouts: naive bias ${naiveBias}, policy-weighted ${bias}`,
      );
    }
  },
);

t.test('on a tree searched to its end the values are exact', async (t) => {
  for (const [branching, depth] of [
    [2, 3],
    [3, 3],
    [3, 4],
  ] as const) {
    for (let seed = 0; seed < 10; seed++) {
      const policy = policyOf(seed, branching, depth);
      const done = search(policy, 10 * branching ** depth, true);
      const truth = policy.value();
      const value = policyValue(done.tree, (node) => done.isFull(node));
      t.equal(done.tree.leaves().length, branching ** depth, `seed ${seed}`);
      t.ok(Math.abs(value - truth) < 1e-12, `seed ${seed}: value ${value}, truth ${truth}`);
      t.equal(done.tree.root.outcome, truth > 0 ? 1 : 0, `seed ${seed}`);
    }
  }
});

t.test('at ten rollouts a leaf the most visited path is optimal', async (t) => {
  let optimal = 0;
  let solvable = 0;
  for (let seed = 0; seed < 60; seed++) {
    const policy = policyOf(seed, 3, 3);
    if (policy.value() === 0) continue;
    solvable++;
    optimal += bestPath(search(policy, 270, false).tree, 1).at(-1)!.maxValue;
  }
  t.ok(solvable > 40);
  t.ok(optimal >= 0.95 * solvable, `${optimal} of ${solvable}, seeds 0-59`);
});
