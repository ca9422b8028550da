/**
 * Keeps the key-value caches of sequences that others may continue, so that what was computed once is copied.
 *
 * Invariants:
 * - what a cache holds at a position is a function of the weights, the prompt and the tokens up to there: prompts are prefilled
 *   whole, everything behind them is decoded a token at a time. So no completion can tell what was kept;
 * - at most `maxBytes` are kept; the least recently used go first.
 */
import type { KvCache } from './kv-cache.js';

/** A prompt and the tokens decoded behind it. */
export interface Sequence {
  readonly promptTokens: Int32Array; // [P]
  readonly completionTokens: Int32Array; // [T]; may be empty
}

/** Beginning of a sequence whose keys and values are known. */
export interface KnownPrefix {
  readonly cache: KvCache;
  /** Positions of slot 0 that hold the sequence's own tokens. */
  readonly length: number;
}

interface Kept extends Sequence {
  readonly cache: KvCache; // [P + T − 1]: the last token has been drawn, not fed
}

export class PrefixStore {
  readonly #kept: Kept[] = []; // least recently used first
  #byteLength = 0;

  constructor(private readonly maxBytes: number) {}

  get byteLength(): number {
    return this.#byteLength;
  }

  /** The longest known beginning of a sequence, its last token left out; null where not even the prompt's is known. */
  find({ promptTokens, completionTokens }: Sequence): KnownPrefix | null {
    const needed = promptTokens.length + completionTokens.length - 1;
    let [found, length]: [Kept | null, number] = [null, -1];
    for (const kept of this.#kept) {
      if (!isSame(kept.promptTokens, promptTokens)) continue;
      const common = promptTokens.length + commonLength(kept.completionTokens, completionTokens);
      const known = Math.min(common, kept.cache.capacity, needed);
      if (known > length) [found, length] = [kept, known];
    }
    if (!found) return null;
    this.#kept.push(...this.#kept.splice(this.#kept.indexOf(found), 1));
    return { cache: found.cache, length };
  }

  /** `cache`: of P + T − 1 positions, not written to any more. */
  keep(sequence: Sequence, cache: KvCache): void {
    this.#kept.push({ ...sequence, cache });
    this.#byteLength += cache.byteLength;
    while (this.#byteLength > this.maxBytes) this.#byteLength -= this.#kept.shift()!.cache.byteLength;
  }

  clear(): void {
    this.#kept.length = 0;
    this.#byteLength = 0;
  }
}

function isSame(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && commonLength(a, b) === a.length;
}

function commonLength(a: Int32Array, b: Int32Array): number {
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i++) if (a[i] !== b[i]) return i;
  return end;
}
