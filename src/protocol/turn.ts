/**
 * One turn of a debate: completions of a prompt, sampled and scored by an actor of the role. Moderator <-> role.
 *
 * Invariants: every request is answered once, by `turn.completed` or `turn.failed`; the problem's answer is for scoring only and
 * never becomes part of a prompt.
 */
import { z } from 'zod';
import { int32Array } from './arrays.js';
import { completionArrays, hasConsistentShapes, SHAPE_MESSAGE } from './completions.js';
import { count, id, role } from './fields.js';
import { cancellationReason } from './group.js';
import { hasConsistentRewards, REWARDS_MESSAGE, rewardArrays } from './scores.js';
import { problem } from './task.js';

export const turnRequest = z.strictObject({
  kind: z.literal('turn.request'),
  turnId: id,
  role,
  update: count,
  promptIndex: count,
  /** Word of the random key, as in `completions.request`. */
  stream: z.int().min(0).max(0xffff),
  /** For the scorer. */
  problem,
  /** The role's prompt: the question, and what others said. */
  promptTokens: int32Array.refine((tokens) => tokens.length > 0, 'expected at least one prompt token'), // [P]
  /** As in `completions.request`. */
  prefixTokens: int32Array.optional(), // [K]
  keepsCaches: z.boolean().optional(),
  /** Completions wanted, G. */
  sampleCount: z.int().min(1),
  /** Tokens of a completion, at most. */
  maxTokens: z.int().min(1),
});
export type TurnRequest = z.infer<typeof turnRequest>;

export const turnCompleted = z
  .strictObject({
    kind: z.literal('turn.completed'),
    turnId: id,
    policyVersion: count,
    ...completionArrays,
    texts: z.array(z.string()), // [G]
    ...rewardArrays,
  })
  .refine(hasConsistentShapes, SHAPE_MESSAGE)
  .refine((turn) => turn.texts.length === turn.lengths.length, 'expected texts.length = lengths.length')
  .refine((turn) => turn.scored.length === turn.lengths.length, 'expected scored.length = lengths.length')
  .refine(hasConsistentRewards, REWARDS_MESSAGE);
export type TurnCompleted = z.infer<typeof turnCompleted>;

export const turnFailed = z.strictObject({
  kind: z.literal('turn.failed'),
  turnId: id,
  reason: cancellationReason,
  detail: z.string(),
});
export type TurnFailed = z.infer<typeof turnFailed>;
