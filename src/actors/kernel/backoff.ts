/**
 * The delay before a restart: exponential with a cap and jitter, forgotten after a quiet time. Pure.
 */

export interface Backoff {
  /** Delay before the first restart. */
  readonly minMs: number;
  /** Largest delay before jitter. */
  readonly maxMs: number;
  /** Largest share of a delay that is added at random, so that actors that died together do not return together. */
  readonly jitter: number;
  /** Quiet time after which the next delay is minMs again. */
  readonly resetAfterMs: number;
}

export const DEFAULT_BACKOFF: Backoff = { minMs: 100, maxMs: 10_000, jitter: 0.2, resetAfterMs: 30_000 };

/**
 * min(maxMs, minMs · 2^attempt) · (1 + jitter · uniform), in milliseconds.
 * `attempt` counts from 0; `uniform` is a draw from [0, 1).
 */
export function backoffDelay(backoff: Backoff, attempt: number, uniform: number): number {
  return Math.min(backoff.maxMs, backoff.minMs * 2 ** attempt) * (1 + backoff.jitter * uniform);
}

/** The attempt that follows `attempt` when the actor ran `quietMs` since its last restart before failing again. */
export function nextAttempt(backoff: Backoff, attempt: number, quietMs: number): number {
  return quietMs >= backoff.resetAfterMs ? 0 : attempt + 1;
}
