/**
 * Updates of the policy: which groups to expect, and what became of them. Dispatcher <-> learner.
 */
import { z } from 'zod';
import { count, metrics, outcome, role } from './fields.js';

/** Collect the groups of `taskCount` tasks for this update, then apply it. */
export const updateBegin = z.strictObject({
  kind: z.literal('update.begin'),
  update: count,
  taskCount: z.int().min(1),
});
export type UpdateBegin = z.infer<typeof updateBegin>;

/** What one group of an update came to, for whoever chooses strategies. */
const groupResult = z.strictObject({
  promptIndex: count,
  role,
  /** Mean outcome reward of its scored completions. */
  outcomeMean: z.number(),
  /** Completions that were scored. */
  sampleCount: count,
  /** Sampled tokens, ΣT. */
  tokenCount: count,
});
export type GroupResult = z.infer<typeof groupResult>;

/** The update is over; `policyVersion` is the learner's version after it. */
export const updateCompleted = z.strictObject({
  kind: z.literal('update.completed'),
  update: count,
  policyVersion: count,
  metrics,
  /** Every outcome, zeros included; together they cover all trajectories of the update. */
  outcomes: z.record(outcome, count),
  /** Of every group that was completed, by prompt. */
  groups: z.array(groupResult),
});
export type UpdateCompleted = z.infer<typeof updateCompleted>;
