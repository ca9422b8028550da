/**
 * Time as a parameter, so that schedules are tested exactly and in no time.
 */

export interface Clock {
  /** Milliseconds since 1970 (or since a test's beginning). */
  now(): number;
  /** Calls `fire` once after `delayMs`; the result cancels it. */
  setTimer(delayMs: number, fire: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return () => clearTimeout(timer);
  },
};

/** What the work comes to, or a rejection with `lateError` once it has taken `timeoutMs`; the work itself goes on. */
export async function withDeadline<T>(
  work: Promise<T>,
  timeoutMs: number,
  lateError: () => Error,
  clock: Clock = systemClock,
): Promise<T> {
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.setTimer(timeoutMs, () => reject(lateError()));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}

/** Lets timers and ports of the thread have their turn. */
export function yieldToIo(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A clock that moves only when told to. Timers fire in due order, those due together in the order they were set. */
export class ManualClock implements Clock {
  #nowMs = 0;
  #timers: { dueMs: number; fire: () => void }[] = [];

  now(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, fire: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, fire };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Timers that have not fired yet. */
  get timerCount(): number {
    return this.#timers.length;
  }

  /** Moves time forward, firing what falls due on the way, timers set meanwhile included. */
  advance(byMs: number): void {
    const targetMs = this.#nowMs + byMs;
    for (;;) {
      const due = this.#timers.filter((timer) => timer.dueMs <= targetMs);
      if (due.length === 0) break;
      const next = due.reduce((first, timer) => (timer.dueMs < first.dueMs ? timer : first));
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.fire();
    }
    this.#nowMs = targetMs;
  }
}
