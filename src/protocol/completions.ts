/**
 * Sampling: a prompt goes to a sampler, G completions come back. Role (or evaluator) <-> sampler.
 *
 * Invariants: completions are concatenated, never padded; `lengths` cuts them apart (Σ lengths = ΣT).
 */
import { z } from 'zod';
import { areLengthsOf, float32Array, int32Array, uint8Array } from './arrays.js';
import { count, id } from './fields.js';

/** Sample `sampleCount` completions of one prompt. */
export const completionsRequest = z.strictObject({
  kind: z.literal('completions.request'),
  requestId: id,
  purpose: z.enum(['rollout', 'evaluation']),
  /** With promptIndex and stream, the key of the sampler's random numbers. */
  update: count,
  promptIndex: count,
  /** Which of a task's requests this is, from 0: a debate or a tree makes several. */
  stream: z.int().min(0).max(0xffff),
  promptTokens: int32Array.refine((tokens) => tokens.length > 0, 'expected at least one prompt token'), // [P]
  /** Beginning of the completions, sampled before: they go on behind it. None if left out. */
  prefixTokens: int32Array.optional(), // [K]
  /** Requests that continue these completions will come. */
  keepsCaches: z.boolean().optional(),
  /** Completions wanted, G. */
  sampleCount: z.int().min(1),
  /** Tokens of a completion, at most, not counting the prefix. */
  maxTokens: z.int().min(1),
  /** 0 is greedy. */
  temperature: z.number().min(0),
  /** Tokens kept by rank; 0 keeps all. */
  topK: count,
  /** Probability mass kept, in (0, 1]; 1 keeps all. */
  topP: z.number().gt(0).max(1),
});
export type CompletionsRequest = z.infer<typeof completionsRequest>;

/** Per-token and per-completion arrays that sampled completions and groups have in common. */
export const completionArrays = {
  tokens: int32Array, // [ΣT]
  lengths: int32Array, // [G]
  /** Behaviour log-probabilities: of each token under the distribution it was sampled from. */
  logProbs: float32Array, // [ΣT]
  /** Log of the untruncated probability mass that top-k and top-p kept at each position; 0 when they are off. */
  supportLogMass: float32Array, // [ΣT]
  /** 1 = ended by a stop token, 0 = cut at maxTokens. */
  stopped: uint8Array, // [G]
};

/** Arrays of the right shapes among themselves. */
export function hasConsistentShapes(arrays: {
  tokens: Int32Array;
  lengths: Int32Array;
  logProbs: Float32Array;
  supportLogMass: Float32Array;
  stopped: Uint8Array;
}): boolean {
  const total = arrays.tokens.length;
  return (
    arrays.lengths.length > 0 &&
    areLengthsOf(arrays.lengths, total) &&
    arrays.logProbs.length === total &&
    arrays.supportLogMass.length === total &&
    arrays.stopped.length === arrays.lengths.length
  );
}

export const SHAPE_MESSAGE =
  'expected Σ lengths = tokens.length = logProbs.length = supportLogMass.length and stopped.length = lengths.length';

/** The completions of one request, all sampled by one policy version. */
export const completionsSampled = z
  .strictObject({
    kind: z.literal('completions.sampled'),
    requestId: id,
    policyVersion: count,
    ...completionArrays,
  })
  .refine(hasConsistentShapes, SHAPE_MESSAGE);
export type CompletionsSampled = z.infer<typeof completionsSampled>;

/** The sampler could not serve a request; nothing else will come for it. */
export const completionsFailed = z.strictObject({
  kind: z.literal('completions.failed'),
  requestId: id,
  detail: z.string(),
});
export type CompletionsFailed = z.infer<typeof completionsFailed>;
