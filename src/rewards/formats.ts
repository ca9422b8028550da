/**
 * How far a completion keeps the required form: exact, approximate, and the four reward functions of Tunix's GSM8K example.
 *
 * Invariants: time is linear in the length of a completion (substring searches that find what the published expressions find,
 * without their backtracking); the published functions have the published values, wherever those are odd.
 *
 * Source: google/tunix, examples/grpo_demo.ipynb of October 2025. `mended` repairs what is a defect there: gold answers with
 * thousands separators, which `float()` refuses; negative numbers and separators, which `check_numbers` cannot read; a gold
 * answer of 0, by which the ratio divides.
 */
import { COMPLETION_TAGS, parseCompletion, soleIndexOf } from './parse.js';

/** 1 for a well-formed completion, otherwise 0. */
export function formatExact(completion: string): number {
  return parseCompletion(completion).wellFormed ? 1 : 0;
}

/** The share of the four tags that occur exactly once, wherever they stand; in [0, 1]. */
export function formatApproximate(completion: string): number {
  return COMPLETION_TAGS.filter((tag) => soleIndexOf(completion, tag) >= 0).length / COMPLETION_TAGS.length;
}

// ---- Tunix --------------------------------------------------------------------------------------------------------

const [OPEN_REASONING, CLOSE_REASONING, OPEN_ANSWER, CLOSE_ANSWER] = COMPLETION_TAGS;

/** The longest text that is read as a number. */
const MAX_NUMBER_LENGTH = 400;

/** What Python's `\s` and `str.strip` take for white space. */
const isSpace = (character: string): boolean =>
  /[\s\u001c-\u001f\u0085]/.test(character) && character !== '\ufeff';

function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text[start]!)) start++;
  while (end > start && isSpace(text[end - 1]!)) end--;
  return text.slice(start, end);
}

/** Whether nothing but white space stands between a line's start and `index`. */
function beginsLine(text: string, index: number): boolean {
  for (let i = index - 1; i >= 0 && text[i] !== '\n'; i--) if (!isSpace(text[i]!)) return false;
  return true;
}

/** Whether nothing but white space stands between `index` and the line's end. */
function endsLine(text: string, index: number): boolean {
  for (let i = index; i < text.length && text[i] !== '\n'; i++) if (!isSpace(text[i]!)) return false;
  return true;
}

/**
 * Group 1 of the published expression, or null where it does not match:
 * `^[\s]{0,}<reasoning>.+?</reasoning>.*?<answer>(.+?)</answer>[\s]{0,}$` with MULTILINE and DOTALL.
 */
export function tunixAnswer(completion: string): string | null {
  let open = completion.indexOf(OPEN_REASONING);
  while (open >= 0 && !beginsLine(completion, open)) open = completion.indexOf(OPEN_REASONING, open + 1);
  if (open < 0) return null;
  // The earliest place of each tag leaves the most room for the rest: if it fails, every later one fails.
  const close = completion.indexOf(CLOSE_REASONING, open + OPEN_REASONING.length + 1);
  if (close < 0) return null;
  const start = completion.indexOf(OPEN_ANSWER, close + CLOSE_REASONING.length);
  if (start < 0) return null;
  const from = start + OPEN_ANSWER.length;
  let end = completion.indexOf(CLOSE_ANSWER, from + 1);
  while (end >= 0 && !endsLine(completion, end + CLOSE_ANSWER.length)) {
    end = completion.indexOf(CLOSE_ANSWER, end + 1);
  }
  return end < 0 ? null : completion.slice(from, end);
}

/** Python's `float(text)`, ASCII digits only; null where it raises. */
function pythonFloat(text: string): number | null {
  const plain = strip(text);
  if (plain.length > MAX_NUMBER_LENGTH) return null;
  if (/^[+-]?(?:inf|infinity)$/i.test(plain)) return plain.startsWith('-') ? -Infinity : Infinity;
  if (/^[+-]?nan$/i.test(plain)) return Number.NaN;
  const digits = '[0-9](?:_?[0-9])*';
  const number = new RegExp(`^[+-]?(?:${digits}\\.?(?:${digits})?|\\.${digits})(?:[eE][+-]?${digits})?$`);
  return number.test(plain) ? Number(plain.replaceAll('_', '')) : null;
}

