/**
 * Work for a role: one problem to turn into trajectory groups. Dispatcher -> role.
 */
import { z } from 'zod';
import { count, id, strategy } from './fields.js';

const keywords = z.array(z.string().max(1000)).max(1000);

/** What the question of an open problem asks of any answer, and what can be checked. */
export const openConstraints = z.strictObject({
  /** Words or phrases that the answer must contain, in any case. */
  requiredKeywords: keywords,
  /** Length in runs of characters that are not white space, both ends included. */
  minWords: count,
  maxWords: count,
  /** The text to be summarized. */
  sourceText: z.string().max(1_000_000).optional(),
});
export type OpenConstraints = z.infer<typeof openConstraints>;

/** A problem with its reference answer; one with `constraints` is open, whatever its type: `answer` is then an example. */
export const problem = z.strictObject({
  id,
  question: z.string().min(1),
  answer: z.string(),
  type: z.string(),
  difficulty: z.string(),
  domain: z.string(),
  family: z.string(),
  constraints: openConstraints.optional(),
  /** True where the answer is a list, separated by commas, whose order does not matter. */
  unordered: z.boolean().optional(),
  /** What a good open answer speaks of. */
  keywords: keywords.optional(),
});
export type Problem = z.infer<typeof problem>;

/** Answer with groups that name the same task; the last one, completed or cancelled, ends it. */
export const taskAssign = z.strictObject({
  kind: z.literal('task.assign'),
  taskId: id,
  /** Update that the group is meant for, from 0. */
  update: count,
  /** Place of the problem among the prompts of its update, from 0. */
  promptIndex: count,
  strategy,
  problem,
  /** Completions to sample, G; a debate or a tree spends about as many. */
  groupSize: z.int().min(1),
});
export type TaskAssign = z.infer<typeof taskAssign>;

/** An actor ends and gives back a task that it had not finished: nothing of it went to the learner. Role -> dispatcher. */
export const taskReturned = z.strictObject({
  kind: z.literal('task.returned'),
  taskId: id,
  update: count,
  promptIndex: count,
  detail: z.string(),
});
export type TaskReturned = z.infer<typeof taskReturned>;
