/**
 * What the policy itself is worth on a searched tree. A search visits good branches more often, so that the mean over its
 * leaves is far above the policy's; weights by draws undo that.
 *
 *   w(leaf) = Π over the path's nodes of draws(child) / k(parent),  k = all draws from the parent  (1/k for distinct children)
 *   V(s)    = Σ draws(child) / k(s) · V(child)
 *
 * Invariants: weights are positive and add up to 1; visits never enter.
 */
import type { SearchTree, TreeNode } from './tree.js';

/** Weight of every node: the probability of reaching it when each step is one of those drawn, [nodes]. */
export function pathWeights(tree: SearchTree): Float64Array {
  const weights = new Float64Array(tree.size);
  weights[0] = 1;
  for (const node of tree.nodes) {
    // A parent's id is smaller than its children's, so that its weight is known.
    for (const child of tree.childrenOf(node))
      weights[child.id] = (weights[node.id]! * child.draws) / node.drawCount;
  }
  return weights;
}

/**
 * V(root) as an estimate of the policy's mean reward. A node that does not have all its draws yet counts with its first rollout: whether
 * it got more of them depended on how good the first ones were.
 */
export function policyValue(tree: SearchTree, isFull: (node: TreeNode) => boolean): number {
  const values = new Float64Array(tree.size);
  for (const node of tree.nodes.toReversed()) {
    if (node.ending) values[node.id] = node.valueSum / node.visits;
    else if (node.children.length === 0 || !isFull(node)) values[node.id] = node.firstValue;
    else {
      const sum = tree.childrenOf(node).reduce((total, { id, draws }) => total + draws * values[id]!, 0);
      values[node.id] = sum / node.drawCount;
    }
  }
  return values[0]!;
}
