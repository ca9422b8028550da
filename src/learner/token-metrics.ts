/** Diagnostics of an update from per-token arrays, under TRL's names, so that its users can read them. */
import type { LearnerMetrics } from './metrics.js';

/** What one micro-batch adds: all [M], trained tokens only. */
interface MeasuredTokens {
  readonly current: Float32Array; // log-probabilities at the sampling distribution, before the update
  readonly behaviour: Float32Array;
  readonly reference: Float32Array | null;
  readonly advantages: Float32Array;
  readonly entropies: Float32Array;
}

interface ClipBounds {
  readonly low: number;
  readonly high: number;
}

type TokenMetrics = Pick<
  LearnerMetrics,
  | 'entropy'
  | 'kl'
  | 'clip_ratio/low_mean'
  | 'clip_ratio/high_mean'
  | 'clip_ratio/region_mean'
  | 'sampling/sampling_logp_difference/mean'
  | 'sampling/sampling_logp_difference/max'
> &
  Record<`sampling/importance_sampling_ratio/${'min' | 'mean' | 'max'}`, number>;

/** Sums over the tokens of an update; `metrics` gives their means. */
export class TokenStatistics {
  #count = 0;
  #entropy = 0;
  #divergence: number | null = null;
  #low = 0;
  #high = 0;
  #difference = 0;
  #maxDifference = 0;
  #ratio = 0;
  #minRatio = Number.POSITIVE_INFINITY;
  #maxRatio = 0;

  constructor(private readonly bounds: ClipBounds) {}

  add({ current, behaviour, reference, advantages, entropies }: MeasuredTokens): void {
    for (let i = 0; i < current.length; i++) {
      const logRatio = current[i]! - behaviour[i]!;
      const ratio = Math.exp(logRatio);
      this.#count++;
      this.#entropy += entropies[i]!;
      this.#difference += Math.abs(logRatio);
      this.#maxDifference = Math.max(this.#maxDifference, Math.abs(logRatio));
      this.#ratio += ratio;
      this.#minRatio = Math.min(this.#minRatio, ratio);
      this.#maxRatio = Math.max(this.#maxRatio, ratio);
      if (advantages[i]! < 0 && ratio < 1 - this.bounds.low) this.#low++;
      if (advantages[i]! > 0 && ratio > 1 + this.bounds.high) this.#high++;
      if (reference) {
        const d = reference[i]! - current[i]!;
        this.#divergence = (this.#divergence ?? 0) + Math.exp(d) - d - 1;
      }
    }
  }

  metrics(): TokenMetrics {
    const mean = (total: number): number => (this.#count === 0 ? 0 : total / this.#count);
    return {
      entropy: mean(this.#entropy),
      ...(this.#divergence === null ? {} : { kl: mean(this.#divergence) }),
      'clip_ratio/low_mean': mean(this.#low),
      'clip_ratio/high_mean': mean(this.#high),
      'clip_ratio/region_mean': mean(this.#low + this.#high),
      'sampling/sampling_logp_difference/mean': mean(this.#difference),
      'sampling/sampling_logp_difference/max': this.#maxDifference,
      'sampling/importance_sampling_ratio/min': this.#count === 0 ? 1 : this.#minRatio,
      'sampling/importance_sampling_ratio/mean': this.#count === 0 ? 1 : mean(this.#ratio),
      'sampling/importance_sampling_ratio/max': this.#count === 0 ? 1 : this.#maxRatio,
    };
  }
}
