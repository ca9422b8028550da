/**
 * Fields that several messages share: identifiers, counters and the vocabularies of roles, reasons and outcomes.
 */
import { z } from 'zod';
import { ROLES, STRATEGIES } from './names.js';

/** Not empty text, for identifiers. */
export const id = z.string().min(1);

/** An integer of 0 or more. */
export const count = z.int().min(0);

/** Path of an actor: its thread, then its name, as in `rollout-0/forward-3`; a thread's main actor is just `learner`. */
export const actorPath = z
  .string()
  .regex(/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_.-]+)*$/, 'expected an actor path such as rollout-0/forward-3');

export const role = z.enum(ROLES);
export const strategy = z.enum(STRATEGIES);

/** How an actor or a thread came to its end. */
export const terminationReason = z.enum(['normal', 'error', 'oom', 'killed', 'wedged']);
export type TerminationReason = z.infer<typeof terminationReason>;

/** Where a group or a trajectory ends; each ends in exactly one. */
export const outcome = z.enum([
  'applied',
  'stale',
  'dead_group',
  'truncated',
  'scorer_error',
  'cancelled',
  'dead_letter',
]);
export type Outcome = z.infer<typeof outcome>;

/** A count for every outcome, all zero. */
export function noOutcomes(): Record<Outcome, number> {
  return { applied: 0, stale: 0, dead_group: 0, truncated: 0, scorer_error: 0, cancelled: 0, dead_letter: 0 };
}

/** Named numbers, such as the metrics of an update. NaN and infinities are allowed: a bad metric must be seen. */
export const metrics = z.record(z.string(), z.union([z.number(), z.nan(), z.literal([Infinity, -Infinity])]));
