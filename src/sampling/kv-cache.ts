/**
 * Key-value caches: one entry a slot, in memory that decode steps update in place, and copies of their beginnings.
 *
 * Invariants: a slot's memory is [kv, capacity, headDim] per layer, contiguous; positions after the slot's sequence hold
 * leftovers that attention never reads.
 */
import type { DecoderConfig } from '../model/config.js';
import { floats, type Value, type Values } from '../tensor/runtime.js';

export class KvCache {
  /** Graph inputs `keys.L`, `values.L`. */
  readonly inputs: Values;
  /** The same memory as graph outputs `nextKeys.L`, `nextValues.L`. */
  readonly outputs: Values;
  readonly #arrays: readonly Float32Array[];
  readonly #slotSize: number;

  constructor(
    private readonly config: DecoderConfig,
    slots: number,
    /** Positions of a slot. */
    readonly capacity: number,
  ) {
    const { kvHeadCount, headDim, layerCount } = config;
    this.#slotSize = kvHeadCount * capacity * headDim;
    const inputs: Record<string, Value> = {};
    const outputs: Record<string, Value> = {};
    const arrays: Float32Array[] = [];
    for (let layer = 0; layer < layerCount; layer++) {
      for (const kind of ['keys', 'values'] as const) {
        const array = new Float32Array(slots * this.#slotSize);
        const value = floats(array, [slots, kvHeadCount, capacity, headDim]);
        arrays.push(array);
        inputs[`${kind}.${layer}`] = value;
        outputs[`next${kind === 'keys' ? 'Keys' : 'Values'}.${layer}`] = value;
      }
    }
    this.inputs = inputs;
    this.outputs = outputs;
    this.#arrays = arrays;
  }

  get byteLength(): number {
    return this.#arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Copies the first `length` positions of a slot of `source` into a slot of this cache. */
  copy(source: KvCache, { from, to, length }: { from: number; to: number; length: number }): void {
    const { kvHeadCount, headDim } = this.config;
    this.#arrays.forEach((target, i) => {
      for (let head = 0; head < kvHeadCount; head++) {
        const start = from * source.#slotSize + head * source.capacity * headDim;
        const part = source.#arrays[i]!.subarray(start, start + length * headDim);
        target.set(part, to * this.#slotSize + head * this.capacity * headDim);
      }
    });
  }

  /** The first `length` positions of a slot, in a cache of one slot that holds just them. */
  slice(slot: number, length: number): KvCache {
    const own = new KvCache(this.config, 1, length);
    own.copy(this, { from: slot, to: 0, length });
    return own;
  }
}
