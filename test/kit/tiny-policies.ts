/** Small policies for tests: the fixtures' checkpoints with transformers' logits, and random ones of the nano shape. */
import { readFileSync } from 'node:fs';
import { type DecoderConfig, parseDecoderConfig } from '../../src/model/config.js';
import { parameterLayout } from '../../src/model/parameters.js';
import { readSafetensors, type StoredTensor } from '../../src/model/safetensors.js';
import { createWeights, importWeights, initializeWeights, type Weights } from '../../src/model/weights.js';
import { Random } from '../../src/random.js';
import { createOnnxRuntime } from '../../src/tensor/onnxruntime.js';
import { fixture } from './root.js';

export const FAMILIES = [
  'gemma2',
  'llama',
  'llama-rope-linear',
  'llama-rope-llama3',
  'qwen2',
  'qwen3',
] as const;
export type Family = (typeof FAMILIES)[number];

/** One thread: tests run side by side. */
export const runtime = createOnnxRuntime({ threads: 1 });

export interface TinyPolicy {
  readonly config: DecoderConfig;
  readonly weights: Weights;
}

/** A fixture's checkpoint. */
export function fixturePolicy(family: Family): TinyPolicy {
  const config = fixtureConfig(family);
  const weights = createWeights(parameterLayout(config));
  importWeights(weights, fixtureTensors(family), family);
  return { config, weights };
}

export function fixtureConfig(family: Family): DecoderConfig {
  const path = fixture('models', family, 'config.json');
  return parseDecoderConfig(JSON.parse(readFileSync(path, 'utf8')), path);
}

export function fixtureTensors(family: Family): Map<string, StoredTensor> {
  return readSafetensors(fixture('models', family, 'model.safetensors'));
}

/** Three sequences and the logits that transformers gives them. */
export interface Reference {
  readonly sequences: readonly Int32Array[];
  /** Logits [V] after the token at `position` of a sequence. */
  readonly logits: (sequence: number, position: number) => Float32Array;
}

export function reference(family: Family): Reference {
  const stored = readSafetensors(fixture('models', family, 'reference.safetensors'));
  const ids = stored.get('input_ids')!;
  const lengths = stored.get('lengths')!.data as Int32Array;
  const { shape, data } = stored.get('logits')!;
  const [, width, vocab] = shape as [number, number, number];
  const sequences = Array.from(lengths, (length, i) =>
    Int32Array.from((ids.data as Int32Array).subarray(i * width, i * width + length)),
  );
  const logits = (sequence: number, position: number): Float32Array => {
    const start = (sequence * width + position) * vocab;
    return (data as Float32Array).subarray(start, start + vocab);
  };
  return { sequences, logits };
}

/** A Gemma 2 built as the embedded policy is, and smaller: hidden 96, three heads on one key head, four layers, half of them sliding. */
export function nanoPolicy(seed: number, vocabSize = 432): TinyPolicy {
  const config = parseDecoderConfig(
    {
      architectures: ['Gemma2ForCausalLM'],
      vocab_size: vocabSize,
      hidden_size: 96,
      intermediate_size: 256,
      num_hidden_layers: 4,
      num_attention_heads: 3,
      num_key_value_heads: 1,
      head_dim: 32,
      query_pre_attn_scalar: 32,
      max_position_embeddings: 256,
      sliding_window: 16,
    },
    'nano',
  );
  return randomPolicy(config, seed, 0.05);
}

/** Random weights for a configuration. */
export function randomPolicy(config: DecoderConfig, seed: number, deviation: number): TinyPolicy {
  const weights = createWeights(parameterLayout(config));
  initializeWeights(weights, new Random(seed, 'tiny policy'), config.normOffset, deviation);
  return { config, weights };
}

/** Largest absolute difference of two arrays of one length. */
export function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= worst)) worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return worst;
}
