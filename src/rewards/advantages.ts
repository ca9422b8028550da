/**
 * Group-relative advantages (DeepSeekMath, eq. 4.1.2): how much better a completion is than its siblings. One formula for groups, whose
 * completions all count the same, and for the leaves of a tree, which count by their policy weights.
 *
 *   A = (R − mean) / (deviation + ε)
 *
 *   equal      mean = Σ R / G      deviation² = Σ (R − mean)² / (G − 1)
 *   weighted   mean = Σ w R        deviation² = Σ w (R − mean)² / (1 − Σ w²)        Σ w = 1
 *
 * Invariants:
 * - the standard deviation is the sample one (ddof = 1), as in TRL and Tunix; equal weights w = 1/G give the same up to rounding;
 * - one completion, or completions whose outcome rewards are all equal, are dead: every advantage is exactly 0, whatever their shaping
 *   rewards say, so that format alone never revives a group that has no right or wrong in it;
 * - Σ w · A is 0.
 */
import type { RewardScale } from '../protocol/index.js';

export interface AdvantageOptions {
  /** Divide by the standard deviation ('group'), or only subtract the mean ('none', Dr. GRPO). */
  readonly scale: RewardScale;
  /** Added to the standard deviation; TRL uses 1e-4. */
  readonly epsilon: number;
}

interface Advantages<A extends Float32Array | Float64Array> {
  readonly advantages: A; // [G]
  readonly isDead: boolean;
  readonly mean: number;
  readonly deviation: number;
}

/** Differences below this are rounding of equal rewards. */
const SAME_REWARD = 1e-6;

/** Advantages of a group from total rewards [G] and the outcome part of them [G]. */
export function groupAdvantages(
  rewards: Float32Array, // [G]
  outcomeRewards: Float32Array, // [G]
  options: AdvantageOptions,
): Advantages<Float32Array> {
  const { isDead, advantageOf, ...moments } = judge(rewards, outcomeRewards, options);
  return { advantages: Float32Array.from(rewards, advantageOf), isDead, ...moments };
}

/** Advantages of the leaves of a tree from total rewards [L], weights [L] and the outcome part of the rewards [L]. */
export function weightedAdvantages(
  rewards: Float64Array, // [L]
  weights: Float64Array, // [L], Σ = 1
  outcomeRewards: Float64Array, // [L]
  options: AdvantageOptions,
): Advantages<Float64Array> {
  const { isDead, advantageOf, ...moments } = judge(rewards, outcomeRewards, options, weights);
  return { advantages: Float64Array.from(rewards, advantageOf), isDead, ...moments };
}

/** True where there is nothing to compare. */
function isAllEqual(values: ArrayLike<number>): boolean {
  const list = Array.from(values);
  return list.length < 2 || !(Math.max(...list) - Math.min(...list) > SAME_REWARD);
}

interface Moments {
  readonly mean: number;
  readonly deviation: number;
}

function judge(
  rewards: ArrayLike<number>,
  outcomeRewards: ArrayLike<number>,
  { scale, epsilon }: AdvantageOptions,
  weights?: Float64Array,
): Moments & { readonly isDead: boolean; readonly advantageOf: (reward: number) => number } {
  const { mean, deviation } = momentsOf(rewards, weights);
  const isDead = isAllEqual(outcomeRewards);
  const divisor = scale === 'group' ? deviation + epsilon : 1;
  return { mean, deviation, isDead, advantageOf: (reward) => (isDead ? 0 : (reward - mean) / divisor) };
}

/** Mean and sample deviation; every value counts the same where no weights are given. */
function momentsOf(values: ArrayLike<number>, weights?: Float64Array): Moments {
  const weightOf = (i: number): number => weights?.[i] ?? 1;
  const count = values.length;
  const [total, freedom] = weights
    ? [1, 1 - weights.reduce((sum, weight) => sum + weight ** 2, 0)]
    : [count, count - 1];
  const sumOver = (term: (value: number) => number): number => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += weightOf(i) * term(values[i]!);
    return sum;
  };
  const mean = sumOver((value) => value) / total;
  const squares = sumOver((value) => (value - mean) ** 2);
  return { mean, deviation: count > 1 ? Math.sqrt(squares / freedom) : 0 };
}
