/**
 * Links between two systems of one thread: deterministic, and with the same copying and moving as between threads.
 */
import { type Envelope, type TerminationReason, tightMessage, transferList } from '../../protocol/index.js';
import type { Link, LinkListener } from './transport.js';

/** One end of a link between two systems of one thread. */
export class MemoryLink implements Link {
  readonly peer: string;
  other: MemoryLink | undefined;
  #listener: LinkListener | undefined;
  /** What came before `open`. */
  #early: unknown[] = [];
  #closed = false;

  constructor(peer: string) {
    this.peer = peer;
  }

  open(listener: LinkListener): void {
    this.#listener = listener;
    for (const value of this.#early.splice(0)) listener.received(value);
  }

  post(envelope: Envelope): void {
    if (this.#closed) return;
    const message = tightMessage(envelope.message);
    const copy = structuredClone({ ...envelope, message }, { transfer: transferList(message) });
    queueMicrotask(() => this.other?.receive(copy));
  }

  close(): void {
    this.#end('normal');
  }

  /** Ends both sides as if this one had died. */
  kill(reason: TerminationReason): void {
    this.#end(reason);
  }

  receive(value: unknown): void {
    if (this.#closed) return;
    if (this.#listener) this.#listener.received(value);
    else this.#early.push(value);
  }

  peerClosed(reason: TerminationReason): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listener?.closed(reason);
  }

  #end(reason: TerminationReason): void {
    if (this.#closed) return;
    this.#closed = true;
    queueMicrotask(() => this.other?.peerClosed(reason));
  }
}

/** Two ends: the first for system `a` (its peer is `b`), the second for system `b`. */
export function memoryLinks(a: string, b: string): [MemoryLink, MemoryLink] {
  const [first, second] = [new MemoryLink(b), new MemoryLink(a)];
  first.other = second;
  second.other = first;
  return [first, second];
}
