/**
 * Python literals as values: `["a", 1]` and `['a', 1]` are one list, `1.0` and `1` are two numbers. Parsed, never executed.
 *
 * Invariants: anything but a literal gives null, expressions included; length and nesting are bounded.
 */
import { MAX_NUMBER_LENGTH, parseNumber, rationalKey } from './rational.js';

const MAX_LENGTH = 4000;
const MAX_DEPTH = 24;
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
};
const NAMES = new Set(['None', 'True', 'False']);

class LiteralReader {
  #at = 0;

  constructor(private readonly text: string) {}

  /** One canonical text for each value, or null. */
  read(): string | null {
    const value = this.#value(0);
    this.#skipSpace();
    return value !== null && this.#at === this.text.length ? value : null;
  }

  #skipSpace(): void {
    while (this.#at < this.text.length && ' \n\t'.includes(this.text[this.#at]!)) this.#at++;
  }

  #take(character: string): boolean {
    this.#skipSpace();
    if (this.text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #value(depth: number): string | null {
    this.#skipSpace();
    if (depth > MAX_DEPTH) return null;
    const character = this.text[this.#at];
    if (character === '[') return this.#sequence('[', ']', depth);
    if (character === '(') return this.#sequence('(', ')', depth);
    if (character === '{') return this.#braces(depth);
    if (character === "'" || character === '"') return this.#string(character);
    const word =
      /^[A-Za-z0-9+.-]+/.exec(this.text.slice(this.#at, this.#at + MAX_NUMBER_LENGTH + 1))?.[0] ?? '';
    this.#at += word.length;
    return NAMES.has(word) ? word : numberKey(word);
  }

  #sequence(open: string, close: string, depth: number): string | null {
    this.#at++;
    const items: string[] = [];
    if (this.#take(close)) return open + close;
    for (;;) {
      const item = this.#value(depth + 1);
      if (item === null) return null;
      items.push(item);
      if (this.#take(close)) break;
      if (!this.#take(',')) return null;
      // `(1,)` is a tuple of one; elsewhere a trailing comma is no way to write an answer.
      if (open === '(' && items.length === 1 && this.#take(close)) return `(${item},)`;
    }
    // Parentheses around one value are no tuple.
    return open === '(' && items.length === 1 ? null : open + items.join(',') + close;
  }

  #braces(depth: number): string | null {
    this.#at++;
    if (this.#take('}')) return '{}';
    const items: string[] = [];
    let isDict: boolean | null = null;
    for (;;) {
      const key = this.#value(depth + 1);
      if (key === null) return null;
      const hasColon = this.#take(':');
      if (isDict !== null && isDict !== hasColon) return null;
      isDict = hasColon;
      const value = hasColon ? this.#value(depth + 1) : '';
      if (value === null) return null;
      items.push(hasColon ? `${key}:${value}` : key);
      if (this.#take('}')) break;
      if (!this.#take(',')) return null;
    }
    // A set has no order and no repetition; a dict is printed in the order of its keys.
    if (!isDict && new Set(items).size < items.length) return null;
    return `{${(isDict ? items : items.sort()).join(',')}}`;
  }

  #string(quote: string): string | null {
    let value = '';
    for (this.#at++; this.#at < this.text.length; this.#at++) {
      const character = this.text[this.#at]!;
      if (character === quote) {
        this.#at++;
        return JSON.stringify(value);
      }
      if (character === '\\') {
        const meaning = ESCAPES[this.text[++this.#at] ?? ''];
        if (meaning === undefined) return null;
        value += meaning;
      } else value += character;
    }
    return null;
  }
}

/** An integer as `i…`, another number by its value as `f…`: the two print differently. Null for no number. */
function numberKey(word: string): string | null {
  const value = word === '' || word.startsWith('+') ? null : parseNumber(word);
  if (!value) return null;
  return `${/^-?[0-9]+$/.test(word) ? 'i' : 'f'}${rationalKey(value)}`;
}

/** One canonical text for each value of a list, tuple, set, dict, string, None or boolean; null for anything else. */
export function canonicalLiteral(text: string): string | null {
  if (text.length > MAX_LENGTH || !/^[[({'"NTF]/.test(text)) return null;
  return new LiteralReader(text).read();
}
