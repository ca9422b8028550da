/**
 * JSON lines on stdout, for programs that read a run as it happens.
 *
 * Invariants: one object a line and nothing else; a reader that goes away (EPIPE) never stops the run.
 */
import { jsonLine } from '../../observe/jsonl.js';

/** The part of process.stdout that is needed. */
interface LineStream {
  write(text: string): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export class JsonLines {
  readonly #stream: LineStream;
  #lost = 0;
  #isGone = false;

  constructor(stream: LineStream) {
    this.#stream = stream;
    stream.on('error', () => {
      this.#isGone = true;
    });
  }

  /** Lines that could not be written because the reader was gone. */
  get lost(): number {
    return this.#lost;
  }

  write(record: object): void {
    if (this.#isGone) this.#lost++;
    else this.#stream.write(jsonLine(record));
  }
}
