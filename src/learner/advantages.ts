/**
 * Group-relative advantages (DeepSeekMath, eq. 4.1.2): how much better a completion is than its siblings.
 *
 * Invariants:
 * - the standard deviation is the sample one (ddof = 1), as in TRL and Tunix;
 * - a group of one, or one whose outcome rewards are all equal, is dead: every advantage is exactly 0, whatever its shaping
 *   rewards say, so that format alone never revives a group that has no right or wrong in it.
 */

export interface GroupAdvantages {
  readonly advantages: Float32Array; // [G]
  readonly isDead: boolean;
  readonly mean: number;
  readonly deviation: number;
}

export interface AdvantageOptions {
  /** Divide by the group's standard deviation ('group'), or only subtract the mean ('none', Dr. GRPO). */
  readonly scale: 'group' | 'none';
  /** Added to the standard deviation; TRL uses 1e-4. */
  readonly epsilon: number;
}

/** Differences below this are rounding of equal rewards. */
const SAME_REWARD = 1e-6;

/** Advantages of a group from total rewards [G] and the outcome part of them [G]. */
export function groupAdvantages(
  rewards: Float32Array,
  outcomes: Float32Array,
  { scale, epsilon }: AdvantageOptions,
): GroupAdvantages {
  const count = rewards.length;
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / count;
  const squares = rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0);
  const deviation = count > 1 ? Math.sqrt(squares / (count - 1)) : 0;
  const spread = Math.max(...outcomes) - Math.min(...outcomes);
  const advantages = new Float32Array(count);
  const isDead = count < 2 || !(spread > SAME_REWARD);
  if (!isDead) {
    const divisor = scale === 'group' ? deviation + epsilon : 1;
    for (let i = 0; i < count; i++) advantages[i] = (rewards[i]! - mean) / divisor;
  }
  return { advantages, isDead, mean, deviation };
}
