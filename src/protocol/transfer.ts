/**
 * Moves typed arrays between threads without copying them.
 *
 * Invariants: only tight, unshared buffers are transferred, each once.
 */
import { copied, isTight, isWireArray, tight } from './arrays.js';
import type { Message } from './message.js';

/** Bytes that a message costs besides its arrays: a fixed estimate, enough for a byte budget. */
const OVERHEAD_BYTES = 256;

/** The message with every array tight: the message itself where all of them are. */
export function tightMessage<M extends Message>(message: M): M {
  let copy: Record<string, unknown> | undefined;
  for (const [key, value] of Object.entries(message)) {
    if (!isWireArray(value)) continue;
    const own = tight(value);
    if (own === value) continue;
    copy ??= { ...message };
    copy[key] = own;
  }
  return (copy as M | undefined) ?? message;
}

/** The message with arrays of its own, which may be given away while somebody else keeps the others. */
export function copiedMessage<M extends Message>(message: M): M {
  const entries = Object.entries(message);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, isWireArray(value) ? copied(value) : value]),
  ) as M;
}

/** Buffers to transfer with a message; an array that is not tight is left out (see `tightMessage`). */
export function transferList(message: Message): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const value of Object.values(message))
    if (isWireArray(value) && isTight(value)) buffers.add(value.buffer as ArrayBuffer);
  return [...buffers];
}

/** Approximate size of a message in bytes: its arrays exactly, its texts by length. */
export function messageBytes(message: Message): number {
  let bytes = OVERHEAD_BYTES;
  for (const value of Object.values(message)) {
    if (isWireArray(value)) bytes += value.byteLength;
    else if (typeof value === 'string') bytes += 2 * value.length;
    else if (Array.isArray(value)) for (const item of value) bytes += 2 * String(item).length;
  }
  return bytes;
}
