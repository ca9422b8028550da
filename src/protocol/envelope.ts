/**
 * What a transport carries: a message, who sends it to whom, and its place in the sender's order.
 *
 * Invariants: (from, epoch, seq) never repeats within a run; another protocol version is refused before its
 * message is looked at.
 */
import { z } from 'zod';
import { DialecticError } from '../errors.js';
import { actorPath, count, id } from './fields.js';
import { message } from './message.js';
import { PROTOCOL_VERSION } from './version.js';

export const envelope = z.strictObject({
  v: z.literal(PROTOCOL_VERSION),
  from: actorPath,
  to: actorPath,
  /** Incarnation of the sender. */
  epoch: count,
  /** The sender's message counter within its epoch. */
  seq: count,
  /** The edge whose credit this message spent, if any. */
  edge: id.optional(),
  message,
});
export type Envelope = z.infer<typeof envelope>;

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

/**
 * The envelope in a value received from another thread.
 * Throws DialecticError PROTOCOL on another version, an unknown kind or a field of the wrong type or shape.
 */
export function parseEnvelope(value: unknown): Envelope {
  const from = String(fieldOf(value, 'from'));
  const version = fieldOf(value, 'v');
  if (version !== PROTOCOL_VERSION)
    throw new DialecticError(
      'PROTOCOL',
      `an envelope from "${from}" has protocol version ${String(version)}; this process speaks ` +
        `${PROTOCOL_VERSION}. Run the same build on both sides.`,
    );
  const result = envelope.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const kind = String(fieldOf(fieldOf(value, 'message'), 'kind'));
  throw new DialecticError(
    'PROTOCOL',
    `a "${kind}" message from "${from}" is malformed at ${issue?.path.join('.') || 'the top level'}: ` +
      `${issue?.message ?? 'unknown problem'}. See docs/protocol.md for its fields.`,
  );
}
