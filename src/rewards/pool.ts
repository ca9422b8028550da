/**
 * Scoring threads: a batch of completions goes in, its rewards come out, or "not scored" in bounded time.
 *
 * Invariants:
 * - `score` never rejects and never waits longer than its turn plus the deadline: a reward that hangs, crashes its
 *   thread or runs out of memory gives a batch of NaN and a count;
 * - a deadline begins when the batch gets its thread, so that one hanging batch does not spend the others' time;
 * - no more batches wait than `maxWaiting`; one more is refused (NaN, counted), never queued without bound.
 */
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { DialecticError } from '../errors.js';
import type { Rewards, ScoringItem } from '../protocol/index.js';
import type { ScoringTask } from './pool-worker.js';
import { REWARDS, unscored } from './rewards.js';
import { EXPECTED_MODULE, type UserReward } from './user-rewards.js';

/** Batches by how they ended. */
interface ScorerCounts {
  scored: number;
  /** Took longer than the deadline; its thread was ended. */
  deadline: number;
  /** Its thread died, or it returned something that is not the rewards of this batch. */
  crashed: number;
  /** Came when the queue was full or the pool was closed. */
  refused: number;
  /** Errors of threads that were scoring nothing at the time; no batch is lost by them. */
  strayErrors: number;
}

interface ScorerPool {
  /** Resolves when a thread can score, so that the first batches do not spend their deadline on its start. Never rejects. */
  ready(): Promise<void>;
  score(batch: readonly ScoringItem[]): Promise<Rewards>;
  /** A copy of the counts so far. */
  counts(): ScorerCounts;
  /** Ends the threads; batches under way or waiting come back not scored. */
  close(): Promise<void>;
}

interface ScorerPoolOptions {
  /** Threads, at least 1; each scores one batch at a time. */
  readonly threads: number;
  /** Milliseconds that one batch may take in its thread, its start included. */
  readonly deadlineMs: number;
  /** Batches that may wait for a thread. */
  readonly maxWaiting?: number;
  /** Names of built-in rewards (default: those of every run). */
  readonly builtIn?: readonly string[];
  /** Rewards from files, behind the built-in ones. */
  readonly user?: readonly UserReward[];
  /** Module with a `scoreTask` function (default: the rewards of this project). */
  readonly workerUrl?: URL;
}

const MAX_HEAP_MEGABYTES = 256;
/** A pool that takes longer to start is used as it is: its batches are then counted as late. */
const START_TIMEOUT_MS = 30_000;
const WORKER = new URL('./pool-worker.js', import.meta.url);
/** What importing one user's module may take, its thread's start included. */
const IMPORT_DEADLINE_MS = 10_000;

/** Whether a thread's reply has the shape of rewards for G completions. */
function isRewardsOf(reply: unknown, count: number, rewardCount: number): reply is Rewards {
  if (typeof reply !== 'object' || reply === null) return false;
  const { names, values, scored } = reply as Partial<Rewards>;
  return (
    Array.isArray(names) &&
    names.length === rewardCount &&
    values instanceof Float32Array &&
    scored instanceof Uint8Array &&
    scored.length === count &&
    values.length === names.length * count
  );
}

/** Threads that run one exported function of a module, each with a bounded heap; a task that is aborted ends its thread, and another starts. */
export function startThreads(options: {
  readonly module: URL;
  /** Name of the function. */
  readonly task: string;
  readonly threads: number;
  /** The environment that they see (default: that of the process). */
  readonly env?: NodeJS.ProcessEnv;
}): Piscina {
  const { module, task, threads, env } = options;
  return new Piscina({
    filename: module.href,
    name: task,
    minThreads: threads,
    maxThreads: threads,
    maxQueue: threads,
    // A thread that sleeps in Atomics.wait between tasks cannot be reached by anything else.
    atomics: 'disabled',
    execArgv: [],
    ...(env === undefined ? {} : { env }),
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MEGABYTES },
  });
}

