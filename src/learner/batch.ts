/**
 * Turns the groups of an update into a batch: who is trained on, with which advantage and weight, and what became of the rest.
 *
 * Invariants:
 * - every trajectory ends in exactly one outcome;
 * - groups are taken in the order of their prompts, whatever order they came in;
 * - a number that is not finite drops its whole group: nothing of it reaches the policy;
 * - a searched tree brings its own advantages and weights; a tree of completions only is trained on as a group is.
 */
import {
  cutByLengths,
  type GroupCompleted,
  isFiniteArray,
  type LossName,
  type Outcome,
  type RewardRule,
} from '../protocol/index.js';
import { Random } from '../random.js';
import { type AdvantageOptions, groupAdvantages } from '../rewards/advantages.js';
import { aggregationWeight } from './losses.js';
import type { PackableGroup } from './packing.js';
import { type CountedTrajectory, loadsOf, trajectoriesOf } from './trajectories.js';

export interface BatchOptions extends AdvantageOptions {
  readonly loss: LossName;
  readonly rewards: Readonly<Record<string, RewardRule>>;
  /** Completions cut at the token limit teach nothing. */
  readonly maskTruncated: boolean;
  readonly maxCompletionTokens: number;
  /** Control experiment: permutes the rewards inside each group, keyed by this seed; null leaves them. */
  readonly shuffleSeed: number | null;
}

/** One completion to train on. */
export interface Trajectory {
  readonly tokens: Int32Array; // [T]
  readonly behaviourLogProbs: Float32Array; // [T]
  readonly supportLogMass: Float32Array; // [T]
  readonly advantage: number;
  /** Aggregation weight of each of its tokens. */
  readonly weight: number;
}

interface LiveGroup extends PackableGroup {
  readonly trajectories: readonly Trajectory[];
}

/** A group that will not be trained on. */
export interface DroppedGroup {
  readonly group: GroupCompleted;
  readonly outcome: Outcome;
  readonly detail: string;
}

export interface Batch {
  readonly groups: readonly LiveGroup[];
  readonly dropped: readonly DroppedGroup[];
  readonly outcomes: Readonly<Record<Outcome, number>>;
}

interface Scored {
  readonly group: GroupCompleted;
  readonly advantages: Float32Array; // [G]
  readonly isDead: boolean;
  readonly isTrained: readonly boolean[]; // [G]
  readonly trajectories: readonly CountedTrajectory[];
}

/** Builds the batch of an update from its completed groups; `outcomes` starts with what is already lost. */
export function buildBatch(
  completed: readonly GroupCompleted[],
  lost: Readonly<Record<Outcome, number>>,
  options: BatchOptions,
): Batch {
  const outcomes = { ...lost };
  const dropped: DroppedGroup[] = [];
  const drop = (group: GroupCompleted, outcome: Outcome, detail: string): void => {
    outcomes[outcome] += trajectoriesOf(group).length;
    dropped.push({ group, outcome, detail });
  };
  const ordered = [...completed].sort(
    (a, b) => a.promptIndex - b.promptIndex || compare(a.groupId, b.groupId),
  );
  const scored: Scored[] = [];
  for (const group of ordered) {
    const defect = defectOf(group);
    if (defect) drop(group, 'scorer_error', defect);
    else scored.push(scoreGroup(group, options));
  }
  const shape = {
    trajectoryCount: sumOf(scored, ({ trajectories }) => trajectories.length),
    tokenCount: sumOf(scored, ({ group, isTrained }) =>
      group.lengths.reduce((sum, length, i) => (isTrained[i] ? sum + length : sum), 0),
    ),
    maxCompletionTokens: options.maxCompletionTokens,
  };
  const groups: LiveGroup[] = [];
  for (const { group, advantages, isDead, isTrained, trajectories } of scored) {
    if (isDead) {
      drop(group, 'dead_group', 'all outcome rewards are equal');
      continue;
    }
    const loads = loadsOf(group, trajectories);
    const trained = trajectoriesIn(group).flatMap((part, i) => {
      if (!isTrained[i]) return [];
      const { weight, length } = loads[i]!;
      const aggregated = aggregationWeight(options.loss, shape, length) * weight;
      return [{ ...part, advantage: advantages[i]!, weight: aggregated }];
    });
    for (const { index } of trajectories) outcomes[isTrained[index] ? 'applied' : 'truncated']++;
    if (trained.length === 0) continue;
    groups.push({
      promptTokens: group.promptTokens,
      completions: trained.map(({ tokens }) => tokens),
      trajectories: trained,
      ...(group.parents ? { parents: parentsAmong(group.parents, isTrained) } : {}),
    });
  }
  return { groups, dropped, outcomes };
}

/** Why a group must not be trained on, or null. */
function defectOf(group: GroupCompleted): string | null {
  if (!group.scored.every((flag) => flag === 1)) return 'a completion was not scored';
  if (!isFiniteArray(group.rewards)) return 'a reward is not finite';
  if (
    group.advantages &&
    group.pathWeights &&
    !(isFiniteArray(group.advantages) && isFiniteArray(group.pathWeights))
  )
    return 'an advantage or a weight of the tree is not finite';
  if (!isFiniteArray(group.logProbs) || !isFiniteArray(group.supportLogMass))
    return 'a log-probability is not finite';
  return null;
}

function scoreGroup(group: GroupCompleted, options: BatchOptions): Scored {
  const size = group.lengths.length;
  const order = Array.from({ length: size }, (_, i) => i);
  const source =
    options.shuffleSeed === null
      ? order
      : new Random(options.shuffleSeed, 'shuffle-rewards', group.update, group.promptIndex).shuffle(order);
  const total = new Float32Array(size);
  const outcomeRewards = new Float32Array(size);
  group.rewardNames.forEach((name, k) => {
    const rule = options.rewards[name];
    if (!rule) return; // logged by its name, but without a weight
    for (let i = 0; i < size; i++) {
      const reward = rule.weight * group.rewards[k * size + source[i]!]!;
      total[i]! += reward;
      if (rule.kind === 'outcome') outcomeRewards[i]! += reward;
    }
  });
  const trajectories = trajectoriesOf(group);
  const ends = new Set(trajectories.map(({ index }) => index));
  const isTrained = order.map((i) => !ends.has(i) || group.stopped[i] === 1 || !options.maskTruncated);
  if (group.advantages) {
    const isDead = group.advantages.every((advantage) => advantage === 0);
    return { group, advantages: group.advantages, isDead, isTrained, trajectories };
  }
  return { group, ...groupAdvantages(total, outcomeRewards, options), isTrained, trajectories };
}

function sumOf<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0);
}

/** Parents by their place among the segments that are trained on; a segment that is left out has no others behind it. */
function parentsAmong(parents: Int32Array, isTrained: readonly boolean[]): Int32Array {
  let count = 0;
  const places = isTrained.map((trained) => (trained ? count++ : -1));
  return parents.filter((_, i) => isTrained[i]).map((parent) => (parent < 0 ? -1 : places[parent]!));
}

/** The completions of a group as views of its arrays. */
function trajectoriesIn(group: GroupCompleted): Omit<Trajectory, 'advantage' | 'weight'>[] {
  const { lengths } = group;
  const logProbs = cutByLengths(group.logProbs, lengths);
  const supportLogMass = cutByLengths(group.supportLogMass, lengths);
  return cutByLengths(group.tokens, lengths).map((tokens, i) => ({
    tokens,
    behaviourLogProbs: logProbs[i]!,
    supportLogMass: supportLogMass[i]!,
  }));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
