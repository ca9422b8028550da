/**
 * What a run achieved: held-out results before and after, as a table for people and one JSON line for programs.
 *
 * Invariants: every share comes with the count behind it; intervals are Wilson's, which stay inside [0, 1].
 */
import picocolors from 'picocolors';
import { sanitizeLine, sanitizeText } from '../observe/sanitize.js';

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
export interface RunOutcome {
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
interface Scores {
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

type DomainScores = Scores & { readonly byDomain: Readonly<Record<string, Scores>> };

/** The last line of a run under --json. */
export interface SummaryLine {
  readonly type: 'summary';
  readonly updates: number;
  readonly seed: number;
  readonly wallSeconds: number;
  readonly before: DomainScores | null;
  readonly after: DomainScores | null;
  readonly tokensPerSecond: { readonly rollout: number; readonly learner: number };
  readonly lost: LostCounts;
  readonly runDirectory: string;
}

/** Quantile of the normal distribution for a two-sided 95 % interval. */
const Z = 1.959963984540054;

/** Wilson's 95 % score interval of a share (E. B. Wilson, 1927); [0, 1] without observations. */
export function wilsonInterval(successes: number, trials: number): [number, number] {
  if (trials === 0) return [0, 1];
  const share = successes / trials;
  const scale = 1 / (1 + Z ** 2 / trials);
  const center = scale * (share + Z ** 2 / (2 * trials));
  const half = scale * Z * Math.sqrt((share * (1 - share)) / trials + Z ** 2 / (4 * trials ** 2));
  return [Math.max(0, center - half), Math.min(1, center + half)];
}

/** All domains together. */
export function totalOf(tally: EvaluationTally): DomainTally {
  const total = { problems: 0, open: 0, correct: 0, formatted: 0, rubric: 0, quality: 0 };
  for (const domain of Object.values(tally)) {
    for (const key of Object.keys(total) as (keyof DomainTally)[]) total[key] += domain[key];
  }
  return total;
}

export function summaryLine(outcome: RunOutcome): SummaryLine {
  return {
    type: 'summary',
    updates: outcome.updates,
    seed: outcome.seed,
    wallSeconds: outcome.wallSeconds,
    before: outcome.before ? withDomains(outcome.before) : null,
    after: outcome.after ? withDomains(outcome.after) : null,
    tokensPerSecond: outcome.tokensPerSecond,
    lost: outcome.lost,
    runDirectory: outcome.runDirectory,
  };
}

/** One line for people; null where nothing was lost. */
export function lostText({ events, deadLetters }: LostCounts): string | null {
  if (events + deadLetters === 0) return null;
  return `lost on the way: ${events} events, ${deadLetters} messages that nobody handled (dead.letter in events.jsonl)`;
}

/** The table that ends a run. */
export function renderSummary(outcome: RunOutcome, color: boolean): string {
  const { bold, dim } = picocolors.createColors(color);
  const { before, after } = outcome;
  if (!before)
    return `Interrupted before anything was learned.\nRun: ${sanitizeText(outcome.runDirectory)}\n`;
  const names = Object.keys(before);
  const rows: [name: string, before: DomainTally, after: DomainTally | undefined][] = names.map((name) => [
    sanitizeLine(name, 30),
    before[name]!,
    after?.[name],
  ]);
  if (names.length !== 1) rows.push(['all', totalOf(before), after ? totalOf(after) : undefined]);
  const table = [
    ['', 'problems', 'accuracy before', 'after', 'change', 'rubric', 'format, %', 'quality'],
    ...rows.map(([name, before, after]) => [
      name,
      String(before.problems),
      accuracyCell(before),
      after ? accuracyCell(after) : '-',
      after ? changeCell(before, after) : '-',
      pairCell(before, after, ({ rubric }) => rubric?.toFixed(2)),
      pairCell(before, after, ({ formatCompliance }) => (100 * formatCompliance).toFixed(1)),
      pairCell(before, after, ({ reasoningQuality }) => reasoningQuality.toFixed(2)),
    ]),
  ];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('   '),
  );
  const { rollout, learner } = outcome.tokensPerSecond;
  return [
    bold(`Held-out problems, greedy, before and after ${outcome.updates} updates (seed ${outcome.seed})`),
    dim(lines[0]!),
    ...lines.slice(1),
    dim(
      'Brackets: 95 % Wilson interval. Rubric: of open problems; rubric, format and quality: before > after.',
    ),
    `${outcome.wallSeconds.toFixed(0)} s; ${rollout.toFixed(0)} tokens/s sampled, ${learner.toFixed(0)} tokens/s learned from.`,
    `Run: ${sanitizeText(outcome.runDirectory)}`,
    '',
  ].join('\n');
}

function scores({ problems, open, correct, formatted, rubric, quality }: DomainTally): Scores {
  return {
    accuracy: problems > open ? correct / (problems - open) : null,
    accuracyInterval: wilsonInterval(correct, problems - open),
    formatCompliance: share(formatted, problems),
    reasoningQuality: share(quality, problems),
    rubric: open > 0 ? rubric / open : null,
    problems,
  };
}

function withDomains(tally: EvaluationTally): DomainScores {
  const byDomain = Object.fromEntries(Object.entries(tally).map(([name, domain]) => [name, scores(domain)]));
  return { ...scores(totalOf(tally)), byDomain };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function accuracyCell(tally: DomainTally): string {
  const { accuracy, accuracyInterval } = scores(tally);
  const [low, high] = accuracyInterval.map((bound) => (100 * bound).toFixed(0));
  return accuracy === null ? '-' : `${(100 * accuracy).toFixed(1)} % [${low}, ${high}]`;
}

/** Difference in percentage points. */
function changeCell(before: DomainTally, after: DomainTally): string {
  const [first, last] = [scores(before).accuracy, scores(after).accuracy];
  if (first === null || last === null) return '-';
  const points = 100 * (last - first);
  return `${points >= 0 ? '+' : ''}${points.toFixed(1)}`;
}

function pairCell(
  before: DomainTally,
  after: DomainTally | undefined,
  text: (scores: Scores) => string | undefined,
): string {
  const first = text(scores(before));
  const last = after && text(scores(after));
  return first === undefined ? '-' : `${first} > ${last ?? '-'}`;
}
