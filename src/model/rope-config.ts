/**
 * Rotary position settings of a checkpoint, in the spellings of transformers 4 (`rope_theta` and `rope_scaling`) and 5
 * (`rope_parameters`).
 */
import type { JsonFields } from './json-fields.js';

/** How angles are slowed for contexts longer than those of pre-training; null where they are not. */
export type RopeScaling =
  | null
  | { readonly type: 'linear'; readonly factor: number }
  | {
      readonly type: 'llama3';
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalMaxPositions: number;
    };

interface RopeSettings {
  readonly theta: number;
  readonly scaling: RopeScaling;
}

const DEFAULT_THETA = 10000;
const LAYER_TYPES = ['full_attention', 'sliding_attention'];

/** Reads the settings. An unset `rope_scaling` defers to `rope_parameters`, as in transformers. */
export function parseRope(fields: JsonFields, maxPositions: number): RopeSettings {
  const key = fields.object('rope_scaling') ? 'rope_scaling' : 'rope_parameters';
  const rope = fields.object(key);
  refusePartialRotation(fields);
  const outerTheta = fields.positive('rope_theta', DEFAULT_THETA);
  if (rope === null) return { theta: outerTheta, scaling: null };
  if (LAYER_TYPES.some((type) => rope.has(type))) {
    fields.refuse(key, 'one set of rope parameters for all layers');
  }
  refusePartialRotation(rope);
  return { theta: rope.positive('rope_theta', outerTheta), scaling: parseScaling(rope, maxPositions) };
}

function parseScaling(rope: JsonFields, maxPositions: number): RopeScaling {
  const typeKey = rope.has('rope_type') ? 'rope_type' : 'type';
  const type = rope.choice(typeKey, ['default', 'linear', 'llama3'] as const, 'default');
  if (type === 'default') return null;
  const factor = rope.number('factor', 1);
  if (type === 'linear') return { type, factor };
  const lowFrequencyFactor = rope.positive('low_freq_factor');
  const highFrequencyFactor = rope.positive('high_freq_factor');
  if (highFrequencyFactor <= lowFrequencyFactor) {
    rope.refuse('high_freq_factor', `a number above low_freq_factor (${lowFrequencyFactor})`);
  }
  const originalMaxPositions = rope.integer('original_max_position_embeddings', 1, maxPositions);
  return { type, factor, lowFrequencyFactor, highFrequencyFactor, originalMaxPositions };
}

function refusePartialRotation(fields: JsonFields): void {
  if (fields.number('partial_rotary_factor', 0, 1) !== 1) {
    fields.refuse('partial_rotary_factor', '1 (rotation of some channels only is not supported)');
  }
}

/** The settings as `rope_theta` and `rope_scaling`, which every version of transformers reads. */
export function ropeFields(theta: number, scaling: RopeScaling): Record<string, unknown> {
  return { rope_theta: theta, rope_scaling: scaling && scalingFields(scaling) };
}

function scalingFields(scaling: NonNullable<RopeScaling>): Record<string, unknown> {
  if (scaling.type === 'linear') return { rope_type: 'linear', factor: scaling.factor };
  return {
    rope_type: 'llama3',
    factor: scaling.factor,
    low_freq_factor: scaling.lowFrequencyFactor,
    high_freq_factor: scaling.highFrequencyFactor,
    original_max_position_embeddings: scaling.originalMaxPositions,
  };
}
