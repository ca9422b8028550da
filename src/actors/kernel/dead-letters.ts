/**
 * The account of messages that were not handled, so that nothing is lost silently.
 *
 * Invariants: every letter is counted under its reason; listeners see each one at once, unlike observers of events.
 */
import { isControl, type Message } from '../../protocol/index.js';

/** A message that was not handled. `message` is absent where it could not be read. */
interface DeadLetter {
  readonly from: string;
  readonly to: string;
  readonly kind: string;
  /**
   * no_actor, no_link, not_sendable, misrouted, bad_message, mailbox_full, edge_full, edge_closed, handler_failed,
   * actor_stopped, or late_control.
   */
  readonly reason: string;
  readonly message?: Message;
}

export class DeadLetters {
  readonly #announce: (letter: DeadLetter) => void;
  readonly #listeners: ((letter: DeadLetter) => void)[] = [];
  readonly #counts = new Map<string, number>();
  #lostEvents = 0;
  #lostMessages = 0;

  /** `announce` publishes a letter as an event. */
  constructor(announce: (letter: DeadLetter) => void) {
    this.#announce = announce;
  }

  /** Letters by reason. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** Letters that were events on their way to the main thread. */
  get lostEvents(): number {
    return this.#lostEvents;
  }

  /** All other letters, except control messages that came too late. */
  get lostMessages(): number {
    return this.#lostMessages;
  }

  /** Sees every later letter, except control messages that came too late. */
  listen(listener: (letter: DeadLetter) => void): void {
    this.#listeners.push(listener);
  }

  add(letter: DeadLetter): void {
    // A notice or a stop for an actor that is gone is the ordinary end of things: counted, and no more.
    const reason = isControl(letter) ? 'late_control' : letter.reason;
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
    if (reason === 'late_control') return;
    if (letter.kind === 'event.observed') this.#lostEvents++;
    else this.#lostMessages++;
    for (const listener of this.#listeners) listener(letter);
    // An event about a lost event would be lost in the same way, for ever.
    if (letter.kind !== 'event.observed') this.#announce(letter);
  }
}
