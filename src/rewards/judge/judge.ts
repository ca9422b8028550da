/**
 * The judge: a reward that asks a language model about open answers. Off unless a configuration names an endpoint.
 *
 * Invariants:
 * - `score` never rejects; each answer costs at most its turn plus the deadline, even if `complete` ignores its signal;
 * - a verdict that fails, comes late or is not the JSON asked for is NaN, "not scored", never 0, and is counted;
 * - no more than `maxConcurrent` answers are with the judge at a time;
 * - problems with one right answer are not asked about: all completions of their group get 0, which changes no advantage. So does an open
 *   completion without an answer, in which no line of a rubric can be met.
 */

import type { ScoringItem } from '../../protocol/index.js';
import { isOpen } from '../open/open-answer.js';
import { parseCompletion } from '../parse.js';
import { judgePrompt, readVerdict, rubricOf } from './rubric.js';

export const JUDGE_NAME = 'judge';

/** Verdicts by how they ended. */
interface JudgeCounts {
  scored: number;
  /** No reply before the deadline, or the judge was closed. */
  late: number;
  /** The endpoint said no. */
  failed: number;
  /** A reply that is not the JSON asked for. */
  unreadable: number;
}

export interface JudgeOptions {
  /** The reply of a language model to a prompt; rejects when there is none, and should stop when the signal aborts. */
  readonly complete: (prompt: string, signal: AbortSignal) => Promise<string>;
  /** Milliseconds for one verdict, from when it is its turn. */
  readonly deadlineMs: number;
  readonly maxConcurrent: number;
  /** Called with the first verdict of each kind that fails. */
  readonly onTrouble?: (detail: string) => void;
}

export interface Judge {
  /** One number in [0, 1] or NaN for each item, in order. Never rejects. */
  score(batch: readonly ScoringItem[]): Promise<number[]>;
  /** A copy of the counts so far. */
  counts(): JudgeCounts;
  /** Ends what is under way; everything after comes back as NaN. */
  close(): void;
}

export function createJudge({ complete, deadlineMs, maxConcurrent, onTrouble }: JudgeOptions): Judge {
  const counts: JudgeCounts = { scored: 0, late: 0, failed: 0, unreadable: 0 };
  const underWay = new Set<AbortController>();
  let isClosed = false;
  const waiting: (() => void)[] = [];
  let free = maxConcurrent;

  function lose(kind: 'late' | 'failed' | 'unreadable', detail: string): number {
    counts[kind]++;
    if (counts[kind] === 1 && !isClosed) onTrouble?.(`judge: ${detail}`);
    return Number.NaN;
  }

  async function verdict(item: ScoringItem, answer: string): Promise<number> {
    const rubric = rubricOf(item);
    const controller = new AbortController();
    const { signal } = controller;
    const timer = setTimeout(() => controller.abort(), deadlineMs);
    underWay.add(controller);
    try {
      const reply = await orAbort(complete(judgePrompt(item.question ?? '', answer, rubric), signal), signal);
      const score = readVerdict(reply, rubric);
      if (score === null) return lose('unreadable', 'a reply is not the JSON asked for');
      counts.scored++;
      return score;
    } catch (error) {
      if (signal.aborted) return lose('late', `no verdict within ${deadlineMs} ms`);
      return lose('failed', error instanceof Error ? error.message : 'the endpoint failed');
    } finally {
      clearTimeout(timer);
      underWay.delete(controller);
    }
  }

  async function inTurn(item: ScoringItem): Promise<number> {
    const { answer } = parseCompletion(item.completion);
    if (!isOpen(item) || answer === null || answer.trim() === '') return 0;
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      if (isClosed) return lose('late', 'closed');
      return await verdict(item, answer);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  }

  return {
    score: (batch) => Promise.all(batch.map(inTurn)),
    counts: () => ({ ...counts }),
    close() {
      isClosed = true;
      for (const controller of underWay) controller.abort();
    },
  };
}

/** What a promise gives, or a rejection as soon as the signal aborts. */
function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
