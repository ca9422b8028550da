/**
 * A decoder's parameters in one flat array of shared memory, seen by graphs as named values.
 *
 * Invariants: every value is a view of `flat`, so that a graph which writes a parameter in place has updated the model.
 */
import { DialecticError } from '../errors.js';
import type { Random } from '../random.js';
import { floats, type Value } from '../tensor/runtime.js';
import type { ParameterLayout } from './parameters.js';
import type { StoredTensor } from './safetensors.js';

export interface Weights {
  readonly layout: ParameterLayout;
  readonly flat: Float32Array; // [layout.size], over a SharedArrayBuffer
  /** Views of `flat` by parameter name. */
  readonly values: Readonly<Record<string, Value>>;
}

/** Zeros for every parameter; `buffer` may be shared memory of another thread. */
export function createWeights(
  layout: ParameterLayout,
  buffer = new SharedArrayBuffer(layout.size * 4),
): Weights {
  const flat = new Float32Array(buffer, 0, layout.size);
  const values = Object.fromEntries(
    layout.parameters.map(({ name, offset, size, shape }) => [
      name,
      floats(flat.subarray(offset, offset + size), shape),
    ]),
  );
  return { layout, flat, values };
}

/**
 * Random weights as Hugging Face initialises these architectures: normal matrices, neutral norms.
 * `deviation` is the standard deviation of matrices; those that write to the residual stream get it divided by √(2·layers).
 */
export function initializeWeights(
  weights: Weights,
  random: Random,
  normOffset: 0 | 1,
  deviation: number,
): void {
  const layerCount = weights.layout.parameters.filter(({ name }) => name.endsWith('.down')).length;
  for (const { name, offset, size, shape } of weights.layout.parameters) {
    const view = weights.flat.subarray(offset, offset + size);
    if (shape.length === 2) {
      const isResidual = name.endsWith('.down') || name.endsWith('.attentionOut');
      const scale = isResidual ? deviation / Math.sqrt(2 * layerCount) : deviation;
      for (let i = 0; i < size; i++) view[i] = random.normal() * scale;
    } else {
      view.fill(name.endsWith('Bias') ? 0 : 1 - normOffset);
    }
  }
}

/**
 * Copies stored tensors into the weights. Errors: MODEL_FILE where one is missing, has another shape, is not finite, or is
 * not known to the architecture.
 */
export function importWeights(
  weights: Weights,
  stored: ReadonlyMap<string, StoredTensor>,
  path: string,
): void {
  const known = new Set<string>();
  for (const { shape, parts, offset } of weights.layout.parameters) {
    let row = 0;
    for (const part of parts) {
      known.add(part.name);
      const expected = [part.rows, ...shape.slice(1)];
      const tensor = stored.get(part.name);
      if (!tensor) throw mismatch(path, `tensor ${part.name} is missing`, `shape [${expected}]`);
      if (tensor.shape.join() !== expected.join()) {
        throw mismatch(
          path,
          `tensor ${part.name} has shape [${tensor.shape}]`,
          `[${expected}] as config.json says`,
        );
      }
      if (!(tensor.data instanceof Float32Array)) {
        throw mismatch(path, `tensor ${part.name} holds ${tensor.dtype}`, 'floating-point numbers');
      }
      if (!tensor.data.every(Number.isFinite))
        throw mismatch(path, `tensor ${part.name} has NaN or infinity`, 'finite numbers');
      const width = shape[1] ?? 1;
      weights.flat.set(tensor.data, offset + row * width);
      row += part.rows;
    }
  }
  const unknown = [...stored.keys()].filter((name) => !known.has(name) && !isRedundant(name));
  if (unknown.length > 0) {
    throw mismatch(
      path,
      `tensor ${unknown[0]} belongs to no parameter`,
      'tensors of the architecture in config.json only',
    );
  }
}

/** The weights as Hugging Face tensors: copies, in the layout's order. */
export function exportWeights(weights: Weights): Map<string, StoredTensor> {
  const stored = new Map<string, StoredTensor>();
  for (const { shape, parts, offset } of weights.layout.parameters) {
    const width = shape[1] ?? 1;
    let row = 0;
    for (const part of parts) {
      const start = offset + row * width;
      const data = weights.flat.slice(start, start + part.rows * width);
      stored.set(part.name, { dtype: 'F32', shape: [part.rows, ...shape.slice(1)], data });
      row += part.rows;
    }
  }
  return stored;
}

/** Tensors that some checkpoints carry although others determine them. */
function isRedundant(name: string): boolean {
  return name === 'lm_head.weight' || name.endsWith('rotary_emb.inv_freq');
}

function mismatch(path: string, found: string, expected: string): DialecticError {
  return new DialecticError('MODEL_FILE', `${path}: ${found}, expected ${expected}`);
}

/** Words of a probe: enough to notice any update, few enough to cost nothing. */
const PROBE_WORDS = 1 << 16;

/** Hash of evenly spread words of the parameters: two policy versions that differ have different hashes, but for chance. */
export function probeHash(flat: Float32Array): string {
  const words = new Int32Array(flat.buffer, flat.byteOffset, flat.length);
  const stride = Math.max(1, Math.floor(words.length / PROBE_WORDS));
  let hash = 0x811c9dc5;
  for (let i = 0; i < words.length; i += stride)
    hash = Math.imul(hash ^ words[i]!, 0x01000193) ^ (hash >>> 15);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
