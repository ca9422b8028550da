/**
 * Reads typed fields from the JSON files of a checkpoint, which come from strangers.
 *
 * Invariants:
 * - only a file's own keys count, so `__proto__` and `constructor` are keys like any other;
 * - every refusal is a MODEL_FILE error that names the file, the key, what was expected and what was found.
 */
import { readFileSync } from 'node:fs';
import { DialecticError } from '../errors.js';

/** A refusal of a model file. */
export function modelFileError(path: string, problem: string, cause?: unknown): DialecticError {
  return new DialecticError('MODEL_FILE', `${path}: ${problem}`, cause === undefined ? undefined : { cause });
}

/** Fields of one JSON object. An absent or null key gives the fallback; without a fallback it is an error. */
export class JsonFields {
  constructor(
    readonly json: object,
    readonly path: string,
    private readonly prefix = '',
  ) {}

  has(key: string): boolean {
    return Object.hasOwn(this.json, key);
  }

  /** The raw value, or undefined if the key is absent. */
  raw(key: string): unknown {
    return this.has(key) ? (this.json as Record<string, unknown>)[key] : undefined;
  }

  isNull(key: string): boolean {
    return this.raw(key) === null;
  }

  number(key: string, min: number, fallback?: number): number {
    const value = this.raw(key) ?? fallback;
    if (typeof value === 'number' && Number.isFinite(value) && value >= min) return value;
    return this.refuse(key, `a number of at least ${min}`);
  }

  positive(key: string, fallback?: number): number {
    const value = this.raw(key) ?? fallback;
    if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
    return this.refuse(key, 'a number above 0');
  }

  integer(key: string, min: number, fallback?: number): number {
    const value = this.raw(key) ?? fallback;
    if (Number.isSafeInteger(value) && (value as number) >= min) return value as number;
    return this.refuse(key, `an integer of at least ${min}`);
  }

  boolean(key: string, fallback?: boolean): boolean {
    const value = this.raw(key) ?? fallback;
    return typeof value === 'boolean' ? value : this.refuse(key, 'true or false');
  }

  string(key: string, fallback?: string): string {
    const value = this.raw(key) ?? fallback;
    return typeof value === 'string' ? value : this.refuse(key, 'a string');
  }

  /** One of `allowed`. */
  choice<T extends string>(key: string, allowed: readonly T[], fallback?: T): T {
    const value = this.raw(key) ?? fallback;
    if (allowed.includes(value as T)) return value as T;
    return this.refuse(key, allowed.map((each) => `"${each}"`).join(' or '));
  }

  /** A nested object, or null if the key is absent or null. */
  object(key: string): JsonFields | null {
    const value = this.raw(key) ?? null;
    if (value === null) return null;
    if (!isJsonObject(value)) return this.refuse(key, 'an object');
    return new JsonFields(value, this.path, `${this.prefix}${key}.`);
  }

  /** A token id or a list of them, as a list; empty if absent or null. */
  tokenIds(key: string): number[] {
    const value = this.raw(key) ?? [];
    const ids: unknown[] = Array.isArray(value) ? value : [value];
    if (ids.every((id) => Number.isSafeInteger(id) && (id as number) >= 0)) return ids as number[];
    return this.refuse(key, 'a token id or a list of token ids');
  }

  /** One token id, or null. */
  tokenId(key: string, fallback: number | null): number | null {
    if (!this.has(key)) return fallback;
    return this.isNull(key) ? null : this.integer(key, 0);
  }

  /** Throws: this key does not hold what was expected. */
  refuse(key: string, expected: string): never {
    const found = this.has(key) ? `found ${preview(this.raw(key))}` : 'but the key is missing';
    throw modelFileError(this.path, `expected "${this.prefix}${key}" to be ${expected}, ${found}`);
  }
}

/** Reads a JSON file that holds an object. `purpose` says what the file is, for the error. */
export function readJsonObject(path: string, purpose: string): JsonFields {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw modelFileError(path, `cannot be read (${(cause as Error).message}); expected ${purpose}`, cause);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw modelFileError(path, `is not JSON (${(cause as Error).message}); expected ${purpose}`, cause);
  }
  return jsonObject(json, path, purpose);
}

/** Takes a parsed value that must be an object. */
export function jsonObject(json: unknown, path: string, purpose: string): JsonFields {
  if (!isJsonObject(json)) {
    throw modelFileError(path, `holds ${preview(json)}; expected ${purpose}, a JSON object`);
  }
  return new JsonFields(json, path);
}

export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value in an error message, short and on one line. */
export function preview(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    text = 'a value nested too deeply to show'; // what strangers wrote may exhaust the stack
  }
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
