/**
 * Randomness that is a pure function of its key, so that no result depends on which thread asked first.
 *
 * Invariants:
 * - every number is Philox4x32-10 of (counter, key); nothing is remembered between calls;
 * - a stream never overlaps another one with a different key.
 *
 * Reference: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
 */

const MULTIPLIER_A = 0xd2511f53;
const MULTIPLIER_B = 0xcd9e8d57;
const WEYL_A = 0x9e3779b9;
const WEYL_B = 0xbb67ae85;

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const middleLow = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(middleLow / 0x10000)) >>> 0;
}

/** Ten rounds of Philox4x32: 128 counter bits and 64 key bits to 128 random bits. */
function philox(
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
): [number, number, number, number] {
  let [x0, x1, x2, x3] = [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
  let [key0, key1] = [k0 >>> 0, k1 >>> 0];
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(MULTIPLIER_A, x0);
    const low0 = Math.imul(MULTIPLIER_A, x0) >>> 0;
    const high1 = multiplyHigh(MULTIPLIER_B, x2);
    const low1 = Math.imul(MULTIPLIER_B, x2) >>> 0;
    x0 = (high1 ^ x1 ^ key0) >>> 0;
    x1 = low1;
    x2 = (high0 ^ x3 ^ key1) >>> 0;
    x3 = low0;
    key0 = (key0 + WEYL_A) >>> 0;
    key1 = (key1 + WEYL_B) >>> 0;
  }
  return [x0, x1, x2, x3];
}

/** One uniform in [0, 1) with 24 random bits (exact in float32), keyed by (seed, a, b, c, d). */
export function keyedUniform(seed: number, a: number, b: number, c: number, d: number): number {
  return (philox(a, b, c, d, seed, 0x5a17)[0] >>> 8) / 0x1000000;
}

/** FNV-1a hash of a string or a part of it, 32 bits: turns names into key words. */
export function hashText(text: string, from = 0, to = text.length): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** A sequence of draws from one key; two sequences with the same key are equal. */
export class Random {
  readonly #key: readonly [number, number, number];
  #count = 0;

  /** `keys` are words of the key: a seed, a name, an index. */
  constructor(...keys: (number | string)[]) {
    let state: [number, number, number, number] = [0, 0, 0, 0];
    for (const word of keys) {
      const bits = typeof word === 'string' ? hashText(word) : word >>> 0;
      state = philox(
        state[0] ^ bits,
        state[1],
        state[2],
        state[3],
        typeof word === 'string' ? 1 : 2,
        keys.length,
      );
    }
    this.#key = [state[0], state[1], state[2]];
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    const [k0, k1, k2] = this.#key;
    return philox(this.#count++, 0, 0, k2, k0, k1)[0] / 0x100000000;
  }

  /** Uniform integer in [low, high], both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low + 1));
  }

  /** One element of a list that is not empty. */
  pick<T>(items: readonly T[]): T {
    return items[this.integer(0, items.length - 1)]!;
  }

  /** A new list with the same elements in random order (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.integer(0, i);
      [result[i], result[j]] = [result[j]!, result[i]!];
    }
    return result;
  }

  /** Standard normal (Box-Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }
}
