/** What Ctrl-C means: the first asks the run to stop in order, the second ends the process at once. */
import { EXIT } from '../errors.js';

export class Interruption {
  readonly #abort = new AbortController();

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get requested(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Listens for SIGINT and SIGTERM until the returned function is called. `onFirst` is told once. */
  listen(onFirst: () => void): () => void {
    const handler = (): void => {
      if (this.requested) process.exit(EXIT.interrupted);
      this.#abort.abort();
      onFirst();
    };
    process.on('SIGINT', handler);
    process.on('SIGTERM', handler);
    return () => {
      process.off('SIGINT', handler);
      process.off('SIGTERM', handler);
    };
  }
}
