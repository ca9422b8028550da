/**
 * Whether one way to answer beats another on the same problems: the mean difference, its interval, and the words to claim it with.
 *
 * Invariants: a gain is claimed only where the whole 95 % interval is above zero; the same differences and key give the same numbers.
 */
import type { Random } from '../../src/random.js';

export interface Gain {
  /** Mean of the paired differences. */
  readonly mean: number;
  /** Percentile bootstrap over pairs, 95 % (Efron, 1979). */
  readonly interval: readonly [number, number];
  /** Two-sided p of the paired z test: how often chance alone differs as much. */
  readonly p: number;
  readonly pairs: number;
  readonly conclusion: 'gain' | 'loss' | 'no gain';
}

/** `differences[i]` is what debate got on problem i less what the other way got there. */
export function gainOf(differences: ArrayLike<number>, random: Random, resamples = 2000): Gain {
  const pairs = differences.length;
  const values = Float64Array.from(differences);
  const mean = values.reduce((sum, value) => sum + value, 0) / pairs;
  const means = Float64Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let i = 0; i < pairs; i++) sum += values[Math.floor(random.uniform() * pairs)]!;
    return sum / pairs;
  }).sort();
  const at = (share: number): number => means[Math.min(resamples - 1, Math.floor(share * resamples))]!;
  const interval = [at(0.025), at(0.975)] as const;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, pairs - 1);
  const p = mean === 0 ? 1 : tailsBeyond(Math.abs(mean) / Math.sqrt(variance / pairs));
  const conclusion = interval[0] > 0 ? 'gain' : interval[1] < 0 ? 'loss' : 'no gain';
  return { mean, interval, p, pairs, conclusion };
}

/** P(|Z| > z) of a standard normal, to 2e-7 (Abramowitz and Stegun, 7.1.26). */
function tailsBeyond(z: number): number {
  const x = z / Math.SQRT2;
  const u = 1 / (1 + 0.3275911 * x);
  const polynomial =
    0.254829592 + u * (-0.284496736 + u * (1.421413741 + u * (-1.453152027 + u * 1.061405429)));
  return u * polynomial * Math.exp(-x * x);
}
