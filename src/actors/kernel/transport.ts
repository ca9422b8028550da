/**
 * The seam between actor systems: a link moves envelopes to one other system, whatever carries them.
 *
 * Invariants of every link: first in, first out; `post` never blocks; what was posted before `close` still arrives;
 * typed arrays are moved, so that the sender's are empty afterwards.
 */
import type { Envelope, TerminationReason } from '../../protocol/index.js';

export interface LinkListener {
  /** A value from the other side, not validated yet. */
  received(value: unknown): void;
  /** The other side is gone; nothing comes after this. */
  closed(reason: TerminationReason): void;
}

export interface Link {
  /** Name of the system at the other end. */
  readonly peer: string;
  /** Starts delivery. Called once. */
  open(listener: LinkListener): void;
  /** Throws if the message cannot be moved, for example because an array was already given away. */
  post(envelope: Envelope): void;
  close(): void;
}
