/**
 * The credit window of an edge: a sender spends credit, the receiver replenishes it when half is used, so that a
 * slow receiver slows its senders down instead of filling their memory (a MessagePort has no bound of its own).
 *
 *     sender                                                     receiver
 *     granted 16 ──┐                                             window 16
 *     sent    11   │   ── message 11 ─▶  ── message 10 ─▶        consumed 8
 *                  │                                               │ 8 = half the window
 *     granted 24 ◀─┘   ◀──────────── credit.grant 24 ──────────────┘ 24 = consumed 8 + window 16
 *
 *     sent ≤ granted = consumed + lost + window   ⇒   on their way: sent − consumed − lost ≤ window
 *
 * Invariants:
 * - totals only grow and grants carry totals, so that a lost or repeated grant does no harm;
 * - the link is first in, first out: what was sent before a `credit.request` and has not arrived with it is lost,
 *   and its credit is granted again.
 */

/** The sender's half. */
export class CreditSpender {
  #sent = 0;
  #granted = 0;

  /** Messages sent since the edge opened. */
  get sent(): number {
    return this.#sent;
  }

  get available(): number {
    return this.#granted - this.#sent;
  }

  /** Spends one credit; false when there is none. */
  spend(): boolean {
    if (this.available <= 0) return false;
    this.#sent++;
    return true;
  }

  /** `total` since the edge opened. */
  grant(total: number): void {
    this.#granted = Math.max(this.#granted, total);
  }
}

/** The receiver's half. */
export class CreditGranter {
  readonly #window: number;
  #arrived = 0;
  #consumed = 0;
  #lost = 0;
  #granted = 0;

  constructor(window: number) {
    this.#window = window;
  }

  /** Messages arrived and not consumed yet. */
  get waiting(): number {
    return this.#arrived - this.#consumed;
  }

  /** Messages that were sent and never arrived. */
  get lost(): number {
    return this.#lost;
  }

  arrive(): void {
    this.#arrived++;
  }

  /** One message is done with. The new total to grant, or undefined while less than half the window is used. */
  consume(): number | undefined {
    this.#consumed++;
    const total = this.#consumed + this.#lost + this.#window;
    return total - this.#granted >= this.#window / 2 ? this.#grant(total) : undefined;
  }

  /** The total to grant to a sender that asks after having sent `sent` messages. */
  reconcile(sent: number): number {
    this.#lost = Math.max(this.#lost, sent - this.#arrived);
    return this.#grant(this.#consumed + this.#lost + this.#window);
  }

  #grant(total: number): number {
    this.#granted = total;
    return total;
  }
}
