/**
 * The bounded queue in front of an actor: bounded in messages and in bytes, because V8's heap limits do not see
 * ArrayBuffers.
 *
 * Invariants:
 * - control messages are taken before data; each lane is first in, first out;
 * - neither lane ever holds more than its limits;
 * - a message that was accepted and is then lost is handed to `onLost` exactly once.
 */
import { type Envelope, isControl, messageBytes } from '../../protocol/index.js';

/**
 * What happens to data when the mailbox is full:
 * - refuse: the sender is told so, the message is not taken;
 * - dropOldest: the oldest waiting messages make room;
 * - dropNewest: the arriving message is taken and lost;
 * - fail: the actor is ended, since losing its messages would be worse.
 */
export type OverflowPolicy = 'refuse' | 'dropOldest' | 'dropNewest' | 'fail';

export interface MailboxLimits {
  /** Most data messages waiting. */
  readonly maxCount: number;
  /** Most bytes of data waiting. */
  readonly maxBytes: number;
  readonly overflow: OverflowPolicy;
}

export const DEFAULT_MAILBOX: MailboxLimits = { maxCount: 1024, maxBytes: 64 << 20, overflow: 'refuse' };

/** Control messages are small and few; more than this is a fault, and refused. */
const MAX_CONTROL_COUNT = 4096;

/** `overflowed` asks the owner to end the actor. */
type OfferResult = 'accepted' | 'refused' | 'overflowed';

export class Mailbox {
  readonly #limits: MailboxLimits;
  readonly #onLost: (envelope: Envelope) => void;
  readonly #control: Envelope[] = [];
  readonly #data: { readonly envelope: Envelope; readonly bytes: number }[] = [];
  #bytes = 0;

  constructor(limits: MailboxLimits, onLost: (envelope: Envelope) => void) {
    this.#limits = limits;
    this.#onLost = onLost;
  }

  /** Data messages waiting. */
  get count(): number {
    return this.#data.length;
  }

  /** Bytes of data waiting. */
  get bytes(): number {
    return this.#bytes;
  }

  offer(envelope: Envelope): OfferResult {
    if (isControl(envelope.message)) {
      if (this.#control.length >= MAX_CONTROL_COUNT) return 'refused';
      this.#control.push(envelope);
      return 'accepted';
    }
    const bytes = messageBytes(envelope.message);
    const { overflow, maxBytes } = this.#limits;
    if (!this.#hasRoom(bytes)) {
      if (overflow === 'fail') return 'overflowed';
      // A message that no empty mailbox could hold is refused whatever the policy: dropping others would not help.
      if (overflow === 'refuse' || bytes > maxBytes) return 'refused';
      if (overflow === 'dropNewest') {
        this.#onLost(envelope);
        return 'accepted';
      }
      while (!this.#hasRoom(bytes)) this.#onLost(this.#takeData()!);
    }
    this.#data.push({ envelope, bytes });
    this.#bytes += bytes;
    return 'accepted';
  }

  /** The next message: control before data. */
  take(): Envelope | undefined {
    return this.#control.shift() ?? this.#takeData();
  }

  #hasRoom(bytes: number): boolean {
    return this.#data.length < this.#limits.maxCount && this.#bytes + bytes <= this.#limits.maxBytes;
  }

  #takeData(): Envelope | undefined {
    const item = this.#data.shift();
    if (item) this.#bytes -= item.bytes;
    return item?.envelope;
  }
}
