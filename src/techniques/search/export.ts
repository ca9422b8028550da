/**
 * Turns a searched tree into what a GRPO update needs: trajectories with weights, and advantages of leaves or of steps.
 *
 * Invariants:
 * - a star (every completion one step from the root) gives plain GRPO: equal weights, (reward − mean) / (deviation + ε);
 * - a group of one, or whose rewards are all equal, gets exactly 0 everywhere;
 * - Σ weight · advantage over the leaves is 0, and so is Σ draws · advantage over siblings.
 *
 * Sources: TreeRL (Hou et al., 2025) for `treeRl`; TreeRPO (Yang et al., 2025) for `siblings`; leave-one-out baselines as in RLOO.
 * Departs from them: leaves and values are weighted by the policy's draws, never by visits (see policy-value.ts).
 */
import { type AdvantageOptions, isAllEqual, weightedAdvantages } from '../../rewards/advantages.js';
import { drawValues, pathWeights } from './policy-value.js';
import type { SearchTree, TreeNode } from './tree.js';

/** The leaves of a tree as one group. */
export interface LeafGroup {
  readonly leafIds: readonly number[]; // [L]
  readonly rewards: Float64Array; // [L]
  /** Policy weights, Σ = 1. */
  readonly weights: Float64Array; // [L]
  readonly advantages: Float64Array; // [L]
  /** Weighted mean and sample deviation. */
  readonly mean: number;
  readonly deviation: number;
  readonly isDead: boolean;
}

/**
 * Leaf advantages against the policy-weighted mean. The deviation is √(Σ w (R − mean)² / (1 − Σ w²)): with equal weights the sample
 * deviation, ddof = 1.
 */
export function leafGroup(tree: SearchTree, options: AdvantageOptions): LeafGroup {
  const leaves = tree.leaves();
  const all = pathWeights(tree);
  const rewards = Float64Array.from(leaves, (leaf) => leaf.valueSum / leaf.visits);
  const weights = Float64Array.from(leaves, ({ id }) => all[id]!);
  const judged = weightedAdvantages(rewards, weights, rewards, options);
  return { leafIds: leaves.map(({ id }) => id), rewards, weights, ...judged };
}

/** How steps are judged. `siblings`: TreeRPO; `leaveOneOut`: against the mean of the other draws; `treeRl`: as TreeRL's paper. */
export type StepBaseline = 'siblings' | 'leaveOneOut' | 'treeRl';

/**
 * Advantage of every step, [nodes]; 0 for the root.
 *
 * - siblings:    (V(s) − mean) / (deviation + ε) over the draws from the parent (only the mean subtracted with scale 'none');
 * - leaveOneOut: V(s) − mean of V over the other draws from the parent;
 * - treeRl:      [(V(s) − V(parent)) + (V(s) − V(root))] / √(leaves below s).
 */
export function stepAdvantages(
  tree: SearchTree,
  baseline: StepBaseline,
  options: AdvantageOptions,
): Float64Array {
  const advantages = new Float64Array(tree.size);
  const values = drawValues(tree);
  if (isAllEqual(tree.leaves().map(({ id }) => values[id]!))) return advantages;
  if (baseline === 'treeRl') return treeRlAdvantages(tree, values);
  for (const parent of tree.nodes) {
    const children = tree.childrenOf(parent);
    if (parent.drawCount < 2 || isAllEqual(children.map(({ id }) => values[id]!))) continue;
    judgeSiblings(children, values, parent.drawCount, baseline, options, advantages);
  }
  return advantages;
}

function judgeSiblings(
  children: readonly TreeNode[],
  values: Float64Array, // [nodes]
  drawCount: number,
  baseline: 'siblings' | 'leaveOneOut',
  { scale, epsilon }: AdvantageOptions,
  advantages: Float64Array, // [nodes], written
): void {
  const total = children.reduce((sum, { id, draws }) => sum + draws * values[id]!, 0);
  const mean = total / drawCount;
  const squares = children.reduce((sum, { id, draws }) => sum + draws * (values[id]! - mean) ** 2, 0);
  const divisor = scale === 'group' ? Math.sqrt(squares / (drawCount - 1)) + epsilon : 1;
  for (const { id } of children) {
    const value = values[id]!;
    advantages[id] =
      baseline === 'siblings' ? (value - mean) / divisor : value - (total - value) / (drawCount - 1);
  }
}

function treeRlAdvantages(tree: SearchTree, values: Float64Array): Float64Array {
  const leafCounts = new Float64Array(tree.size);
  for (const node of tree.nodes.toReversed()) {
    if (node.ending) leafCounts[node.id] = 1;
    if (node.parent >= 0) leafCounts[node.parent]! += leafCounts[node.id]!;
  }
  return values.map((value, id) => {
    const { parent } = tree.node(id);
    if (parent < 0) return 0;
    return (2 * value - values[parent]! - values[0]!) / Math.sqrt(leafCounts[id]!);
  });
}

/** One path of the tree as a completion. */
export interface LeafTrajectory {
  readonly leafId: number;
  readonly tokens: Int32Array; // [T]
  readonly logProbs: Float32Array; // [T], of the behaviour policy
  readonly supportLogMass: Float32Array; // [T]
  /** Node that each token belongs to: `advantages[nodeOfToken[t]]` is its step advantage. */
  readonly nodeOfToken: Int32Array; // [T]
  /** 1 where this trajectory is the first with that token: trained once, with its node's path weight. */
  readonly isFirst: Uint8Array; // [T]
}

/** Every leaf's tokens, in the order of `tree.leaves()`. */
export function leafTrajectories(tree: SearchTree): LeafTrajectory[] {
  const seen = new Set<number>();
  return tree.leaves().map((leaf) => {
    const path = tree.path(leaf);
    const concatenated = <T>(of: (node: TreeNode) => Iterable<T>): T[] =>
      path.flatMap((node) => [...of(node)]);
    const isFirst = concatenated(({ id, tokens }) => tokens.map(() => (seen.has(id) ? 0 : 1)));
    for (const { id } of path) seen.add(id);
    return {
      leafId: leaf.id,
      tokens: tree.tokensTo(leaf),
      logProbs: Float32Array.from(concatenated(({ logProbs }) => logProbs)),
      supportLogMass: Float32Array.from(concatenated(({ supportLogMass }) => supportLogMass)),
      nodeOfToken: Int32Array.from(concatenated(({ id, tokens }) => tokens.map(() => id))),
      isFirst: Uint8Array.from(isFirst),
    };
  });
}
