/**
 * Trajectory groups: the G scored completions of one prompt, or the news that they will never come.
 * Role -> learner; every assigned task ends with exactly one message that says so.
 */
import { z } from 'zod';
import { float32Array, int32Array } from './arrays.js';
import { completionArrays, hasConsistentShapes, SHAPE_MESSAGE } from './completions.js';
import { count, id, role } from './fields.js';
import { hasConsistentRewards, REWARDS_MESSAGE, rewardArrays } from './scores.js';

const groupIdentity = {
  groupId: id,
  taskId: id,
  update: count,
  promptIndex: count,
  /** Nothing else will come for the task. */
  endsTask: z.boolean(),
};

/** One complete group. Float arrays may hold NaN: `isFiniteArray` is asked where the group enters a batch. */
export const groupCompleted = z
  .strictObject({
    kind: z.literal('group.completed'),
    ...groupIdentity,
    role,
    problemId: id,
    domain: z.string(),
    /** Version of the behaviour policy: the one that sampled every completion of the group. */
    policyVersion: count,
    promptTokens: int32Array, // [P]
    ...completionArrays,
    ...rewardArrays,
    /**
     * Only of a searched tree, whose segments stand where completions stand otherwise: the segment that each one follows, an
     * earlier one, −1 for the prompt. A segment's rewards are means over the completions that run through it.
     */
    parents: int32Array.optional(), // [G]
    /** Only of a tree: the advantage of each segment, and its share of what the policy itself would have sampled; leaves' add up to 1. */
    advantages: float32Array.optional(), // [G]
    pathWeights: float32Array.optional(), // [G]
    /** Decoded completions, only when the group goes to a sample file. */
    texts: z.array(z.string()).optional(), // [G]
  })
  .refine(hasConsistentShapes, SHAPE_MESSAGE)
  .refine((group) => group.promptTokens.length > 0, 'expected at least one prompt token')
  .refine(hasConsistentRewards, REWARDS_MESSAGE)
  .refine((group) => group.scored.length === group.lengths.length, 'expected scored.length = lengths.length')
  .refine(
    (group) => group.texts === undefined || group.texts.length === group.lengths.length,
    'expected texts.length = lengths.length',
  )
  .refine(
    hasConsistentTree,
    'expected parents, advantages and pathWeights of lengths.length together, parents first',
  );
export type GroupCompleted = z.infer<typeof groupCompleted>;

/** No tree at all, or one array of each kind with earlier segments as parents. */
function hasConsistentTree(group: {
  lengths: Int32Array;
  parents?: Int32Array | undefined;
  advantages?: Float32Array | undefined;
  pathWeights?: Float32Array | undefined;
}): boolean {
  const { parents, advantages, pathWeights } = group;
  if (!parents && !advantages && !pathWeights) return true;
  if (!parents || !advantages || !pathWeights) return false;
  const size = group.lengths.length;
  if (parents.length !== size || advantages.length !== size || pathWeights.length !== size) return false;
  return (
    parents.every((parent, i) => parent >= -1 && parent < i) && group.lengths.every((length) => length > 0)
  );
}

/** Why a group will never be completed. */
export const cancellationReason = z.enum([
  'scorer_error',
  'sampler_error',
  'not_finite',
  'actor_terminated',
  'shutdown',
]);
export type CancellationReason = z.infer<typeof cancellationReason>;

export const groupCancelled = z.strictObject({
  kind: z.literal('group.cancelled'),
  ...groupIdentity,
  reason: cancellationReason,
  detail: z.string(),
});
export type GroupCancelled = z.infer<typeof groupCancelled>;
