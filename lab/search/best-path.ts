/**
 * The path that plain MCTS gives as its answer: from child to child, the one most visited.
 *
 * Invariants: a proven solution comes before everything, a proven failure after everything; between them the child most
 * visited (the order of OpenSpiel's MCTS); then the larger average, the larger prior, the older one.
 */
import type { SearchTree, TreeNode } from '../../src/techniques/search/tree.js';

/** The path of best children from a node to an ending, or as far as the tree goes. Rewards of 0 or less are failures. */
export function bestPath(tree: SearchTree, bestReward: number, from = tree.root): TreeNode[] {
  const path = [from];
  for (let node = from; node.children.length > 0; path.push(node)) {
    node = tree.childrenOf(node).reduce((best, child) => (isBetter(child, best, bestReward) ? child : best));
  }
  return path;
}

function isBetter(a: TreeNode, b: TreeNode, bestReward: number): boolean {
  const keys = (node: TreeNode): number[] => [
    node.provenValue === null ? 1 : node.provenValue >= bestReward ? 2 : node.provenValue <= 0 ? 0 : 1,
    node.visits,
    node.valueSum / Math.max(1, node.visits),
    node.prior,
  ];
  const [left, right] = [keys(a), keys(b)];
  const i = left.findIndex((key, at) => key !== right[at]);
  return i >= 0 && left[i]! > right[i]!;
}
