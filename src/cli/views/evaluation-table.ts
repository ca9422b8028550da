/** The table of an evaluation, for people. */
import picocolors from 'picocolors';
import type { Estimate, EvaluationReport, Scores } from '../../evaluation/evaluation-report.js';
import { sanitizeLine } from '../../observe/sanitize.js';
import { aligned } from './table.js';

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

function cell(each: Estimate | null, scale: 'percent' | 'unit', hasInterval: boolean): string {
  if (each === null) return '-';
  const text = scale === 'percent' ? percent(each.value) : each.value.toFixed(2);
  if (!hasInterval) return text;
  const [low, high] = each.interval.map((bound) =>
    scale === 'percent' ? (100 * bound).toFixed(0) : bound.toFixed(2),
  );
  return `${text} [${low}, ${high}]`;
}

/** `title` says what was decoded how. */
export function renderEvaluation(report: EvaluationReport, title: string, color: boolean): string {
  const { bold, dim } = picocolors.createColors(color);
  const named: [string, Scores][] = [
    ...Object.entries(report.byType),
    ...Object.entries(report.byDifficulty),
    ['all', report.all],
  ];
  const ks = Object.keys(report.all.passAtK ?? {});
  const hasRubric = report.all.rubric !== null;
  const head = ['', 'problems', 'accuracy', 'partial', 'format', 'quality'];
  const table = [
    [...head, ...(hasRubric ? ['rubric'] : []), ...ks.map((k) => `pass@${k}`)],
    ...named.map(([name, scores]) => [
      sanitizeLine(name, 30),
      String(scores.problems),
      cell(scores.accuracy, 'percent', true),
      cell(scores.partialAccuracy, 'percent', false),
      cell(scores.formatCompliance, 'percent', false),
      cell(scores.reasoningQuality, 'unit', false),
      ...(hasRubric ? [cell(scores.rubric, 'unit', true)] : []),
      ...ks.map((k) => (scores.passAtK?.[k] === undefined ? '-' : percent(scores.passAtK[k]))),
    ]),
  ];
  const lines = aligned(table);
  const rewards = Object.entries(report.rewards ?? {});
  const more = aligned([
    ['reward', 'mean', 'scored', 'not scored'],
    ...rewards.map(([name, { mean, scored, notScored }]) => [
      sanitizeLine(name, 40),
      cell(mean, 'unit', true),
      String(scored),
      String(notScored),
    ]),
  ]);
  const own = rewards.length > 0 ? ['', dim(more[0]!), ...more.slice(1)] : [];
  return [bold(title), dim(lines[0]!), ...lines.slice(1), ...own, ''].join('\n');
}
