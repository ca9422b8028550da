/**
 * A searched tree as one group for the learner: segments instead of completions, so that steps that several completions share are
 * computed, and trained on, once.
 *
 *   weight(segment)    = Σ w(leaf) over the leaves below it,               w = policy weight of a leaf (policy-value.ts)
 *   advantage(segment) = Σ w(leaf) · A(leaf) / weight(segment),            A = (R − Σ w R) / (deviation + ε)  (rewards/advantages.ts)
 *
 * A token's gradient is then weight · advantage = Σ w A over the completions that run through it: that of the leaves as a GRPO group with
 * policy weights.
 *
 * Invariants:
 * - every token of the tree is in exactly one segment; a segment's parent comes before it;
 * - a segment goes on as far as the tree does not branch;
 * - the weights of the ends add up to 1, their weighted advantages to 0; a dead tree has advantages of exactly 0.
 */
import { DialecticError } from '../../errors.js';
import type { RewardRule } from '../../protocol/index.js';
import { type AdvantageOptions, weightedAdvantages } from '../../rewards/advantages.js';
import { pathWeights } from './policy-value.js';
import type { SearchTree, TreeNode } from './tree.js';

interface TreeGroupOptions extends AdvantageOptions {
  readonly rewardNames: readonly string[]; // [K]
  /** Rewards without a rule have no weight. */
  readonly rules: Readonly<Record<string, RewardRule>>;
}

/** A chain of steps without a branch. */
export interface Segment {
  readonly nodes: readonly TreeNode[];
  /** Place of the segment before, −1 for the prompt. */
  readonly parent: number;
  /** Share of what the policy itself would have sampled, in (0, 1]. */
  readonly weight: number;
  readonly advantage: number;
  /** Means over the leaves below. */
  readonly rewards: Float64Array; // [K]
}

/** Segments of a tree; none for a tree without tokens. `rewardsOf` has the rewards [K] of the completion that ends in each leaf. */
export function treeSegments(
  tree: SearchTree,
  rewardsOf: ReadonlyMap<number, readonly number[]>,
  { rewardNames, rules, ...scale }: TreeGroupOptions,
): Segment[] {
  const leaves = tree.leaves();
  const rows = leaves.map(({ id }) => {
    const row = rewardsOf.get(id);
    if (row?.length === rewardNames.length) return row;
    throw new DialecticError(
      'INTERNAL',
      `leaf ${id} has ${row?.length ?? 'no'} rewards, expected ${rewardNames.length}`,
    );
  });
  const totalOf = (counts: (rule: RewardRule) => boolean): Float64Array =>
    Float64Array.from(rows, (row) =>
      rewardNames.reduce((sum, name, k) => {
        const rule = rules[name];
        return rule && counts(rule) ? sum + rule.weight * row[k]! : sum;
      }, 0),
    );
  const weights = pathWeights(tree);
  const { advantages } = weightedAdvantages(
    totalOf(() => true),
    Float64Array.from(leaves, ({ id }) => weights[id]!),
    totalOf(({ kind }) => kind === 'outcome'),
    scale,
  );
  const ofLeaves = new Map(leaves.map(({ id }, i) => [id, [advantages[i]!, ...rows[i]!]]));
  const means = meansBelow(tree, weights, ofLeaves, rewardNames.length + 1);
  const segments: Segment[] = [];
  const add = (first: TreeNode, parent: number): void => {
    const nodes = chainFrom(tree, first);
    const last = nodes.at(-1)!;
    const [advantage, ...rewards] = means[last.id]!;
    // An ending without a token says nothing that could be trained on; what it was worth is in its parents.
    const isSilent = nodes.every(({ tokens }) => tokens.length === 0);
    if (!isSilent)
      segments.push({
        nodes,
        parent,
        weight: weights[last.id]!,
        advantage: advantage!,
        rewards: Float64Array.from(rewards),
      });
    const place = isSilent ? parent : segments.length - 1;
    for (const child of tree.childrenOf(last)) add(child, place);
  };
  for (const child of tree.childrenOf(tree.root)) add(child, -1);
  return segments;
}

/** Arrays of a `group.completed`: G segments, ΣT tokens, K rewards. */
interface TreeGroup {
  readonly tokens: Int32Array; // [ΣT]
  readonly lengths: Int32Array; // [G]
  readonly logProbs: Float32Array; // [ΣT]
  readonly supportLogMass: Float32Array; // [ΣT]
  /** 1 for a segment that ends in a stop token. */
  readonly stopped: Uint8Array; // [G]
  readonly parents: Int32Array; // [G]
  readonly advantages: Float32Array; // [G]
  readonly pathWeights: Float32Array; // [G]
  readonly rewardNames: string[]; // [K]
  readonly rewards: Float32Array; // [K, G]
  readonly scored: Uint8Array; // [G]
  readonly texts: string[]; // [G]
}

/** The segments of a tree as arrays; null for a tree without tokens. */
export function treeGroup(
  tree: SearchTree,
  rewardsOf: ReadonlyMap<number, readonly number[]>,
  options: TreeGroupOptions,
): TreeGroup | null {
  const segments = treeSegments(tree, rewardsOf, options);
  if (segments.length === 0) return null;
  const nodes = segments.flatMap((segment) => segment.nodes);
  return {
    tokens: Int32Array.from(nodes.flatMap(({ tokens }) => [...tokens])),
    lengths: Int32Array.from(segments, (segment) =>
      segment.nodes.reduce((sum, { tokens }) => sum + tokens.length, 0),
    ),
    logProbs: Float32Array.from(nodes.flatMap(({ logProbs }) => [...logProbs])),
    supportLogMass: Float32Array.from(nodes.flatMap(({ supportLogMass }) => [...supportLogMass])),
    stopped: Uint8Array.from(segments, (segment) => (segment.nodes.at(-1)!.ending?.stopped ? 1 : 0)),
    parents: Int32Array.from(segments, ({ parent }) => parent),
    advantages: Float32Array.from(segments, ({ advantage }) => advantage),
    pathWeights: Float32Array.from(segments, ({ weight }) => weight),
    rewardNames: [...options.rewardNames],
    rewards: Float32Array.from(
      options.rewardNames.flatMap((_, k) => segments.map(({ rewards }) => rewards[k]!)),
    ),
    scored: new Uint8Array(segments.length).fill(1),
    texts: segments.map((segment) => segment.nodes.map(({ text }) => text).join('')),
  };
}

/** Weighted means of the leaves' values [K] below every node. */
function meansBelow(
  tree: SearchTree,
  weights: Float64Array, // [nodes]
  ofLeaves: ReadonlyMap<number, readonly number[]>,
  width: number,
): number[][] {
  const means: number[][] = [];
  // Children have larger ids than their parents.
  for (const node of tree.nodes.toReversed()) {
    means[node.id] =
      ofLeaves.get(node.id)?.slice() ??
      Array.from({ length: width }, (_, k) => {
        const sum = tree.childrenOf(node).reduce((total, { id }) => total + weights[id]! * means[id]![k]!, 0);
        return sum / weights[node.id]!;
      });
  }
  return means;
}

function chainFrom(tree: SearchTree, first: TreeNode): TreeNode[] {
  const nodes = [first];
  for (let node = first; node.children.length === 1; nodes.push(node)) node = tree.node(node.children[0]!);
  return nodes;
}
