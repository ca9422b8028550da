/**
 * The one loop that drives a sampler until it is done, for everyone who samples in a thread of their own.
 *
 * Invariants:
 * - timers, ports and signals of the thread have their turn between any two steps;
 * - however it ends, nothing is left in the sampler;
 * - completions come in the order of their requests, and depend neither on it nor on what else is in the batch.
 */
import { yieldToIo } from '../clock.js';
import type { SampledCompletions, Sampler, SamplingRequest } from './sampler.js';

/** Where requests come from, and where their completions go. */
interface RequestSource {
  /** Requests to begin now, asked for before every step; null ends the sampling, whatever is still being decoded. */
  next(): Iterable<SamplingRequest> | null;
  /** Called with the completions of a request when all of them are whole. */
  accept(sampled: SampledCompletions): void;
}

/** Samples until the source ends it, or nothing is being decoded and nothing new is asked for. Errors: those of the source and `submit`. */
export async function driveSampler(sampler: Sampler, source: RequestSource): Promise<void> {
  try {
    while (true) {
      await yieldToIo();
      const requests = source.next();
      if (requests === null) return;
      for (const request of requests) sampler.submit(request);
      if (sampler.load === 0) return;
      for (const sampled of sampler.step()) source.accept(sampled);
    }
  } finally {
    sampler.clear();
  }
}

/** A request without a name: `complete` knows it by its place. */
type CompletionRequest = Omit<SamplingRequest, 'requestId'>;

interface CompleteOptions {
  /** Called when a request is done, with how many are. */
  readonly onProgress?: ((done: number) => void) | undefined;
  /** Stops between two steps. */
  readonly signal?: AbortSignal | undefined;
}

/** Sequences that wait behind the slots: enough that none is ever idle. */
export const MAX_AHEAD = 16;

/**
 * Samples all requests: the i-th result is that of the i-th request. The sampler must be idle.
 * Errors: DATA for a prompt that leaves no room, or is empty; the reason of the signal.
 */
export async function complete(
  sampler: Sampler,
  requests: readonly CompletionRequest[],
  { onProgress, signal }: CompleteOptions = {},
): Promise<SampledCompletions[]> {
  const results = new Array<SampledCompletions>(requests.length);
  let submitted = 0;
  let done = 0;
  await driveSampler(sampler, {
    *next() {
      signal?.throwIfAborted();
      // Each is submitted before the next one is asked for.
      while (submitted < requests.length && sampler.load < sampler.slotCount + MAX_AHEAD) {
        yield { ...requests[submitted]!, requestId: String(submitted++) };
      }
    },
    accept(sampled) {
      results[Number(sampled.requestId)] = sampled;
      onProgress?.(++done);
    },
  });
  return results;
}
