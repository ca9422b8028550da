/**
 * What a run achieved: held-out results before and after.
 *
 * Invariants: every share comes with the count behind it; intervals are Wilson's, which stay inside [0, 1].
 */
import { wilsonInterval } from './intervals.js';

/** Counts and sums over the held-out problems of one domain. */
export interface DomainTally {
  readonly problems: number;
  /** Problems without a right answer, which a rubric scores. */
  readonly open: number;
  /** Among the others. */
  readonly correct: number;
  /** Completions in the required format. */
  readonly formatted: number;
  /** Sum of rubric scores of open problems. */
  readonly rubric: number;
  /** Sum of reasoning quality. */
  readonly quality: number;
}

/** Held-out results by domain. */
export type EvaluationTally = Readonly<Record<string, DomainTally>>;

/** All that the summary tells. `before` and `after` are absent when the run was interrupted before they were known. */
export interface RunResult {
  readonly updates: number;
  readonly seed: number;
  readonly wallSeconds: number;
  readonly before?: EvaluationTally;
  readonly after?: EvaluationTally;
  readonly tokensPerSecond: { readonly rollout: number; readonly learner: number };
  readonly lost: LostCounts;
  readonly runDirectory: string;
}

/** What a run lost on the way: events that no file holds, and messages that nobody handled. */
export interface LostCounts {
  readonly events: number;
  readonly deadLetters: number;
}

/** Means of one tally, in [0, 1]. */
export interface DomainScores {
  /** Over problems with a right answer; null where there is none. */
  readonly accuracy: number | null;
  /** 95 %. */
  readonly accuracyInterval: readonly [number, number];
  readonly formatCompliance: number;
  readonly reasoningQuality: number;
  /** Over open problems; null where there is none. */
  readonly rubric: number | null;
  readonly problems: number;
}

/** Means of all domains together, and of each. */
type HeldOutScores = DomainScores & { readonly byDomain: Readonly<Record<string, DomainScores>> };

/** What a run came to: summary.json, and the last line under --json. */
export interface RunSummary {
  readonly type: 'summary';
  readonly updates: number;
  readonly seed: number;
  readonly wallSeconds: number;
  readonly before: HeldOutScores | null;
  readonly after: HeldOutScores | null;
  readonly tokensPerSecond: { readonly rollout: number; readonly learner: number };
  readonly lost: LostCounts;
  readonly runDirectory: string;
}

/** All domains together. */
export function totalOf(tally: EvaluationTally): DomainTally {
  const total = { problems: 0, open: 0, correct: 0, formatted: 0, rubric: 0, quality: 0 };
  for (const domain of Object.values(tally)) {
    for (const key of Object.keys(total) as (keyof DomainTally)[]) total[key] += domain[key];
  }
  return total;
}

export function summaryOf(result: RunResult): RunSummary {
  return {
    type: 'summary',
    updates: result.updates,
    seed: result.seed,
    wallSeconds: result.wallSeconds,
    before: result.before ? withDomains(result.before) : null,
    after: result.after ? withDomains(result.after) : null,
    tokensPerSecond: result.tokensPerSecond,
    lost: result.lost,
    runDirectory: result.runDirectory,
  };
}

function scores({ problems, open, correct, formatted, rubric, quality }: DomainTally): DomainScores {
  return {
    accuracy: problems > open ? correct / (problems - open) : null,
    accuracyInterval: wilsonInterval(correct, problems - open),
    formatCompliance: share(formatted, problems),
    reasoningQuality: share(quality, problems),
    rubric: open > 0 ? rubric / open : null,
    problems,
  };
}

function withDomains(tally: EvaluationTally): HeldOutScores {
  const byDomain = Object.fromEntries(Object.entries(tally).map(([name, domain]) => [name, scores(domain)]));
  return { ...scores(totalOf(tally)), byDomain };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
