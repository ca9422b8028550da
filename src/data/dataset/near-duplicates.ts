/**
 * Finds questions that are nearly the same, so that no twin of an evaluation item is trained on.
 *
 * Invariants: two texts are twins when they are equal after normalization, equal after masking numbers, or share at least
 * 80 % of their five-character pieces (Jaccard index); MinHash only proposes pairs, the index decides.
 *
 * Reference: Broder, "On the resemblance and containment of documents" (1997).
 */
import { hashText } from '../../random.js';

export const TWIN_SIMILARITY = 0.8;
const PIECE_CHARACTERS = 5;
/** A pair at the threshold escapes all bands with probability (1 - 0.8^3)^20, below one in a million. */
const BANDS = 20;
const ROWS = 3;

/** Lower case, single spaces, no punctuation; signs of arithmetic stay, they carry meaning. */
export function normalizeQuestion(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}+\-*/%=<>^. ]+/gu, ' ')
    .replace(/\.(?!\d)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The normalized question with every number replaced: what two problems of one template share. */
export function maskNumbers(text: string): string {
  return normalizeQuestion(text).replace(/\d+(\.\d+)?/g, '#');
}

/** Hashes of the five-character pieces of a question, sorted, each once. */
export function piecesOf(text: string): Uint32Array {
  const normalized = normalizeQuestion(text);
  const pieces = new Set<number>();
  for (let i = 0; i + PIECE_CHARACTERS <= normalized.length; i++) {
    pieces.add(hashText(normalized.slice(i, i + PIECE_CHARACTERS)));
  }
  return Uint32Array.from(pieces).sort();
}

/** Shared pieces divided by all pieces, in [0, 1]. */
export function similarity(a: Uint32Array, b: Uint32Array): number {
  let [i, j, shared] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    if (a[i]! === b[j]!) {
      shared++;
      i++;
      j++;
    } else if (a[i]! < b[j]!) i++;
    else j++;
  }
  const all = a.length + b.length - shared;
  return all === 0 ? 1 : shared / all;
}

const MULTIPLIERS = Uint32Array.from(
  { length: BANDS * ROWS },
  (_, k) => (hashText(`multiplier ${k}`) | 1) >>> 0,
);

/** One key a band: texts that share a key are compared. */
function bandKeys(pieces: Uint32Array): string[] {
  const signature = new Uint32Array(BANDS * ROWS).fill(0xffff_ffff);
  for (const piece of pieces) {
    const mixed = (piece ^ (piece >>> 15)) >>> 0;
    for (let k = 0; k < signature.length; k++) {
      const multiplier = MULTIPLIERS[k]!;
      const product = Math.imul(mixed, multiplier);
      const hash = Math.imul(product ^ (product >>> 13), 0x5bd1e995) >>> 0;
      if (hash < signature[k]!) signature[k] = hash;
    }
  }
  return Array.from(
    { length: BANDS },
    (_, band) => `${band}:${signature.subarray(band * ROWS, (band + 1) * ROWS).join(',')}`,
  );
}

/** What is compared of a question: worked out once, since it takes most of the time of making a dataset. */
export interface Fingerprint {
  readonly masked: string;
  readonly pieces: Uint32Array;
  readonly bands: readonly string[];
}

export function fingerprintOf(question: string): Fingerprint {
  const pieces = piecesOf(question);
  return { masked: maskNumbers(question), pieces, bands: bandKeys(pieces) };
}

/** Questions that others must not resemble. */
export class TwinIndex {
  readonly #masked = new Set<string>();
  readonly #bands = new Map<string, Uint32Array[]>();

  add({ masked, pieces, bands }: Fingerprint): void {
    this.#masked.add(masked);
    for (const key of bands) {
      const bucket = this.#bands.get(key);
      if (bucket) bucket.push(pieces);
      else this.#bands.set(key, [pieces]);
    }
  }

  /** Whether a question is a twin of one that was added. */
  hasTwin({ masked, pieces, bands }: Fingerprint): boolean {
    if (this.#masked.has(masked)) return true;
    for (const key of bands) {
      for (const other of this.#bands.get(key) ?? []) {
        if (similarity(pieces, other) >= TWIN_SIMILARITY) return true;
      }
    }
    return false;
  }
}