/** Starts the scoring threads. */
export function createScorerPool(options: ScorerPoolOptions): ScorerPool {
  const { threads, deadlineMs, maxWaiting = 1024 } = options;
  if (!Number.isInteger(threads) || threads < 1) {
    throw new DialecticError('CONFIG', `A scorer pool needs at least one thread, got ${threads}.`);
  }
  const { builtIn = REWARDS.map((reward) => reward.name), user = [] } = options;
  const names = [...builtIn, ...user.map((reward) => reward.name)];
  const task = (batch: readonly ScoringItem[]): ScoringTask => ({ batch, builtIn, user });
  const piscina = startThreads({ module: options.workerUrl ?? WORKER, task: 'scoreTask', threads });
  const counts: ScorerCounts = { scored: 0, deadline: 0, crashed: 0, refused: 0, strayErrors: 0 };
  piscina.on('error', () => {
    counts.strayErrors++;
  });
  const waiting: (() => void)[] = [];
  let freeThreads = threads;
  let isClosed = false;

  /** Resolves when the caller owns a thread. */
  async function acquireThread(): Promise<void> {
    if (freeThreads > 0) freeThreads--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function releaseThread(): void {
    const next = waiting.shift();
    if (next) next();
    else freeThreads++;
  }

  function fail(reason: 'deadline' | 'crashed' | 'refused', batch: readonly ScoringItem[]): Rewards {
    counts[reason]++;
    return unscored(names, batch.length);
  }

  async function score(batch: readonly ScoringItem[]): Promise<Rewards> {
    if (isClosed || (freeThreads === 0 && waiting.length >= maxWaiting)) return fail('refused', batch);
    await acquireThread();
    try {
      if (isClosed) return fail('refused', batch);
      const signal = AbortSignal.timeout(deadlineMs);
      try {
        const reply: unknown = await piscina.run(task(batch), { signal });
        if (!isRewardsOf(reply, batch.length, names.length)) return fail('crashed', batch);
        counts.scored++;
        return reply;
      } catch {
        if (isClosed) return fail('refused', batch);
        return fail(signal.aborted ? 'deadline' : 'crashed', batch);
      }
    } finally {
      releaseThread();
    }
  }

  /** Threads start when the pool is made; each takes one of these empty batches when it is ready. */
  async function ready(): Promise<void> {
    const signal = AbortSignal.timeout(START_TIMEOUT_MS);
    await Promise.allSettled(Array.from({ length: threads }, () => piscina.run(task([]), { signal })));
  }

  return {
    ready,
    score,
    counts: () => ({ ...counts }),
    async close() {
      isClosed = true;
      await piscina.destroy();
    },
  };
}

/**
 * Imports users' modules in a thread of their own and gives their names, weights and kinds. Errors: CONFIG naming the module that
 * cannot be imported in time, lacks something, or has the name of another one.
 */
export async function describeUserRewards(urls: readonly string[]): Promise<UserReward[]> {
  if (urls.length === 0) return [];
  const piscina = startThreads({ module: WORKER, task: 'describeTask', threads: 1 });
  piscina.on('error', () => {}); // a module's stray error; its import tells
  try {
    const found: UserReward[] = [];
    for (const url of urls) {
      const signal = AbortSignal.timeout(IMPORT_DEADLINE_MS);
      const reward = await piscina.run(url, { signal }).catch((cause: Error) => {
        const reason = signal.aborted ? `it took longer than ${IMPORT_DEADLINE_MS / 1000} s` : cause.message;
        throw refusal(url, reason, cause);
      });
      if (found.some(({ name }) => name === reward.name)) {
        throw refusal(url, `its name "${reward.name}" is that of another file`);
      }
      found.push(reward);
    }
    return found;
  } finally {
    await piscina.destroy();
  }
}

function refusal(url: string, reason: string, cause?: Error): DialecticError {
  return new DialecticError(
    'CONFIG',
    `rewards.files: ${fileURLToPath(url)} cannot be used: ${reason}; ${EXPECTED_MODULE} (docs/rewards.md)`,
    { cause },
  );
}
