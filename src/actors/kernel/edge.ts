/**
 * A data edge: messages from one actor to another that wait at the sender until the receiver grants credit.
 *
 * Invariants:
 * - what was sent and not yet consumed never exceeds the window (credit.ts);
 * - at most `maxQueued` messages wait for credit; one more is refused, which the sender sees and the system counts;
 * - messages still waiting when the receiver's thread is gone become dead letters.
 */

import type { Clock } from '../../clock.js';
import type { Message } from '../../protocol/index.js';
import { CreditSpender } from './credit.js';

export interface EdgeOptions {
  /** Actor path that appears as the sender. */
  readonly from: string;
  /** Actor path of the receiver. */
  readonly to: string;
  /** Most messages on their way or waiting in the receiver's mailbox. */
  readonly window?: number;
  /** Most messages waiting here for credit. */
  readonly maxQueued?: number;
  /** How long to wait for credit before asking for it again. */
  readonly retryMs?: number;
}

/** What an edge needs from its system. */
export interface EdgeHost {
  readonly clock: Clock;
  /** Sends as `from`; `edge` marks a message that spent credit. */
  post(from: string, to: string, message: Message, edge?: string): boolean;
  /** Counts a message that will not be sent. */
  discard(from: string, to: string, message: Message, reason: 'edge_full' | 'edge_closed'): void;
}

const DEFAULT_WINDOW = 16;

export class CreditedEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly #host: EdgeHost;
  readonly #window: number;
  readonly #maxQueued: number;
  readonly #retryMs: number;
  readonly #credit = new CreditSpender();
  readonly #queue: Message[] = [];
  readonly #onClosed: () => void;
  #waiters: ((open: boolean) => void)[] = [];
  #cancelRetry: (() => void) | undefined;
  #open = true;

  /** Made by `ActorSystem.openEdge`. */
  constructor(host: EdgeHost, id: string, options: EdgeOptions, onClosed: () => void) {
    this.#host = host;
    this.id = id;
    this.from = options.from;
    this.to = options.to;
    this.#window = options.window ?? DEFAULT_WINDOW;
    this.#maxQueued = options.maxQueued ?? 1024;
    this.#retryMs = options.retryMs ?? 1000;
    this.#onClosed = onClosed;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Messages waiting here for credit. */
  get queued(): number {
    return this.#queue.length;
  }

  /** Messages sent since the edge opened. */
  get sent(): number {
    return this.#credit.sent;
  }

  /** Sends now, or as soon as there is credit. False if the message was refused: too many wait, or the edge is closed. */
  send(message: Message): boolean {
    if (!this.#open || this.#queue.length >= this.#maxQueued) {
      this.#host.discard(this.from, this.to, message, this.#open ? 'edge_full' : 'edge_closed');
      return false;
    }
    this.#queue.push(message);
    this.#flush();
    return true;
  }

  /** Waits until the next message would leave at once: true, or false when the edge has closed. Never rejects. */
  ready(): Promise<boolean> {
    if (!this.#open) return Promise.resolve(false);
    if (this.#queue.length === 0 && this.#credit.available > 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
      this.#armRetry();
    });
  }

  /** Called by the system when a `credit.grant` arrives. */
  granted(total: number): void {
    this.#credit.grant(total);
    this.#flush();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#disarmRetry();
    for (const message of this.#queue.splice(0))
      this.#host.discard(this.from, this.to, message, 'edge_closed');
    for (const resolve of this.#waiters.splice(0)) resolve(false);
    this.#onClosed();
  }

  #flush(): void {
    while (this.#queue.length > 0 && this.#credit.spend())
      this.#host.post(this.from, this.to, this.#queue.shift()!, this.id);
    if (this.#queue.length > 0) {
      this.#armRetry();
      return;
    }
    if (this.#credit.available <= 0) return;
    this.#disarmRetry();
    for (const resolve of this.#waiters.splice(0)) resolve(true);
  }

  /** Asks the receiver for credit: first of all to open the edge, then whenever none came for a while. */
  requestCredit(): void {
    this.#host.post(this.from, this.to, {
      kind: 'credit.request',
      edge: this.id,
      window: this.#window,
      sent: this.#credit.sent,
    });
  }

  #armRetry(): void {
    this.#cancelRetry ??= this.#host.clock.setTimer(this.#retryMs, () => {
      this.#cancelRetry = undefined;
      this.requestCredit();
      this.#armRetry();
    });
  }

  #disarmRetry(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }
}
