/**
 * Policy versions: the learner says where a new one lies, each sampler proves that it holds it.
 */
import { z } from 'zod';
import { count, id } from './fields.js';

/** A version is complete in a shared buffer. Learner -> samplers. */
export const policyPublished = z.strictObject({
  kind: z.literal('policy.published'),
  version: count,
  /** Which of the two shared buffers holds it. */
  slot: z.literal([0, 1]),
  /** Hash of a probe of the weights, which a sampler must find again. */
  probeHash: id,
});
export type PolicyPublished = z.infer<typeof policyPublished>;

/** A sampler now samples from this version and found this probe hash. Sampler -> learner. */
export const policyLoaded = z.strictObject({
  kind: z.literal('policy.loaded'),
  version: count,
  probeHash: id,
});
export type PolicyLoaded = z.infer<typeof policyLoaded>;
