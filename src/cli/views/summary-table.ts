/** What a run achieved, for people: held-out results before and after, and what was lost on the way. */
import picocolors from 'picocolors';
import type { DomainScores, LostCounts, RunSummary } from '../../evaluation/summary.js';
import { sanitizeLine, sanitizeText } from '../../observe/sanitize.js';
import { aligned } from './table.js';

/** One line for people; null where nothing was lost. */
export function lostText({ events, deadLetters }: LostCounts): string | null {
  if (events + deadLetters === 0) return null;
  return `lost on the way: ${events} events, ${deadLetters} messages that nobody handled (dead.letter in events.jsonl)`;
}

/** The table that ends a run. */
export function renderSummary(summary: RunSummary, color: boolean): string {
  const { bold, dim } = picocolors.createColors(color);
  const { before, after } = summary;
  if (!before)
    return `Interrupted before anything was learned.\nRun: ${sanitizeText(summary.runDirectory)}\n`;
  const names = Object.keys(before.byDomain);
  const rows: [name: string, before: DomainScores, after: DomainScores | undefined][] = names.map((name) => [
    sanitizeLine(name, 30),
    before.byDomain[name]!,
    after?.byDomain[name],
  ]);
  if (names.length !== 1) rows.push(['all', before, after ?? undefined]);
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
  const lines = aligned(table);
  const { rollout, learner } = summary.tokensPerSecond;
  return [
    bold(`Held-out problems, greedy, before and after ${summary.updates} updates (seed ${summary.seed})`),
    dim(lines[0]!),
    ...lines.slice(1),
    dim(
      'Brackets: 95 % Wilson interval. Rubric: of open problems; rubric, format and quality: before > after.',
    ),
    `${summary.wallSeconds.toFixed(0)} s; ${rollout.toFixed(0)} tokens/s sampled, ${learner.toFixed(0)} tokens/s learned from.`,
    `Run: ${sanitizeText(summary.runDirectory)}`,
    '',
  ].join('\n');
}

function accuracyCell({ accuracy, accuracyInterval }: DomainScores): string {
  const [low, high] = accuracyInterval.map((bound) => (100 * bound).toFixed(0));
  return accuracy === null ? '-' : `${(100 * accuracy).toFixed(1)} % [${low}, ${high}]`;
}

/** Difference in percentage points. */
function changeCell({ accuracy: first }: DomainScores, { accuracy: last }: DomainScores): string {
  if (first === null || last === null) return '-';
  const points = 100 * (last - first);
  return `${points >= 0 ? '+' : ''}${points.toFixed(1)}`;
}

function pairCell(
  before: DomainScores,
  after: DomainScores | undefined,
  text: (scores: DomainScores) => string | undefined,
): string {
  const first = text(before);
  const last = after && text(after);
  return first === undefined ? '-' : `${first} > ${last ?? '-'}`;
}
