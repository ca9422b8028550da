/**
 * Uniform numbers by the hundred million, for annealing: Philox is too slow to be asked once per spin update.
 *
 * Invariants: the sequence is a pure function of the `Random` it is seeded from; a value is never 0 and never 1.
 *
 * Generator: xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), seeded by Philox.
 */
import type { Random } from '../../random.js';

const BUFFER_LENGTH = 4096;

export class UniformStream {
  readonly #buffer = new Float64Array(BUFFER_LENGTH);
  readonly #state = new Int32Array(4);
  #position = BUFFER_LENGTH;

  constructor(random: Random) {
    for (let i = 0; i < 4; i++) this.#state[i] = Math.floor(random.uniform() * 0x100000000) | 0;
    // All zeros is the one state that the generator never leaves.
    this.#state[0]! |= 1;
  }

  /** Uniform in (0, 1): an odd multiple of 2^-33. */
  next(): number {
    if (this.#position === BUFFER_LENGTH) this.#refill();
    return this.#buffer[this.#position++]!;
  }

  #refill(): void {
    const buffer = this.#buffer;
    let [a, b, c, d] = this.#state as unknown as [number, number, number, number];
    for (let i = 0; i < BUFFER_LENGTH; i++) {
      const five = Math.imul(b, 5);
      const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = (d << 11) | (d >>> 21);
      buffer[i] = (result + 0.5) / 0x100000000;
    }
    this.#state.set([a, b, c, d]);
    this.#position = 0;
  }
}
