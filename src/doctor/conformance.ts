/**
 * Runs a tiny policy on two runtimes and compares everything they give: log-probabilities, gradients, AdamW's step, and decoding
 * with and without filters. That a runtime works on this machine is then seen, not assumed.
 */

import { AdamW } from '../learner/optimizer.js';
import { packGroups } from '../learner/packing.js';
import { PolicyGraph } from '../learner/policy-graph.js';
import { ForwardGraph } from '../learner/training-graph.js';
import { type DecoderConfig, parseDecoderConfig } from '../model/config.js';
import { parameterLayout } from '../model/parameters.js';
import { createWeights, initializeWeights, type Weights } from '../model/weights.js';
import { cutByLengths } from '../protocol/index.js';
import { Random } from '../random.js';
import { complete } from '../sampling/complete.js';
import { Sampler } from '../sampling/sampler.js';
import type { Graph } from '../tensor/graph.js';
import type { Runtime } from '../tensor/runtime.js';

interface Conformance {
  /** Names of the operators that were executed. */
  readonly operators: readonly string[];
  /** Largest difference, relative to values above 1; infinite where sampled tokens or shapes differ. */
  readonly difference: number;
  /** Where it was. */
  readonly worst: string;
}

/** A Gemma 2 with everything that the family has: soft caps, a sliding window, post-norms, grouped queries. */
const TINY = {
  architectures: ['Gemma2ForCausalLM'],
  vocab_size: 48,
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 16,
  query_pre_attn_scalar: 16,
  max_position_embeddings: 32,
  sliding_window: 8,
};
/** Ways to decode; the learner then learns from the completions of the first. */
const FILTERS = [
  { name: 'plain', topK: 0, topP: 1 },
  { name: 'filtered', topK: 10, topP: 0.9 },
] as const;
const PROMPT = Int32Array.of(1, 5, 9, 13, 2, 7);

/** Compares two runtimes. Errors: whatever a runtime throws. */
export async function compareRuntimes(first: Runtime, second: Runtime): Promise<Conformance> {
  const operators = new Set<string>();
  const config = parseDecoderConfig(TINY, 'conformance');
  const results = [
    await runAll(recording(first, operators), config),
    await runAll(recording(second, operators), config),
  ] as const;
  let difference = 0;
  let worst = 'nothing';
  for (const [name, values] of Object.entries(results[0])) {
    const each = differenceOf(values, results[1][name]!);
    if (each > difference) [difference, worst] = [each, name];
  }
  return { operators: [...operators].sort(), difference, worst };
}

/** The same runtime, noting the operators of what it compiles. */
function recording(runtime: Runtime, operators: Set<string>): Runtime {
  return {
    name: runtime.name,
    compile(graph: Graph) {
      for (const { op } of graph.nodes) operators.add(op);
      return runtime.compile(graph);
    },
  };
}

async function runAll(runtime: Runtime, config: DecoderConfig): Promise<Record<string, Float32Array>> {
  const weights = createWeights(parameterLayout(config));
  initializeWeights(weights, new Random('conformance'), config.normOffset, 0.1);
  const results: Record<string, Float32Array> = {};

  // ---- decoding ----------------------------------------------------------------------------------------------------
  const sampler = new Sampler({ runtime, config, weights, slots: 4, capacity: 32, stopTokens: [] });
  const request = { promptTokens: PROMPT, sampleCount: 3, maxTokens: 8, temperature: 0.8, seed: 3 };
  const key = { update: 0, promptIndex: 0, stream: 0 };
  const sampled = await complete(
    sampler,
    FILTERS.map(({ topK, topP }) => ({ ...request, ...key, topK, topP })),
  );
  for (const [i, { tokens, logProbs, supportLogMass }] of sampled.entries()) {
    const { name } = FILTERS[i]!;
    results[`${name} tokens`] = Float32Array.from(tokens);
    results[`${name} log-probabilities`] = logProbs;
    results[`${name} support`] = supportLogMass;
  }
  const completions = cutByLengths(sampled[0]!.tokens, sampled[0]!.lengths);
  sampler.release();

  // ---- learning ----------------------------------------------------------------------------------------------------
  const gradients = createWeights(weights.layout);
  Object.assign(results, learn(runtime, config, weights, gradients, completions));
  results.gradients = gradients.flat.slice();
  const adam = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.01, maxGradNorm: 1 };
  const optimizer = new AdamW(runtime, weights.flat, gradients.flat, weights.layout.decayedSize, adam);
  optimizer.step(1e-3);
  results['weights after a step'] = weights.flat.slice();
  optimizer.release();
  return results;
}

function learn(
  runtime: Runtime,
  config: DecoderConfig,
  weights: Weights,
  gradients: Weights,
  completions: readonly Int32Array[],
): Record<string, Float32Array> {
  const options = { config, chunks: 2, temperature: 1, positionCount: config.maxPositions };
  const [batch] = packGroups([{ promptTokens: PROMPT, completions }], Number.POSITIVE_INFINITY);
  const forward = new ForwardGraph(runtime, weights, options);
  const { logProbs, entropies } = forward.run(batch!);
  const before = { logProbs: logProbs.slice(), entropies: entropies.slice() };
  forward.release();
  const graph = new PolicyGraph(runtime, weights, gradients, options, {
    loss: 'gspo',
    epsilonLow: 0.2,
    epsilonHigh: 0.28,
    delta: null,
    cispoEpsilonMax: 5,
    beta: 0.04,
    klEstimator: 'k3',
  });
  const count = batch!.predictionCount;
  const filled = (value: (i: number) => number): Float32Array =>
    Float32Array.from({ length: count }, (_, i) => value(i));
  const sequence = new Int32Array(count);
  for (const [i, { firstPrediction, length }] of batch!.completions.entries()) {
    sequence.fill(i, firstPrediction, firstPrediction + length);
  }
  const { loss } = graph.run(batch!, {
    behaviour: filled((i) => before.logProbs[i]! - 0.05 * Math.sin(i)),
    supportLogMass: filled(() => 0),
    advantages: filled((i) => Math.cos(sequence[i]! + 1)),
    weights: filled(() => 1 / count),
    isReal: filled(() => 1),
    sequence,
    inverseLengths: Float32Array.from(batch!.completions, ({ length }) => 1 / length),
    reference: filled((i) => before.logProbs[i]! + 0.1 * Math.cos(i)),
  });
  graph.release();
  return { ...before, loss: Float32Array.of(loss) };
}

function differenceOf(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!) / Math.max(1, Math.abs(b[i]!));
    if (!(difference <= worst)) worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return worst;
}
