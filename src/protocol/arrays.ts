/**
 * Typed arrays in messages: their schemas, and the copies that make them safe to transfer.
 *
 * Invariants: an array that leaves a thread owns the whole of a buffer that is not shared, since a view drags
 * its entire buffer along (and with it the bytes of its neighbours).
 */
import { z } from 'zod';

/** The typed arrays that messages may carry. */
export type WireArray = Int32Array | Float32Array | Uint8Array;

export const int32Array = z.custom<Int32Array>((value) => value instanceof Int32Array, 'expected Int32Array');
export const float32Array = z.custom<Float32Array>(
  (value) => value instanceof Float32Array,
  'expected Float32Array',
);
export const uint8Array = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected Uint8Array');

export function isWireArray(value: unknown): value is WireArray {
  return value instanceof Int32Array || value instanceof Float32Array || value instanceof Uint8Array;
}

/** True if the array covers the whole of an unshared buffer. */
export function isTight(array: WireArray): boolean {
  return array.buffer instanceof ArrayBuffer && array.byteLength === array.buffer.byteLength;
}

/** The array itself if it owns the whole of an unshared buffer, otherwise a copy that does. */
export function tight<A extends WireArray>(array: A): A;
export function tight(array: WireArray): WireArray {
  return isTight(array) ? array : copied(array);
}

/** A copy that owns the whole of an unshared buffer. */
export function copied(array: WireArray): WireArray {
  // Not slice(): a Buffer's slice is another view of the same pool.
  if (array instanceof Int32Array) return new Int32Array(array);
  return array instanceof Float32Array ? new Float32Array(array) : new Uint8Array(array);
}

/** True if no element is NaN or infinite: checked once, where a group enters a batch (zod does not look inside). */
export function isFiniteArray(array: Float32Array): boolean {
  // x - x is 0 for every finite x and NaN for the rest, so one sum answers for all elements.
  let sum = 0;
  for (let i = 0; i < array.length; i++) sum += array[i]! - array[i]!;
  return sum === 0;
}

/** Sum of an integer array: the ΣT of `lengths`. */
export function sumOf(lengths: Int32Array): number {
  let total = 0;
  for (let i = 0; i < lengths.length; i++) total += lengths[i]!;
  return total;
}

/** True if every completion length is at least 0 and together they cover `total` tokens. */
export function areLengthsOf(lengths: Int32Array, total: number): boolean {
  return lengths.every((length) => length >= 0) && sumOf(lengths) === total;
}

/** The pieces of G sequences that lie one behind the other, as views: `lengths` [G] cuts `values` [ΣT] apart. */
export function cutByLengths<A extends WireArray>(values: A, lengths: Int32Array): A[] {
  let end = 0;
  return Array.from(lengths, (length) => {
    end += length;
    return values.subarray(end - length, end) as A;
  });
}
