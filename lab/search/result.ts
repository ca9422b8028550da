/**
 * What a search found: the path to give as its answer.
 *
 * Invariants: a proven solution comes before everything, a proven failure after everything; between them the child most
 * visited (the order of OpenSpiel's MCTS); then the larger average, the larger prior, the older one.
 */
import type { SearchCounts, StopReason, TreeSearch } from '../../src/techniques/search/search.js';
import type { SearchTree, TreeNode } from '../../src/techniques/search/tree.js';

export interface SearchResult {
  readonly reason: StopReason;
  /** Null where no completion with an answer was found, or no completion at all. */
  readonly answer: string | null;
  /** Text of the path. */
  readonly text: string;
  readonly path: readonly number[];
  /** Average reward at the end of the path; NaN without a rollout. */
  readonly value: number;
  readonly isSolution: boolean;
  readonly counts: SearchCounts;
}

/** The path of best children from a node to an ending, or as far as the tree goes. Rewards of 0 or less are failures. */
export function bestPath(tree: SearchTree, bestReward: number, from = tree.root): TreeNode[] {
  const path = [from];
  for (let node = from; node.children.length > 0; path.push(node)) {
    node = tree.childrenOf(node).reduce((best, child) => (isBetter(child, best, bestReward) ? child : best));
  }
  return path;
}

/** The answer of a search that ended. An exact scorer has said which ending is best; otherwise the visits say it. */
export function searchResult(search: TreeSearch, reason: StopReason): SearchResult {
  const { tree, counts, options } = search;
  const path = options.exact ? tree.path(bestLeaf(tree)) : bestPath(tree, options.bestReward);
  const end = path.at(-1)!;
  return {
    reason,
    answer: end.ending?.answer ?? null,
    text: path.map(({ text }) => text).join(''),
    path: path.map(({ id }) => id),
    value: end.valueSum / end.visits,
    isSolution: end.ending !== null && end.maxValue >= options.bestReward,
    counts: { ...counts },
  };
}

function bestLeaf(tree: SearchTree): TreeNode {
  return tree
    .leaves()
    .reduce((best, leaf) => (best.ending === null || leaf.maxValue > best.maxValue ? leaf : best), tree.root);
}

function isBetter(a: TreeNode, b: TreeNode, bestReward: number): boolean {
  const keys = (node: TreeNode): number[] => [
    node.outcome === null ? 1 : node.outcome >= bestReward ? 2 : node.outcome <= 0 ? 0 : 1,
    node.visits,
    node.valueSum / Math.max(1, node.visits),
    node.prior,
  ];
  const [left, right] = [keys(a), keys(b)];
  const i = left.findIndex((key, at) => key !== right[at]);
  return i >= 0 && left[i]! > right[i]!;
}
