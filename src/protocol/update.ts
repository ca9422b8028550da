/**
 * Updates of the policy: which groups to expect, and what became of them. Dispatcher <-> learner.
 */
import { z } from 'zod';
import { count, metrics, outcome } from './fields.js';

/** Collect the groups of `taskCount` tasks for this update, then apply it. */
export const updateBegin = z.strictObject({
  kind: z.literal('update.begin'),
  update: count,
  taskCount: z.int().min(1),
});
export type UpdateBegin = z.infer<typeof updateBegin>;

/** The update is over; `policyVersion` is the learner's version after it. */
export const updateCompleted = z.strictObject({
  kind: z.literal('update.completed'),
  update: count,
  policyVersion: count,
  metrics,
  /** Every outcome, zeros included; together they cover all trajectories of the update. */
  outcomes: z.record(outcome, count),
});
export type UpdateCompleted = z.infer<typeof updateCompleted>;
