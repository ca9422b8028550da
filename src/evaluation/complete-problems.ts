/** Completions of problems by a sampler in this thread; a prompt that leaves no room has none, and keeps its place. */
import { DrawnTokens, drive, type PlanToRun } from '../rollout/local-driver.js';
import { SamplesPlan } from '../rollout/samples-plan.js';
import { MAX_AHEAD } from '../sampling/complete.js';
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

interface CompletionListeners {
  /** Called when a problem has its completions, with how many have. */
  readonly onProgress?: ((done: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Ordered by prompt, then by sample. Errors: the reason of the signal. */
export async function completeProblems(
  sampler: Sampler,
  prompts: readonly Int32Array[],
  { capacity, temperature, sampleCount, seed, maxTokens, decode }: Decoding,
  { onProgress, signal }: CompletionListeners = {},
): Promise<GivenCompletion[]> {
  const given = prompts.map((_, item) =>
    Array.from(
      { length: sampleCount },
      (_, sample): GivenCompletion => ({ item, sample, text: null, tokens: 0, stopped: false }),
    ),
  );
  const plans = prompts.flatMap((promptTokens, index): PlanToRun | readonly [] => {
    if (promptTokens.length >= capacity) return [];
    const plan = new SamplesPlan({
      role: 'forward',
      promptTokens,
      samples: sampleCount,
      samplesPerRequest: sampleCount,
      firstStream: 0,
      budget: Number.POSITIVE_INFINITY,
      maxTokens,
      atOnce: 1,
    });
    return { index, plan };
  });
  let done = 0;
  await drive(plans, {
    sampler,
    drawn: new DrawnTokens([]),
    seed,
    temperature,
    decode,
    maxLoad: sampler.slotCount + MAX_AHEAD,
    isInterrupted: () => signal?.aborted ?? false,
    onEvent: (event, item) => {
      if (event.type !== 'completion') return;
      const { index: sample, text, tokens, stopped } = event;
      given[item]![sample] = { item, sample, text, tokens, stopped };
    },
    onEnded: ({ plan }) => {
      if (plan.stop !== 'interrupted') onProgress?.(++done);
    },
  });
  signal?.throwIfAborted();
  return given.flat();
}
