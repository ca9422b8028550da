/**
 * Key-value caches: one entry a slot, in memory that decode steps update in place, and prefixes copied into slots.
 *
 * Invariants: a slot's memory is [kv, capacity, headDim] per layer, contiguous; positions after the slot's sequence hold
 * leftovers that attention never reads.
 */
import type { DecoderConfig } from '../../model/config.js';
import { floats, type Value, type Values } from '../../tensor/runtime.js';

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
    private readonly capacity: number,
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

  /** Memory of a cache. */
  static byteLength(
    { kvHeadCount, headDim, layerCount }: DecoderConfig,
    slots: number,
    capacity: number,
  ): number {
    return 2 * layerCount * slots * kvHeadCount * capacity * headDim * Float32Array.BYTES_PER_ELEMENT;
  }

  /** Copies the first `length` positions of slot 0 of `source` into a slot. */
  copyPrefix(source: KvCache, slot: number, length: number): void {
    const { kvHeadCount, headDim } = this.config;
    this.#arrays.forEach((target, i) => {
      const from = source.#arrays[i]!;
      for (let head = 0; head < kvHeadCount; head++) {
        const start = head * this.capacity * headDim;
        target.set(from.subarray(start, start + length * headDim), slot * this.#slotSize + start);
      }
    });
  }
}
