/**
 * Decides what follows a failure: a restart after a delay, or giving up when failures come too often.
 *
 * Strategy: one_for_one with OTP's restart intensity; the restarted actor keeps its mailbox.
 */
import { type Backoff, backoffDelay, DEFAULT_BACKOFF, nextAttempt } from './backoff.js';

export interface Supervision {
  readonly backoff: Backoff;
  /** Most restarts within `periodMs`; one failure more and the actor is given up. 0 never restarts. */
  readonly intensity: number;
  readonly periodMs: number;
}

export const DEFAULT_SUPERVISION: Supervision = { backoff: DEFAULT_BACKOFF, intensity: 5, periodMs: 30_000 };

export class Supervisor {
  readonly #supervision: Supervision;
  readonly #uniform: () => number;
  #failureTimes: number[] = [];
  #attempt = -1;
  #runningSinceMs = 0;

  /** `uniform` draws the jitter from [0, 1). */
  constructor(supervision: Supervision, uniform: () => number) {
    this.#supervision = supervision;
    this.#uniform = uniform;
  }

  /** Delay before the restart in milliseconds, or 'escalate' when the intensity is exceeded. */
  failed(nowMs: number): number | 'escalate' {
    const { backoff, intensity, periodMs } = this.#supervision;
    this.#failureTimes = this.#failureTimes.filter((time) => nowMs - time < periodMs);
    this.#failureTimes.push(nowMs);
    if (this.#failureTimes.length > intensity) return 'escalate';
    this.#attempt = nextAttempt(backoff, this.#attempt, nowMs - this.#runningSinceMs);
    return backoffDelay(backoff, this.#attempt, this.#uniform());
  }

  restarted(nowMs: number): void {
    this.#runningSinceMs = nowMs;
  }
}
