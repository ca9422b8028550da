/**
 * Reads a JSON configuration text into leaves that remember their line, so that every complaint can name it.
 *
 * Invariants:
 * - accepts exactly JSON (RFC 8259), except that a key twice in one object is an error here;
 * - builds no objects from keys of the text, so `__proto__` is a key like any other.
 */
import { DialecticError } from '../errors.js';

/** One value of the text. An object is never a leaf; a list is one as a whole. */
export interface Leaf {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly line: number; // from 1
}

const MAX_DEPTH = 16;
const MAX_CHARACTERS = 1_000_000;
const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;

/** Leaves of a JSON object. Throws CONFIG with `name:line:column` on a syntax error. */
export function readJsonLeaves(source: string, name: string): Leaf[] {
  const text = source.startsWith('\ufeff') ? source.slice(1) : source;
  if (text.length > MAX_CHARACTERS) {
    throw new DialecticError('CONFIG', `${name}: a configuration of more than ${MAX_CHARACTERS} characters`);
  }
  const reader = new Reader(text, name);
  return reader.document();
}

class Reader {
  readonly #text: string;
  readonly #name: string;
  readonly #leaves: Leaf[] = [];
  #at = 0;

  constructor(text: string, name: string) {
    this.#text = text;
    this.#name = name;
  }

  document(): Leaf[] {
    this.#match(SPACE);
    if (this.#text[this.#at] !== '{') throw this.#error('a configuration is a JSON object, expected {');
    this.#object([]);
    this.#match(SPACE);
    if (this.#at < this.#text.length) throw this.#error('expected the end of the file');
    return this.#leaves;
  }

  #object(path: readonly string[]): void {
    if (path.length >= MAX_DEPTH) throw this.#error(`nested more than ${MAX_DEPTH} deep`);
    const seen = new Set<string>();
    this.#sequence('}', () => {
      const start = this.#at;
      const key = this.#string('expected a key in double quotes');
      if (seen.has(key)) throw this.#error(`the key ${JSON.stringify(key)} occurs twice`, start);
      seen.add(key);
      this.#match(SPACE);
      this.#expect(':');
      this.#match(SPACE);
      const here = [...path, key];
      if (this.#text[this.#at] === '{') {
        this.#object(here);
      } else {
        this.#leaves.push({ path: here, value: this.#value(here.length), line: this.#position(start).line });
      }
    });
  }

  /** A value that is no configuration section: scalar, string or list. */
  #value(depth: number): unknown {
    const next = this.#text[this.#at];
    if (next === '"') return this.#string('expected a string');
    if (next === '[') {
      if (depth >= MAX_DEPTH) throw this.#error(`nested more than ${MAX_DEPTH} deep`);
      const items: unknown[] = [];
      this.#sequence(']', () => items.push(this.#value(depth + 1)));
      return items;
    }
    if (next === '{') throw this.#error('no configuration key takes a list of objects');
    const start = this.#at;
    const word = this.#match(SCALAR);
    if (word === undefined) throw this.#error('expected a value', start);
    return JSON.parse(word);
  }

  /** Items between the bracket at the cursor and `close`, separated by commas. */
  #sequence(close: string, item: () => void): void {
    this.#at++;
    this.#match(SPACE);
    if (this.#text[this.#at] === close) {
      this.#at++;
      return;
    }
    for (;;) {
      item();
      this.#match(SPACE);
      if (this.#text[this.#at] === close) break;
      if (this.#text[this.#at] !== ',') throw this.#error(`expected , or ${close}`);
      this.#at++;
      this.#match(SPACE);
      if (this.#text[this.#at] === close) throw this.#error(`no comma is allowed before ${close}`);
    }
    this.#at++;
  }

  #string(complaint: string): string {
    const quoted = this.#match(STRING);
    if (quoted === undefined) throw this.#error(complaint);
    return JSON.parse(quoted) as string;
  }

  #expect(character: string): void {
    if (this.#text[this.#at] !== character) throw this.#error(`expected ${character}`);
    this.#at++;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #position(offset: number): { line: number; column: number } {
    const before = this.#text.slice(0, offset);
    const lineStart = before.lastIndexOf('\n') + 1;
    return { line: before.split('\n').length, column: offset - lineStart + 1 };
  }

  #error(complaint: string, offset = this.#at): DialecticError {
    const { line, column } = this.#position(offset);
    const found = this.#text.slice(offset, offset + 12).split(/[\n\r]/)[0];
    const seen = offset >= this.#text.length ? 'the file ends here' : `found ${JSON.stringify(found)}`;
    return new DialecticError('CONFIG', `${this.#name}:${line}:${column}: ${complaint}; ${seen}.`);
  }
}
