/**
 * Writes the event stream down: every event to events.jsonl, and to a live listener if there is one.
 *
 * Invariants:
 * - events appear in the order of the stream, counted by type;
 * - a listener that fails is dropped and its error kept; the file goes on.
 */
import type { Observable, Subscription } from 'rxjs';
import type { Event } from '../protocol/index.js';
import type { JsonlSink } from './jsonl.js';

export class EventLog {
  readonly #counts = new Map<Event['type'], number>();
  readonly #subscription: Subscription;
  #live: ((event: Event) => void) | undefined;
  #liveError: unknown;
  #fileError: unknown;
  #lost = 0;

  /** Subscribes at once. `live` receives each event after the file has it. */
  constructor(events: Observable<Event>, file: JsonlSink, live?: (event: Event) => void) {
    this.#live = live;
    this.#subscription = events.subscribe({
      next: (event) => this.#record(event, file),
      // The bus is a hot stream that belongs to the engine: its failure is reported there, the log only ends.
      error: () => {},
    });
  }

  /** Events recorded so far, by type. */
  get counts(): ReadonlyMap<Event['type'], number> {
    return this.#counts;
  }

  /** Events that the file does not hold because writing it failed. */
  get lost(): number {
    return this.#lost;
  }

  /** What ended the file or the live listener early, if anything did. */
  get error(): unknown {
    return this.#fileError ?? this.#liveError;
  }

  /** Stops listening. The file stays open for its owner to close. */
  close(): void {
    this.#subscription.unsubscribe();
  }

  #record(event: Event, file: JsonlSink): void {
    this.#counts.set(event.type, (this.#counts.get(event.type) ?? 0) + 1);
    if (this.#fileError === undefined) {
      try {
        file.write(event);
      } catch (error) {
        // A full disk must not unwind into whoever emitted the event; the owner asks for `error` at the end.
        this.#fileError = error;
      }
    }
    if (this.#fileError !== undefined) this.#lost++;
    try {
      this.#live?.(event);
    } catch (error) {
      this.#live = undefined;
      this.#liveError = error;
    }
  }
}
