/** What benchmarks share: the machine, the matrix-multiply peak of this very process, and a policy to measure. */

import { parseDecoderConfig } from '../src/model/config.js';
import { parameterLayout } from '../src/model/parameters.js';
import { createWeights, initializeWeights } from '../src/model/weights.js';
import { describeMachine } from '../src/observe/run-directory.js';
import { Random } from '../src/random.js';
import { Graph } from '../src/tensor/graph.js';
import { matmul } from '../src/tensor/neural.js';
import { floats, type Runtime } from '../src/tensor/runtime.js';

/** Machine, Node and date, as every figure is published with. */
export function provenance(command: string) {
  const machine = describeMachine();
  const { cpu = 'unknown', cpuCount = 0 } = machine;
  const date = new Date().toISOString().slice(0, 10);
  return { command, date, node: process.versions.node, ...machine, cpu, cpuCount };
}

/**
 * A function that measures the matrix-multiply peak of this moment, in GFLOPS: the best of a few [size × size] products through the
 * same runtime. The clock of a shared machine moves by a factor of two: a figure is compared with the peak measured beside it.
 */
export function peakMeter(runtime: Runtime, size = 1024, repeats = 5): () => number {
  const graph = new Graph();
  graph.output(
    'c',
    matmul(graph.input('a', 'float32', [size, size]), graph.input('b', 'float32', [size, size])),
  );
  const executable = runtime.compile(graph);
  const square = () => floats(new Float32Array(size * size).fill(0.5), [size, size]);
  const [a, b, c] = [square(), square(), square()];
  return () => (2 * size ** 3) / best(repeats, () => executable.run({ a, b }, { c })) / 1e9;
}

/** Least seconds of several runs of `work`. */
export function best(repeats: number, work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    work();
    least = Math.min(least, performance.now() - start);
  }
  return least / 1000;
}

/** The upper one of an even number of values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/**
 * A random Gemma 2 of about 2.7 million parameters with the features of the real one. Spelled out rather than taken from the nano
 * policy: figures of two dates compare only if they measure the same policy.
 */
export function benchPolicy() {
  const config = parseDecoderConfig(
    {
      architectures: ['Gemma2ForCausalLM'],
      model_type: 'gemma2',
      vocab_size: 2048,
      hidden_size: 192,
      intermediate_size: 832,
      num_hidden_layers: 4,
      num_attention_heads: 6,
      num_key_value_heads: 2,
      head_dim: 32,
      query_pre_attn_scalar: 32,
      attn_logit_softcapping: null,
      final_logit_softcapping: 30,
      sliding_window: 64,
      layer_types: ['sliding_attention', 'full_attention', 'sliding_attention', 'full_attention'],
      max_position_embeddings: 256,
      rms_norm_eps: 1e-6,
      rope_theta: 10000,
      hidden_activation: 'gelu_pytorch_tanh',
      tie_word_embeddings: true,
      bos_token_id: 1,
      eos_token_id: 2,
      pad_token_id: 0,
    },
    'bench policy',
  );
  const layout = parameterLayout(config);
  const weights = createWeights(layout);
  initializeWeights(weights, new Random(1, 'bench'), config.normOffset, 0.05);
  return { config, layout, weights };
}

/** Token ids in [3, vocab), reproducible. */
export function randomTokens(random: Random, length: number, vocab: number): Int32Array {
  return Int32Array.from({ length }, () => random.integer(3, vocab - 1));
}
