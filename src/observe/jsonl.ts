/**
 * An append-only file of JSON lines: metrics, events, samples.
 *
 * Invariants:
 * - a line is on its way to the disk when `write` returns: a crash of this process loses none;
 * - a line shown on a terminal cannot alter it, whatever text it holds;
 * - numbers that JSON lacks appear as the strings "NaN", "Infinity" and "-Infinity": a bad metric must be seen.
 */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { DialecticError } from '../errors.js';
import { escapeJson } from './sanitize.js';

/** One record as a JSON line, newline included. */
export function jsonLine(record: object): string {
  const json = JSON.stringify(record, (_key, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
  return `${escapeJson(json)}\n`;
}

export class JsonlSink {
  readonly path: string;
  readonly #descriptor: number;
  #open = true;
  #bytes = 0;
  #records = 0;

  /** Opens `path` for appending and creates it if needed. */
  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, 'a');
  }

  /** Bytes written through this sink. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Records written through this sink. */
  get records(): number {
    return this.#records;
  }

  /** Appends one line. Throws DISK, naming path and offset, when the disk refuses it. */
  write(record: object): void {
    if (!this.#open) throw new DialecticError('INTERNAL', `${this.path}: written to after it was closed.`);
    const bytes = Buffer.from(jsonLine(record), 'utf8');
    let done = 0;
    try {
      while (done < bytes.length) done += writeSync(this.#descriptor, bytes, done);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new DialecticError(
        'DISK',
        `${this.path}: cannot append after ${this.#bytes + done} bytes (${reason}). Free some space on that disk, or check it.`,
        { cause },
      );
    }
    this.#bytes += bytes.length;
    this.#records++;
  }

  /** Waits until everything written is on the disk. */
  flush(): void {
    if (this.#open) fsyncSync(this.#descriptor);
  }

  /** Flushes and closes; a second call does nothing. */
  close(): void {
    if (!this.#open) return;
    this.flush();
    this.#open = false;
    closeSync(this.#descriptor);
  }
}
