/**
 * One turn of a debate: completions of a role's prompt, scored. Moderator <-> role.
 *
 * Invariants: every request is answered once, by `turn.completed` or `turn.failed`; the problem's answer is for scoring only and
 * never becomes part of a prompt.
 */
import { z } from 'zod';
import { float32Array, int32Array, uint8Array } from './arrays.js';
import { completionArrays, hasConsistentShapes, SHAPE_MESSAGE } from './completions.js';
import { count, id, role } from './fields.js';
import { cancellationReason } from './group.js';
import { problem } from './task.js';

/** What a debater said, as others get to read it. */
export const said = z.strictObject({ role: role.exclude(['synthesizer']), text: z.string().max(100_000) });

export const turnRequest = z.strictObject({
  kind: z.literal('turn.request'),
  turnId: id,
  role,
  /** From 0. */
  round: count,
  update: count,
  promptIndex: count,
  /** Word of the random key, as in `completions.request`. */
  stream: z.int().min(0).max(0xffff),
  problem,
  /** What stands in the prompt after the question, in order. */
  turns: z.array(said).max(64),
  /** Completions wanted, G. */
  sampleCount: z.int().min(1),
});
export type TurnRequest = z.infer<typeof turnRequest>;

export const turnCompleted = z
  .strictObject({
    kind: z.literal('turn.completed'),
    turnId: id,
    /** Role that gave the completions. */
    role,
    policyVersion: count,
    promptTokens: int32Array, // [P]
    ...completionArrays,
    texts: z.array(z.string()), // [G]
    rewardNames: z.array(id), // [K]
    rewards: float32Array, // [K, G]
    scored: uint8Array, // [G]
  })
  .refine(hasConsistentShapes, SHAPE_MESSAGE)
  .refine((turn) => turn.texts.length === turn.lengths.length, 'expected texts.length = lengths.length')
  .refine((turn) => turn.scored.length === turn.lengths.length, 'expected scored.length = lengths.length')
  .refine(
    (turn) => turn.rewards.length === turn.rewardNames.length * turn.lengths.length,
    'expected rewards.length = rewardNames.length × lengths.length',
  );
export type TurnCompleted = z.infer<typeof turnCompleted>;

export const turnFailed = z.strictObject({
  kind: z.literal('turn.failed'),
  turnId: id,
  reason: cancellationReason,
  detail: z.string(),
});
export type TurnFailed = z.infer<typeof turnFailed>;
