/** The learning rate of each update: linear warm-up, then constant or a cosine down to a fraction of the peak. */
import type { Schedule } from '../protocol/index.js';

export interface ScheduleOptions {
  readonly learningRate: number;
  readonly warmupUpdates: number;
  readonly schedule: Schedule;
  /** What is left of the peak at the end of a cosine. */
  readonly finalLearningRateFraction: number;
}

/** Learning rate of update `update` (from 0) of `updates`. The first update of a warm-up of n uses 1/n of the peak. */
export function learningRateAt(update: number, updates: number, options: ScheduleOptions): number {
  const { learningRate, warmupUpdates, schedule, finalLearningRateFraction } = options;
  if (update < warmupUpdates) return (learningRate * (update + 1)) / warmupUpdates;
  if (schedule === 'constant') return learningRate;
  const progress = Math.min(1, (update - warmupUpdates) / Math.max(1, updates - warmupUpdates));
  const cosine = 0.5 * (1 + Math.cos(Math.PI * progress));
  return learningRate * (finalLearningRateFraction + (1 - finalLearningRateFraction) * cosine);
}
