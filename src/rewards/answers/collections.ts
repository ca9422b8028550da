/**
 * Answers of several parts in one canonical text: sets, points, intervals, unions, lists, solutions `x = 2 or x = 3`, and lists whose
 * order does not matter.
 *
 * Invariants: a set has no order, everything else has; `2.0` and `2` stay apart inside brackets, because a list may be a program's
 * output; length and nesting are bounded.
 */
import { parseNumber, rationalKey } from './rational.js';

const MAX_LENGTH = 2000;
const MAX_DEPTH = 8;
const MAX_PARTS = 200;
const INFINITY = /^([+-]?) ?(?:∞|inf|infinity|oo)$/i;
const CLOSERS: Readonly<Record<string, string>> = { '[': '])', '(': ')]', '{': '}' };

/** Pieces between separators that stand outside every bracket; null where brackets do not match. */
function splitOutside(text: string, separator: RegExp): string[] | null {
  const pieces: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if ('[({'.includes(text[i]!)) depth++;
    else if ('])}'.includes(text[i]!) && --depth < 0) return null;
    if (depth > 0) continue;
    separator.lastIndex = i;
    const found = separator.exec(text);
    if (!found) continue;
    pieces.push(text.slice(start, i).trim());
    start = i + found[0].length;
    i = start - 1;
  }
  pieces.push(text.slice(start).trim());
  return depth === 0 && pieces.length <= MAX_PARTS ? pieces : null;
}

/** One text for each value of one item; null for an empty one. */
function itemKey(text: string, depth: number): string | null {
  if (text === '' || depth > MAX_DEPTH) return null;
  const plain = text.replaceAll('−', '-');
  const infinity = INFINITY.exec(plain);
  if (infinity) return infinity[1] === '-' ? '-∞' : '∞';
  const value = parseNumber(plain);
  if (value) {
    const isWholeDecimal = plain.includes('.') && value.numerator % value.denominator === 0n;
    return `${isWholeDecimal ? 'f' : 'q'}${rationalKey(value)}`;
  }
  if ('[({'.includes(plain[0]!)) return bracketKey(plain, depth + 1);
  return /^[A-Za-z][A-Za-z0-9_ ]*$/.test(plain) ? `t${plain}` : null;
}

function bracketKey(text: string, depth: number): string | null {
  const open = text[0] ?? '';
  const close = text.at(-1)!;
  if (text.length < 2 || !CLOSERS[open]?.includes(close)) return null;
  const inner = text.slice(1, -1).trim();
  if (inner === '') return open + close;
  const items = splitOutside(inner, /,/y)?.map((item) => itemKey(item, depth));
  if (!items || items.includes(null)) return null;
  const isRange = (open === '(' && close === ']') || (open === '[' && close === ')');
  if (isRange && items.length !== 2) return null;
  // Parentheses around one value are no collection, and an interval that contains infinity does not exist.
  if (open === '(' && items.length === 1) return null;
  if (open === '{') {
    if (new Set(items).size < items.length) return null;
    items.sort();
  }
  return open + items.join(',') + close;
}

/** One text for each set, point, interval or union of intervals; null for anything else. */
export function canonicalCollection(text: string): string | null {
  if (text.length > MAX_LENGTH) return null;
  if (text === '∅') return '{}';
  if (!'[({'.includes(text[0] ?? ' ')) return null;
  const parts = splitOutside(text, /∪| U /y)?.map((part) => bracketKey(part, 0));
  if (!parts || parts.includes(null)) return null;
  return parts.sort().join('∪');
}

const ASSIGNMENT = /^([A-Za-z][A-Za-z0-9_]{0,9}) ?= ?(.+)$/;

/** Names with values: one for each name, or all values of one name; `names` is null for bare values. */
interface Solutions {
  readonly name: string | null;
  readonly key: string;
}

function parseSolutions(text: string): Solutions | null {
  if (text.length > MAX_LENGTH) return null;
  const pieces = splitOutside(text, / or | and |, and |, or |,|;/y);
  if (!pieces) return null;
  const names: (string | null)[] = [];
  const values: string[] = [];
  for (const piece of pieces) {
    const match = ASSIGNMENT.exec(piece);
    const value = itemKey(match ? match[2]! : piece, 0);
    if (value === null || value.startsWith('t')) return null;
    names.push(match ? match[1]! : null);
    // Outside brackets 2.0 is 2.
    values.push(value.replace(/^f/, 'q'));
  }
  const named = names.filter((name) => name !== null);
  const distinct = new Set(named);
  if (new Set(values).size < values.length && distinct.size <= 1) return null;
  if (distinct.size <= 1) return { name: named[0] ?? null, key: values.sort().join(' ') };
  if (distinct.size < names.length) return null;
  return {
    name: '*',
    key: names
      .map((name, i) => `${name}=${values[i]}`)
      .sort()
      .join(' '),
  };
}

/**
 * Whether `given` has the solutions that `gold` names: `x = 2 or x = 3` in any order, `x = 2, y = 3` in any order. Values without
 * the name are accepted where there is only one unknown.
 */
export function sameSolutions(gold: string, given: string): boolean {
  if (!gold.includes('=')) return false;
  const wanted = parseSolutions(gold);
  if (!wanted?.name) return false;
  const found = parseSolutions(given);
  if (!found || found.key !== wanted.key) return false;
  return found.name === wanted.name || (found.name === null && wanted.name !== '*');
}

/** Not the comma of 1,000. */
const PART_SEPARATOR = /,(?![0-9]{3}(?![0-9]))/y;
/** A string that is cut off, as one with a comma inside is. */
const PIECE_OF_STRING = /^(['"])(?!.*\1$)/;

/** One text for the parts between commas, whatever their order; null where one is empty or comes twice. */
function canonicalParts(text: string): string | null {
  if (text.length > MAX_LENGTH) return null;
  const parts = splitOutside(text, PART_SEPARATOR);
  if (!parts || parts.some((part) => part === '' || PIECE_OF_STRING.test(part))) return null;
  // A part that has no value is itself.
  const keys = parts.map((part) => itemKey(part, 0)?.replace(/^f/, 'q') ?? `t${part}`);
  return new Set(keys).size < keys.length ? null : JSON.stringify(keys.sort());
}

/** Whether `given` lists the same parts as `gold`, in any order: none missing, none more, none twice. */
export function samePartsInAnyOrder(gold: string, given: string): boolean {
  const wanted = canonicalParts(gold);
  return wanted !== null && wanted === canonicalParts(given);
}
