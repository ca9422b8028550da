/**
 * Conversions between float32 and the two 16-bit floats that checkpoints store.
 *
 * Invariants: decoding is exact; encoding rounds to the nearest, ties to even, and keeps NaN a NaN.
 */

const float32 = new Float32Array(1);
const bits32 = new Uint32Array(float32.buffer);

let float16Table: Float32Array | undefined; // [65536]

/** bfloat16: the upper half of a float32. */
export function decodeBfloat16(halves: Uint16Array, out: Float32Array): void {
  const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
}

/** IEEE 754 binary16. */
export function decodeFloat16(halves: Uint16Array, out: Float32Array): void {
  float16Table ??= Float32Array.from({ length: 65536 }, (_, half) => float16Value(half));
  for (let i = 0; i < halves.length; i++) out[i] = float16Table[halves[i]!]!;
}

export function encodeBfloat16(values: Float32Array, out: Uint16Array): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i]!;
    const isNaNWord = (word & 0x7fffffff) > 0x7f800000;
    // Adding just under half a unit, plus the lowest kept bit, rounds ties to even.
    out[i] = isNaNWord ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
}

export function encodeFloat16(values: Float32Array, out: Uint16Array): void {
  for (let i = 0; i < values.length; i++) out[i] = float16Bits(values[i]!);
}

function float16Value(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function float16Bits(value: number): number {
  float32[0] = value;
  const sign = (bits32[0]! >>> 16) & 0x8000;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return sign | 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00; // halfway past the largest finite, 65504
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24); // subnormal; may round up to normal
  const exponent = ((bits32[0]! >>> 23) & 255) - 127;
  // A fraction that rounds up to 2048 carries into the exponent, as it should.
  return sign | (((exponent + 14) << 10) + roundToEven(magnitude * 2 ** (10 - exponent)));
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