/** Thousands separators taken out of a number; any other text stays as it is. */
function withoutSeparators(text: string): string {
  return /^\s*[+-]?[0-9]{1,3}(?:,[0-9]{3}){1,40}(?:\.[0-9]{1,40})?\s*$/.test(text)
    ? text.replaceAll(',', '')
    : text;
}

/** `match_format_exactly`: 3 where the expression matches, otherwise 0. */
export function matchFormatExactly(completion: string): number {
  return tunixAnswer(completion) === null ? 0 : 3;
}

/** `match_format_approximately`: half a point for each tag that occurs exactly once, minus half for every other; [-2, 2]. */
export function matchFormatApproximately(completion: string): number {
  return COMPLETION_TAGS.reduce((sum, tag) => sum + (soleIndexOf(completion, tag) >= 0 ? 0.5 : -0.5), 0);
}

/**
 * `check_answer`: no match 0; the gold text 3; up to white space 1.5; within 10 % of the gold number 0.5, within 20 % 0.25;
 * another number -1; no number -0.5.
 */
export function checkAnswer(completion: string, answer: string, mended = false): number {
  const found = tunixAnswer(completion);
  if (found === null) return 0;
  if (found === answer) return 3;
  const [given, gold] = mended ? [withoutSeparators(found), withoutSeparators(answer)] : [found, answer];
  if (strip(given) === strip(gold)) return 1.5;
  const guess = pythonFloat(given);
  const truth = pythonFloat(gold);
  if (guess === null || truth === null) return -0.5;
  if (truth === 0) return mended ? (guess === 0 ? 0.5 : -1) : -0.5;
  const ratio = guess / truth;
  if (ratio >= 0.9 && ratio <= 1.1) return 0.5;
  return ratio >= 0.8 && ratio <= 1.2 ? 0.25 : -1;
}

/**
 * The number that `check_numbers` finds: the first run of digits and points behind the first answer tag (`<answer>.*?([\d\.]{1,})`),
 * mended with its sign and separators; null where there is none.
 */
export function tunixNumber(completion: string, mended = false): number | null {
  const start = completion.indexOf(OPEN_ANSWER);
  if (start < 0) return null;
  const rest = completion.slice(start + OPEN_ANSWER.length);
  const at = rest.search(/[0-9.]/);
  if (at < 0) return null;
  const window = rest.slice(at, at + MAX_NUMBER_LENGTH + 1);
  if (!mended) return pythonFloat(/^[0-9.]+/.exec(window)![0]);
  const run = /^[0-9.,]+/.exec(window)![0].replace(/[.,]+$/, '');
  const magnitude = pythonFloat(withoutSeparators(run));
  const isNegative = at > 0 && (rest[at - 1] === '-' || rest[at - 1] === '−');
  return magnitude === null ? null : isNegative ? -magnitude : magnitude;
}

/** `check_numbers`: 1.5 where the number found equals the gold number, otherwise 0. */
export function checkNumbers(completion: string, answer: string, mended = false): number {
  const guess = tunixNumber(completion, mended);
  const truth = pythonFloat(mended ? withoutSeparators(answer) : answer);
  return guess !== null && truth !== null && guess === truth ? 1.5 : 0;
}

/** Tunix's partial accuracy: the number found lies within 10 % of the gold number; null where the gold answer is no number. */
export function isPartiallyRight(completion: string, answer: string): boolean | null {
  const guess = tunixNumber(completion, true);
  const truth = pythonFloat(withoutSeparators(answer));
  if (truth === null) return null;
  if (guess === null) return false;
  if (truth === 0) return guess === 0;
  return guess / truth >= 0.9 && guess / truth <= 1.1;
}
