/** Whether sampler and learner agree on a policy: the log-probabilities of the same tokens, worked out by both. */

import { packGroups } from '../learner/packing.js';
import { ForwardGraph } from '../learner/training-graph.js';
import type { Policy } from '../model/policy-files.js';
import { Sampler } from '../sampling/sampler.js';
import type { Runtime } from '../tensor/runtime.js';

const SAMPLES = 2;
const MAX_TOKENS = 48;

export interface Parity {
  /** Largest absolute difference of two log-probabilities. */
  readonly difference: number;
  readonly tokens: number;
}

export function samplerLearnerParity(
  runtime: Runtime,
  { config, weights }: Policy,
  prompts: readonly Int32Array[],
  stopTokens: readonly number[],
): Parity {
  const longest = Math.max(...prompts.map(({ length }) => length));
  const capacity = Math.min(config.maxPositions, longest + MAX_TOKENS);
  const sampler = new Sampler({ runtime, config, weights, slots: 8, capacity, stopTokens });
  prompts.forEach((promptTokens, promptIndex) => {
    const request = {
      requestId: String(promptIndex),
      promptTokens,
      sampleCount: SAMPLES,
      maxTokens: MAX_TOKENS,
    };
    sampler.submit({
      ...request,
      temperature: 1,
      topK: 0,
      topP: 1,
      seed: 1,
      update: 0,
      promptIndex,
      stream: 0,
    });
  });
  const sampled = new Map<number, { tokens: Int32Array; logProbs: Float32Array }[]>();
  while (sampler.load > 0) {
    for (const { requestId, tokens, logProbs, lengths } of sampler.step()) {
      let end = 0;
      const parts = Array.from(lengths, (length) => {
        end += length;
        return { tokens: tokens.slice(end - length, end), logProbs: logProbs.slice(end - length, end) };
      });
      sampled.set(Number(requestId), parts);
    }
  }
  sampler.release();
  const options = { config, chunks: 1, temperature: 1, positionCount: config.maxPositions };
  const forward = new ForwardGraph(runtime, weights, options);
  let difference = 0;
  let tokens = 0;
  prompts.forEach((promptTokens, index) => {
    const parts = sampled.get(index)!;
    const group = { promptTokens, completions: parts.map((part) => part.tokens) };
    const [batch] = packGroups([group], Number.POSITIVE_INFINITY);
    const { logProbs } = forward.run(batch!);
    for (const { completion, firstPrediction, length } of batch!.completions) {
      for (let i = 0; i < length; i++) {
        const each = Math.abs(logProbs[firstPrediction + i]! - parts[completion]!.logProbs[i]!);
        if (!(each <= difference)) difference = Number.isNaN(each) ? Number.POSITIVE_INFINITY : each;
        tokens++;
      }
    }
  });
  forward.release();
  return { difference, tokens };
}
