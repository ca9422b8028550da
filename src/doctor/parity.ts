/** Whether sampler and learner agree on a policy: the log-probabilities of the same tokens, worked out by both. */

import { packGroups } from '../learner/packing.js';
import { ForwardGraph } from '../learner/training-graph.js';
import type { Policy } from '../model/policy-files.js';
import { cutByLengths } from '../protocol/index.js';
import { complete } from '../sampling/complete.js';
import { Sampler } from '../sampling/sampler.js';
import type { Runtime } from '../tensor/runtime.js';

const SAMPLES = 2;
const MAX_TOKENS = 48;
const REQUEST = {
  sampleCount: SAMPLES,
  maxTokens: MAX_TOKENS,
  temperature: 1,
  topK: 0,
  topP: 1,
  seed: 1,
  update: 0,
  stream: 0,
};

interface Parity {
  /** Largest absolute difference of two log-probabilities. */
  readonly difference: number;
  readonly tokens: number;
}

export async function samplerLearnerParity(
  runtime: Runtime,
  { config, weights }: Policy,
  prompts: readonly Int32Array[],
  stopTokens: readonly number[],
): Promise<Parity> {
  const longest = Math.max(...prompts.map(({ length }) => length));
  const capacity = Math.min(config.maxPositions, longest + MAX_TOKENS);
  const sampler = new Sampler({ runtime, config, weights, slots: 8, capacity, stopTokens });
  const sampled = await complete(
    sampler,
    prompts.map((promptTokens, promptIndex) => ({ ...REQUEST, promptTokens, promptIndex })),
  );
  sampler.release();
  const options = { config, chunks: 1, temperature: 1, positionCount: config.maxPositions };
  const forward = new ForwardGraph(runtime, weights, options);
  let difference = 0;
  let tokens = 0;
  prompts.forEach((promptTokens, index) => {
    const { lengths, ...arrays } = sampled[index]!;
    const completions = cutByLengths(arrays.tokens, lengths);
    const sampledLogProbs = cutByLengths(arrays.logProbs, lengths);
    const [batch] = packGroups([{ promptTokens, completions }], Number.POSITIVE_INFINITY);
    const { logProbs } = forward.run(batch!);
    for (const { completion, firstPrediction, length } of batch!.completions) {
      for (let i = 0; i < length; i++) {
        const each = Math.abs(logProbs[firstPrediction + i]! - sampledLogProbs[completion]![i]!);
        if (!(each <= difference)) difference = Number.isNaN(each) ? Number.POSITIVE_INFINITY : each;
        tokens++;
      }
    }
  });
  forward.release();
  return { difference, tokens };
}
