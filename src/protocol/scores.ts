/**
 * Scoring: completions of one problem go to a scorer, their rewards come back. Rollout worker <-> scorer.
 *
 * Invariants: every request is answered once, by `scores.completed` or `scores.failed`; a reward that could not be worked out is NaN and
 * its completion is not scored, which is an answer and no failure.
 */
import { z } from 'zod';
import { float32Array, uint8Array } from './arrays.js';
import { id } from './fields.js';
import { problem } from './task.js';

export const scoresRequest = z.strictObject({
  kind: z.literal('scores.request'),
  requestId: id,
  /** With its reference answer. */
  problem,
  /** Whole completions, the stop token left out. */
  texts: z.array(z.string()), // [G]
});
export type ScoresRequest = z.infer<typeof scoresRequest>;

/** Arrays of rewards that scored completions have in common. */
export const rewardArrays = {
  rewardNames: z.array(id), // [K]
  rewards: float32Array, // [K, G], row k = rewardNames[k]; NaN = not scored
  /** 0 = a reward failed on this completion, so that its rewards mean nothing. */
  scored: uint8Array, // [G]
};

/** As many rewards as names and completions ask for. */
export function hasConsistentRewards(scores: {
  rewardNames: readonly string[];
  rewards: Float32Array;
  scored: Uint8Array;
}): boolean {
  return scores.rewards.length === scores.rewardNames.length * scores.scored.length;
}

export const REWARDS_MESSAGE = 'expected rewards.length = rewardNames.length × scored.length';

export const scoresCompleted = z
  .strictObject({ kind: z.literal('scores.completed'), requestId: id, ...rewardArrays })
  .refine(hasConsistentRewards, REWARDS_MESSAGE);
export type ScoresCompleted = z.infer<typeof scoresCompleted>;

/** The scorer could not serve a request; nothing else will come for it. */
export const scoresFailed = z.strictObject({
  kind: z.literal('scores.failed'),
  requestId: id,
  detail: z.string(),
});
export type ScoresFailed = z.infer<typeof scoresFailed>;
