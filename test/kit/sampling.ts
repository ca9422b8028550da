/** Requests for completions, and a sampler that serves them to the end. */
import {
  type SampledCompletions,
  Sampler,
  type SamplerOptions,
  type SamplingRequest,
} from '../../src/sampling/sampler.js';
import { runtime, type TinyPolicy } from './tiny-policies.js';

export function samplingRequest(change: Partial<SamplingRequest> = {}): SamplingRequest {
  return {
    requestId: 'r',
    promptTokens: Int32Array.of(2, 10, 11),
    sampleCount: 1,
    maxTokens: 8,
    temperature: 1,
    topK: 0,
    topP: 1,
    seed: 7,
    update: 0,
    promptIndex: 0,
    stream: 0,
    ...change,
  };
}

export function createSampler(
  policy: TinyPolicy,
  change: Partial<Omit<SamplerOptions, 'config' | 'weights'>> = {},
): Sampler {
  return new Sampler({ runtime, ...policy, slots: 8, capacity: 48, stopTokens: [1], ...change });
}

/** Submits all and decodes until nothing is left; results by request. */
export function sampleAll(
  sampler: Sampler,
  requests: readonly SamplingRequest[],
): ReadonlyMap<string, SampledCompletions> {
  for (const request of requests) sampler.submit(request);
  const finished = new Map<string, SampledCompletions>();
  while (sampler.load > 0) {
    for (const completions of sampler.step()) finished.set(completions.requestId, completions);
  }
  return finished;
}

export interface Completion {
  readonly tokens: Int32Array;
  readonly logProbs: Float32Array;
  readonly supportLogMass: Float32Array;
  readonly isStopped: boolean;
}

/** The completions of a request, apart. */
export function completionsOf({
  tokens,
  lengths,
  logProbs,
  supportLogMass,
  stopped,
}: SampledCompletions): Completion[] {
  let end = 0;
  return Array.from(lengths, (length, i) => {
    const start = end;
    end += length;
    return {
      tokens: tokens.slice(start, end),
      logProbs: logProbs.slice(start, end),
      supportLogMass: supportLogMass.slice(start, end),
      isStopped: stopped[i] === 1,
    };
  });
}

/** Every bit of what was sampled. */
export function bitsOf({ tokens, lengths, logProbs, supportLogMass, stopped }: SampledCompletions): string {
  const arrays = [tokens, lengths, logProbs, supportLogMass, stopped];
  return arrays.map((x) => Buffer.from(x.buffer, x.byteOffset, x.byteLength).toString('hex')).join(' ');
}
