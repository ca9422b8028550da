/** The tasks that a scoring thread runs: one batch under the rewards of the run, or a look at a user's module. */

import type { Rewards, ScoringItem } from '../protocol/index.js';
import { builtInRewards } from './rewards.js';
import { describeUserReward, scoreWithUserRewards, type UserReward } from './user-rewards.js';

/** One batch and the rewards that it is scored under. */
export interface ScoringTask {
  readonly batch: readonly ScoringItem[];
  /** Names of built-in rewards. */
  readonly builtIn: readonly string[];
  readonly user: readonly UserReward[];
}

/** Called by the pool, by name, with a task cloned from the caller. */
export function scoreTask({ batch, builtIn, user }: ScoringTask): Promise<Rewards> {
  return scoreWithUserRewards(batch, builtInRewards(builtIn), user);
}

/** Name, weight and kind of the reward in the module at `url`; throws an Error that says what is wrong. */
export function describeTask(url: string): Promise<UserReward> {
  return describeUserReward(url);
}
