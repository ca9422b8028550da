/**
 * Writes the event stream down: every event to events.jsonl, the row of every update to metrics.jsonl, and to live listeners.
 *
 * Invariants:
 * - events appear in the order of the stream; those that came before there were files are written first;
 * - a listener that fails is dropped and its error kept; the files and the other listeners go on;
 * - a row of metrics is on the disk when the next event is handled.
 */
import type { Observable, Subscription } from 'rxjs';
import type { Event } from '../protocol/index.js';
import type { JsonlSink } from './jsonl.js';

/** The files of a run that hold its events. */
interface EventFiles {
  readonly events: JsonlSink;
  readonly metrics: JsonlSink;
}

export class EventLog {
  readonly #subscription: Subscription;
  readonly #listeners: Set<(event: Event) => void>;
  #files: EventFiles | null = null;
  #early: Event[] = [];
  #listenerError: unknown;
  #eventsError: unknown;
  #metricsError: unknown;
  #lost = 0;

  /** Subscribes at once. `listeners` receive each event after the files have it. */
  constructor(events: Observable<Event>, listeners: readonly ((event: Event) => void)[] = []) {
    this.#listeners = new Set(listeners);
    this.#subscription = events.subscribe({
      next: (event) => this.#record(event),
      // The bus is a hot stream that belongs to the engine: its failure is reported there, the log only ends.
      error: () => {},
    });
  }

  /** Events that the file does not hold because writing it failed. */
  get lost(): number {
    return this.#lost;
  }

  /** What ended events.jsonl or a listener early, if anything did. */
  get error(): unknown {
    return this.#eventsError ?? this.#listenerError;
  }

  /** What kept a row out of metrics.jsonl, if anything did: a run without its metrics must not go on. */
  get metricsError(): unknown {
    return this.#metricsError;
  }

  /** Writes to these files from now on, the events so far first. */
  open(files: EventFiles): void {
    this.#files = files;
    for (const event of this.#early.splice(0)) this.#write(event, files);
  }

  /** Stops listening. The files stay open for their owner to close. */
  close(): void {
    this.#subscription.unsubscribe();
  }

  #record(event: Event): void {
    if (this.#files) this.#write(event, this.#files);
    else this.#early.push(event);
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#listeners.delete(listener);
        this.#listenerError ??= error;
      }
    }
  }

  #write(event: Event, files: EventFiles): void {
    // A full disk must not unwind into whoever emitted the event; the owner asks for the errors.
    if (this.#eventsError === undefined) {
      try {
        files.events.write(event);
      } catch (error) {
        this.#eventsError = error;
      }
    }
    if (this.#eventsError !== undefined) this.#lost++;
    if (event.type !== 'update.completed') return;
    try {
      files.metrics.write({ update: event.update, ...event.metrics });
      files.metrics.flush();
    } catch (error) {
      this.#metricsError ??= error;
    }
  }
}
