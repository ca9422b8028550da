/**
 * The receiving half of every edge that ends in this thread: it answers requests for credit and replenishes it as
 * messages are consumed.
 */
import type { CreditRequest, Envelope, Message } from '../../protocol/index.js';
import { CreditGranter } from './credit.js';
import { threadOf } from './ref.js';

export class Grants {
  readonly #post: (from: string, to: string, message: Message) => void;
  /** Per edge: its credit, the sending actor and the receiving actor. */
  readonly #edges = new Map<string, { granter: CreditGranter; from: string; to: string }>();

  constructor(post: (from: string, to: string, message: Message) => void) {
    this.#post = post;
  }

  /** Opens the edge, or grants again what got lost; true if messages were lost since the last time. */
  requested(envelope: Envelope, request: CreditRequest): boolean {
    let edge = this.#edges.get(request.edge);
    if (!edge) {
      edge = { granter: new CreditGranter(request.window), from: envelope.from, to: envelope.to };
      this.#edges.set(request.edge, edge);
    }
    const lostBefore = edge.granter.lost;
    this.#grant(request.edge, edge.granter.reconcile(request.sent));
    return edge.granter.lost > lostBefore;
  }

  arrived(envelope: Envelope): void {
    if (envelope.edge !== undefined) this.#edges.get(envelope.edge)?.granter.arrive();
  }

  consumed(envelope: Envelope): void {
    if (envelope.edge !== undefined) this.#consume(envelope.edge);
  }

  /** A message that could not be read arrived and is done with. */
  arrivedBad(edge: unknown): void {
    if (typeof edge !== 'string') return;
    this.#edges.get(edge)?.granter.arrive();
    this.#consume(edge);
  }

  /** Forgets the edges of a thread that is gone. */
  disconnected(thread: string): void {
    for (const [id, edge] of this.#edges) if (threadOf(edge.from) === thread) this.#edges.delete(id);
  }

  #consume(id: string): void {
    const total = this.#edges.get(id)?.granter.consume();
    if (total !== undefined) this.#grant(id, total);
  }

  #grant(id: string, amount: number): void {
    const edge = this.#edges.get(id);
    if (edge) this.#post(edge.to, edge.from, { kind: 'credit.grant', edge: id, amount });
  }
}
