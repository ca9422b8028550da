/**
 * Measures of plain text: words, sentences, repetition, overlap with another text.
 *
 * Invariants: time is bounded whatever the text: only the first `MAX_WORDS` words count, and only they are compared.
 */

export const MAX_WORDS = 600;
/** Enough characters for that many words; more are not read. */
const MAX_LENGTH = 20_000;

/** Lower-case words and numbers, in order. */
export function wordsOf(text: string): string[] {
  const words =
    text
      .slice(0, MAX_LENGTH)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+(?:['’.][\p{L}\p{N}]+)*/gu) ?? [];
  return words.slice(0, MAX_WORDS);
}

/** Sentences and lines with something in them; the point of `3.5` ends none. */
export function sentencesOf(text: string): string[] {
  return text
    .slice(0, MAX_LENGTH)
    .split(/[.!?](?=\s|$)|\n/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
}

function nGrams(words: readonly string[], n: number): string[] {
  return Array.from({ length: Math.max(0, words.length - n + 1) }, (_, i) => words.slice(i, i + n).join(' '));
}

/** The share of n-grams that occurred before in the same text; 0 for a text too short to repeat. */
export function repeatedShare(words: readonly string[], n: number): number {
  const grams = nGrams(words, n);
  return grams.length === 0 ? 0 : 1 - new Set(grams).size / grams.length;
}

/** The share of n-grams that stand in `source` too. */
export function copiedShare(words: readonly string[], source: readonly string[], n: number): number {
  const grams = nGrams(words, n);
  const known = new Set(nGrams(source, n));
  return grams.length === 0 ? 0 : grams.filter((gram) => known.has(gram)).length / grams.length;
}

/** ROUGE-L (Lin, 2004): F1 of the longest common subsequence of words, in [0, 1]. */
export function rougeL(words: readonly string[], reference: readonly string[]): number {
  if (words.length === 0 || reference.length === 0) return 0;
  let previous = new Int32Array(reference.length + 1);
  for (const word of words) {
    const row = new Int32Array(reference.length + 1);
    for (let j = 0; j < reference.length; j++) {
      row[j + 1] = word === reference[j] ? previous[j]! + 1 : Math.max(row[j]!, previous[j + 1]!);
    }
    previous = row;
  }
  return (2 * previous[reference.length]!) / (words.length + reference.length);
}

/** A word without its commonest endings, so that `dreams` covers `dream` and `traded` covers `trade`. */
export function stemOf(word: string): string {
  const stem = word.toLowerCase().replace(/(?:'s|’s|ies|ing|edly|ed|es|s|ly)$/, '');
  return (stem.length >= 3 ? stem : word.toLowerCase()).replace(/[ey]$/, '');
}

const FUNCTION_WORDS = new Set(
  'a an the and or but if then than that this these those of to in on at by for from with as is are was were be been it its he she they we you i his her their our my not no so do does did has have had will would can could may might which who what when where there into over out up'.split(
    ' ',
  ),
);

export const isFunctionWord = (word: string): boolean => FUNCTION_WORDS.has(word);
