/** Completions of problems by a sampler in this thread; a prompt that leaves no room has none, and keeps its place. */
import { cutByLengths } from '../protocol/index.js';
import { type CompleteOptions, complete } from '../sampling/complete.js';
import type { Sampler } from '../sampling/sampler.js';
import type { GivenCompletion } from './judge-completion.js';

export interface Decoding {
  /** Positions of the sampler's slots. */
  readonly capacity: number;
  /** 0 is greedy. */
  readonly temperature: number;
  readonly sampleCount: number;
  readonly seed: number;
  readonly maxTokens: number;
  readonly decode: (tokens: Int32Array) => string;
}

/** Ordered by prompt, then by sample. Errors: the reason of the signal. */
export async function completeProblems(
  sampler: Sampler,
  prompts: readonly Int32Array[],
  { capacity, temperature, sampleCount, seed, maxTokens, decode }: Decoding,
  listeners: CompleteOptions = {},
): Promise<GivenCompletion[]> {
  const requests = prompts.flatMap((promptTokens, promptIndex) => {
    if (promptTokens.length >= capacity) return [];
    const key = { seed, update: 0, promptIndex, stream: 0 };
    return { ...key, promptTokens, sampleCount, maxTokens, temperature, topK: 0, topP: 1 };
  });
  const sampled = await complete(sampler, requests, listeners);
  const byItem = new Map(requests.map(({ promptIndex }, i) => [promptIndex, sampled[i]!]));
  return prompts.flatMap((_, item) => {
    const result = byItem.get(item);
    const texts = result && cutByLengths(result.tokens, result.lengths).map(decode);
    return Array.from({ length: sampleCount }, (_, sample) => ({
      item,
      sample,
      text: texts?.[sample] ?? null,
      tokens: result?.lengths[sample] ?? 0,
      stopped: result?.stopped[sample] === 1,
    }));
  });
}
