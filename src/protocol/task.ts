/**
 * Work for a role: one problem to turn into one trajectory group. Dispatcher -> role.
 */
import { z } from 'zod';
import { count, id, role } from './fields.js';

/** A problem with its reference answer. */
export const problem = z.strictObject({
  id,
  question: z.string().min(1),
  answer: z.string(),
  type: z.string(),
  difficulty: z.string(),
  domain: z.string(),
  family: z.string(),
});
export type Problem = z.infer<typeof problem>;

/** Answer with a `group.completed` or a `group.cancelled` that names the same task. */
export const taskAssign = z.strictObject({
  kind: z.literal('task.assign'),
  taskId: id,
  /** Update that the group is meant for, from 0. */
  update: count,
  /** Place of the problem among the prompts of its update, from 0. */
  promptIndex: count,
  role,
  problem,
  /** Completions to sample, G. */
  groupSize: z.int().min(1),
});
export type TaskAssign = z.infer<typeof taskAssign>;
