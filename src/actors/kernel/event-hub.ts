/**
 * Hands events to observers without ever waiting for one.
 *
 * Invariants:
 * - publishing never runs an observer and never throws;
 * - an observer that falls behind loses events, which are counted; one that throws goes on with the next event.
 */

import { yieldToIo } from '../../clock.js';
import type { Event } from '../../protocol/index.js';

/** Sees one event; a promise keeps the following ones waiting in the observer's buffer. */
export type Observer = (event: Event) => void | Promise<void>;

/** Events handed to one observer before others have their turn. */
const EVENTS_PER_TURN = 64;

class EventSubscription {
  readonly #observer: Observer;
  readonly #maxBuffered: number;
  #buffer: Event[] = [];
  #draining = false;
  #open = true;
  /** Events this observer lost because it was behind. */
  dropped = 0;
  /** Events this observer threw on. */
  failed = 0;

  constructor(observer: Observer, maxBuffered: number) {
    this.#observer = observer;
    this.#maxBuffered = maxBuffered;
  }

  get isIdle(): boolean {
    return !this.#draining;
  }

  offer(event: Event): void {
    if (!this.#open) return;
    if (this.#buffer.length >= this.#maxBuffered) {
      this.dropped++;
      return;
    }
    this.#buffer.push(event);
    if (this.#draining) return;
    this.#draining = true;
    void this.#drain();
  }

  close(): void {
    this.#open = false;
    this.#buffer = [];
  }

  async #drain(): Promise<void> {
    for (let seen = 0; this.#buffer.length > 0; seen++) {
      if (seen % EVENTS_PER_TURN === 0) await yieldToIo();
      const event = this.#buffer.shift();
      if (!event) break;
      try {
        await this.#observer(event);
      } catch {
        this.failed++;
      }
    }
    this.#draining = false;
  }
}

export class EventHub {
  readonly #subscriptions = new Set<EventSubscription>();
  #droppedByClosed = 0;

  /** Events lost by observers that were behind, over the hub's life. */
  get dropped(): number {
    let total = this.#droppedByClosed;
    for (const subscription of this.#subscriptions) total += subscription.dropped;
    return total;
  }

  publish(event: Event): void {
    for (const subscription of this.#subscriptions) subscription.offer(event);
  }

  /** Hands every later event to `observer`; `maxBuffered` bounds how far it may fall behind. */
  subscribe(observer: Observer, maxBuffered = 1000): EventSubscription {
    const subscription = new EventSubscription(observer, maxBuffered);
    this.#subscriptions.add(subscription);
    return subscription;
  }

  unsubscribe(subscription: EventSubscription): void {
    subscription.close();
    if (this.#subscriptions.has(subscription)) this.#droppedByClosed += subscription.dropped;
    this.#subscriptions.delete(subscription);
  }

  /** Waits, for a few turns of the event loop at most, until every observer has seen what was published. */
  async flush(): Promise<void> {
    for (let turn = 0; turn < 100; turn++) {
      if ([...this.#subscriptions].every((subscription) => subscription.isIdle)) return;
      await yieldToIo();
    }
  }
}
