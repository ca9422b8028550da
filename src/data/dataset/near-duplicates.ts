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
  return masked(normalizeQuestion(text));
}

const masked = (normalized: string): string => normalized.replace(/\d+(\.\d+)?/g, '#');

/** Hashes of the five-character pieces of a question, sorted, each once. */
export function piecesOf(text: string): Uint32Array {
  return piecesOfNormalized(normalizeQuestion(text));
}

function piecesOfNormalized(normalized: string): Uint32Array {
  const count = Math.max(0, normalized.length - PIECE_CHARACTERS + 1);
  const pieces = new Uint32Array(count);
  for (let i = 0; i < count; i++) pieces[i] = hashText(normalized, i, i + PIECE_CHARACTERS);
  pieces.sort();
  let distinct = 0;
  for (const piece of pieces)
    if (distinct === 0 || piece !== pieces[distinct - 1]) pieces[distinct++] = piece;
  return pieces.slice(0, distinct);
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

/** One key a band: texts that share a key are compared. Keys of different bands differ. */
function bandKeys(pieces: Uint32Array): readonly number[] {
  const signature = new Uint32Array(BANDS * ROWS);
  for (let k = 0; k < signature.length; k++) {
    const multiplier = MULTIPLIERS[k]!;
    let least = 0xffff_ffff;
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i]!;
      const product = Math.imul(piece ^ (piece >>> 15), multiplier);
      const hash = Math.imul(product ^ (product >>> 13), 0x5bd1e995) >>> 0;
      if (hash < least) least = hash;
    }
    signature[k] = least;
  }
  return Array.from({ length: BANDS }, (_, band) => {
    let key = 0;
    // Rows that are mixed to the same 32 bits by chance cost a comparison, and decide nothing.
    for (let row = 0; row < ROWS; row++) key = Math.imul(key ^ signature[band * ROWS + row]!, 0x9e37_79b1);
    return band * 2 ** 32 + (key >>> 0);
  });
}

/** What is compared of a question: each part worked out once, and only if it is asked for, since it takes most of the time of making a dataset. */
class Fingerprint {
  readonly normalized: string;
  #masked: string | undefined;
  #pieces: Uint32Array | undefined;
  #bands: readonly number[] | undefined;

  constructor(question: string) {
    this.normalized = normalizeQuestion(question);
  }

  get masked(): string {
    this.#masked ??= masked(this.normalized);
    return this.#masked;
  }

  get pieces(): Uint32Array {
    this.#pieces ??= piecesOfNormalized(this.normalized);
    return this.#pieces;
  }

  get bands(): readonly number[] {
    this.#bands ??= bandKeys(this.pieces);
    return this.#bands;
  }
}

export const fingerprintOf = (question: string): Fingerprint => new Fingerprint(question);

/** Questions that others must not resemble. */
export class TwinIndex {
  readonly #masked = new Set<string>();
  readonly #pieces: Uint32Array[] = [];
  /** Places in #pieces by band key. */
  readonly #bands = new Map<number, number[]>();

  add({ masked, pieces, bands }: Fingerprint): void {
    this.#masked.add(masked);
    const place = this.#pieces.push(pieces) - 1;
    for (const key of bands) {
      const bucket = this.#bands.get(key);
      if (bucket) bucket.push(place);
      else this.#bands.set(key, [place]);
    }
  }

  /** Whether a question is a twin of one that was added. */
  hasTwin(question: Fingerprint): boolean {
    if (this.#masked.has(question.masked)) return true;
    const { pieces, bands } = question;
    // Questions of one template share many bands; each pair is compared once.
    const isCompared = new Uint8Array(this.#pieces.length);
    for (const key of bands) {
      for (const place of this.#bands.get(key) ?? []) {
        if (isCompared[place]) continue;
        isCompared[place] = 1;
        if (similarity(pieces, this.#pieces[place]!) >= TWIN_SIMILARITY) return true;
      }
    }
    return false;
  }
}
