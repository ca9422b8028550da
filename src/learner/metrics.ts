/**
 * The rows of metrics.jsonl: TRL's names where TRL has one, and the part of a row that follows from the groups alone.
 *
 * Invariants:
 * - two runs with the same seed differ in `TIME_KEYS` only;
 * - the `outcomes/*` shares of a row add up to 1.
 */
import type { GroupCompleted, Outcome } from '../protocol/index.js';
import { trajectoriesOf } from './trajectories.js';

/** Keys whose values measure time; everything else is a function of configuration and seed. */
export const TIME_KEYS = [
  'step_time',
  'time/rollout',
  'time/learner',
  'tokens_per_second/rollout',
  'tokens_per_second/learner',
] as const;

/** What the groups of one update say before the learner has seen them. */
interface RolloutMetrics {
  /** Prompt and completion tokens of all trajectories since the run began; what paths of a tree share counts once. */
  num_tokens: number;
  'completions/mean_length': number; // tokens
  'completions/min_length': number;
  'completions/max_length': number;
  /** Share of completions cut at the token limit, in [0, 1]. */
  'completions/clipped_ratio': number;
  /** Lengths of the completions that ended by themselves; 0 when none did. */
  'completions/mean_terminated_length': number;
  'completions/min_terminated_length': number;
  'completions/max_terminated_length': number;
  /** Mean weighted reward. */
  reward: number;
  /** Mean over groups of the sample standard deviation of the weighted reward. */
  reward_std: number;
  /** Share of groups whose weighted rewards are all equal, in [0, 1]. */
  frac_reward_zero_std: number;
  [name: `rewards/${string}/${'mean' | 'std'}`]: number;
}

/** What the learner adds. `kl` is there only when the KL term has a weight. */
export interface LearnerMetrics {
  loss: number;
  grad_norm: number;
  learning_rate: number;
  entropy: number; // nats per token
  kl?: number;
  'clip_ratio/low_mean'?: number;
  'clip_ratio/high_mean'?: number;
  'clip_ratio/region_mean'?: number;
  'sampling/sampling_logp_difference/mean'?: number;
  'sampling/sampling_logp_difference/max'?: number;
}

type OutcomeMetrics = Record<`outcomes/${Outcome}`, number>;

/** The fields of a group that its metrics need. */
export type MeasuredGroup = Pick<
  GroupCompleted,
  'promptTokens' | 'lengths' | 'stopped' | 'rewardNames' | 'rewards' | 'scored' | 'parents' | 'pathWeights'
>;

/** As TRL does: a standard deviation below this is zero up to rounding. */
const ZERO_STD = 1e-8;

/**
 * Metrics of the groups of one update.
 * Completions without a score (`scored` 0, or a reward that is not finite) count for lengths but not for rewards.
 * `weights` maps a reward's name to its weight, 0 when absent. A mean over nothing is 0. Mean rewards of a tree are those that the
 * policy would have got without the search.
 */
export function rolloutMetrics(
  groups: readonly MeasuredGroup[],
  weights: Readonly<Record<string, number>>,
  tokensBefore: number,
): RolloutMetrics {
  const lengths: number[] = [];
  const terminated: number[] = [];
  const totals: Weighted[] = [];
  const groupStds: number[] = [];
  const byName = new Map<string, Weighted[]>();
  let tokens = tokensBefore;

  for (const group of groups) {
    const { promptTokens, rewardNames, rewards } = group; // [P], [K], [K, G]
    const groupSize = group.lengths.length;
    const groupTotals: Weighted[] = [];
    for (const name of rewardNames) if (!byName.has(name)) byName.set(name, []);
    const trajectories = trajectoriesOf(group);
    tokens +=
      trajectories.length * promptTokens.length + group.lengths.reduce((sum, length) => sum + length, 0);
    for (const { index, length, weight } of trajectories) {
      lengths.push(length);
      if (group.stopped[index] === 1) terminated.push(length);

      const column = rewardNames.map((_, k) => rewards[k * groupSize + index]!);
      if (group.scored[index] !== 1 || !column.every(Number.isFinite)) continue;
      let total = 0;
      for (const [k, name] of rewardNames.entries()) {
        byName.get(name)!.push({ value: column[k]!, weight });
        total += (weights[name] ?? 0) * column[k]!;
      }
      groupTotals.push({ value: total, weight });
    }
    totals.push(...groupTotals);
    groupStds.push(sampleStd(groupTotals));
  }

  const metrics: RolloutMetrics = {
    num_tokens: tokens,
    'completions/mean_length': mean(lengths),
    'completions/min_length': lowest(lengths),
    'completions/max_length': highest(lengths),
    'completions/clipped_ratio': lengths.length === 0 ? 0 : 1 - terminated.length / lengths.length,
    'completions/mean_terminated_length': mean(terminated),
    'completions/min_terminated_length': lowest(terminated),
    'completions/max_terminated_length': highest(terminated),
    reward: weightedMean(totals),
    reward_std: mean(groupStds),
    frac_reward_zero_std: mean(groupStds.map((std) => (std < ZERO_STD ? 1 : 0))),
  };
  for (const [name, values] of byName) {
    metrics[`rewards/${name}/mean`] = weightedMean(values);
    metrics[`rewards/${name}/std`] = sampleStd(values);
  }
  return metrics;
}

/** Share of each outcome among the trajectories of an update; all 0 when there were none. */
export function outcomeShares(counts: Readonly<Record<Outcome, number>>): OutcomeMetrics {
  const entries = Object.entries(counts);
  const total = entries.reduce((sum, [, count]) => sum + count, 0);
  return Object.fromEntries(
    entries.map(([outcome, count]) => [`outcomes/${outcome}`, total === 0 ? 0 : count / total]),
  ) as OutcomeMetrics;
}

/** A row without the keys that measure time: equal for two runs with the same seed. */
export function withoutTimes<Row extends Readonly<Record<string, unknown>>>(row: Row): Partial<Row> {
  const times: ReadonlySet<string> = new Set(TIME_KEYS);
  return Object.fromEntries(Object.entries(row).filter(([key]) => !times.has(key))) as Partial<Row>;
}

interface Weighted {
  readonly value: number;
  readonly weight: number;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function weightedMean(values: readonly Weighted[]): number {
  const total = values.reduce((sum, { weight }) => sum + weight, 0);
  return total === 0 ? 0 : values.reduce((sum, { value, weight }) => sum + weight * value, 0) / total;
}

/** Sample standard deviation (n - 1 below), every value once; 0 for fewer than two values. */
function sampleStd(values: readonly Weighted[]): number {
  if (values.length < 2) return 0;
  const center = mean(values.map(({ value }) => value));
  const squares = values.reduce((sum, { value }) => sum + (value - center) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

function lowest(values: readonly number[]): number {
  return values.reduce((low, value) => Math.min(low, value), values[0] ?? 0);
}

function highest(values: readonly number[]): number {
  return values.reduce((high, value) => Math.max(high, value), values[0] ?? 0);
}
