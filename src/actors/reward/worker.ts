/** The task that a scoring thread runs: one batch under the rewards of the run. */
import { type Rewards, type ScoringItem, scoreBatch } from './rewards.js';

/** Called by the pool, by name, with a batch cloned from the caller. */
export function scoreTask(batch: readonly ScoringItem[]): Rewards {
  return scoreBatch(batch);
}
