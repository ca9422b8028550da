/**
 * The event stream as an RxJS Observable: for observation only, never in the path of a message.
 *
 * Invariants: a subscriber that throws loses that one event and harms nobody (RxJS by itself would rethrow from a
 * timer and end the process).
 */
import { Observable, type Observer as RxObserver, Subscriber, type Subscription } from 'rxjs';
import type { Event } from '../../protocol/index.js';
import type { EventHub } from './event-hub.js';

type Next<T> = ((value: T) => void) | Partial<RxObserver<T>> | null | undefined;

/** An Observable, and everything piped from it, whose final subscribers may throw. */
class IsolatedObservable<T> extends Observable<T> {
  readonly #onThrow: (error: unknown) => void;

  constructor(onThrow: (error: unknown) => void, subscribe?: ConstructorParameters<typeof Observable<T>>[0]) {
    super(subscribe);
    this.#onThrow = onThrow;
  }

  /** RxJS builds every piped Observable through this method: it keeps the guard on them. */
  override lift<R>(operator?: Observable<R>['operator']): Observable<R> {
    const lifted = new IsolatedObservable<R>(this.#onThrow);
    lifted.source = this;
    lifted.operator = operator;
    return lifted;
  }

  override subscribe(observer?: Next<T>): Subscription {
    // Operators subscribe with a Subscriber, which passes errors downstream by itself.
    if (observer instanceof Subscriber) return super.subscribe(observer);
    const next = typeof observer === 'function' ? observer : observer?.next?.bind(observer);
    return super.subscribe({
      ...(typeof observer === 'object' ? observer : {}),
      next: (value) => {
        try {
          next?.(value);
        } catch (error) {
          this.#onThrow(error);
        }
      },
      error: (error) => {
        if (typeof observer === 'object' && observer?.error) observer.error(error);
        else this.#onThrow(error);
      },
    });
  }
}

/**
 * Events of a hub from now on. Each subscriber has a buffer of `maxBuffered` events; `onThrow` is told of what a
 * subscriber or an operator threw.
 */
export function observe(
  hub: EventHub,
  options: { readonly maxBuffered?: number; readonly onThrow?: (error: unknown) => void } = {},
): Observable<Event> {
  return new IsolatedObservable<Event>(options.onThrow ?? (() => {}), (subscriber) => {
    const subscription = hub.subscribe((event) => subscriber.next(event), options.maxBuffered);
    return () => hub.unsubscribe(subscription);
  });
}
