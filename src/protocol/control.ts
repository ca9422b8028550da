/**
 * Messages of the kernel itself: credit, watching and stopping. They overtake data in every mailbox.
 */
import { z } from 'zod';
import { actorPath, count, id, terminationReason } from './fields.js';

/** Permission to send on an edge. Receiving thread -> sending thread. */
export const creditGrant = z.strictObject({
  kind: z.literal('credit.grant'),
  edge: id,
  /** Total granted since the edge opened, so that a lost grant is made good by the next one. */
  amount: count,
});
export type CreditGrant = z.infer<typeof creditGrant>;

/** Opens an edge (`sent` 0), or asks again because no credit came. Sending thread -> receiving thread. */
export const creditRequest = z.strictObject({
  kind: z.literal('credit.request'),
  edge: id,
  /** Most messages that may be on their way at once. */
  window: z.int().min(1),
  /** Messages sent on the edge before this one: what has not arrived by now is lost. */
  sent: count,
});
export type CreditRequest = z.infer<typeof creditRequest>;

/** Tell `watcher` when the addressed actor terminates, at once if it already has. */
export const actorWatch = z.strictObject({ kind: z.literal('actor.watch'), watcher: actorPath });
export type ActorWatch = z.infer<typeof actorWatch>;

/** Stop after the message in hand. Anyone -> actor. */
export const actorStop = z.strictObject({ kind: z.literal('actor.stop') });
export type ActorStop = z.infer<typeof actorStop>;

/** The actor at `path` is gone. Kernel -> its watchers. */
export const actorTerminated = z.strictObject({
  kind: z.literal('actor.terminated'),
  path: actorPath,
  reason: terminationReason,
  error: z.string().optional(),
});
export type ActorTerminated = z.infer<typeof actorTerminated>;

const CONTROL_KINDS: ReadonlySet<string> = new Set([
  'credit.grant',
  'credit.request',
  'actor.watch',
  'actor.stop',
  'actor.terminated',
]);

/** True for messages that overtake data. */
export function isControl(message: { readonly kind: string }): boolean {
  return CONTROL_KINDS.has(message.kind);
}
