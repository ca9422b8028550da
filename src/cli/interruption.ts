/** What Ctrl-C means: the first asks the run to stop in order, the second ends the process at once. */
import { EXIT } from '../errors.js';

export class Interruption {
  #requested = false;
  #announce: () => void = () => {};
  readonly #abort = new AbortController();
  /** Resolves when the first signal comes. */
  readonly first = new Promise<undefined>((resolve) => {
    this.#announce = () => resolve(undefined);
  });

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get requested(): boolean {
    return this.#requested;
  }

  /** Listens for SIGINT and SIGTERM until the returned function is called. `onFirst` is told once. */
  listen(onFirst: () => void): () => void {
    const handler = (): void => {
      if (this.#requested) process.exit(EXIT.interrupted);
      this.#requested = true;
      this.#announce();
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
