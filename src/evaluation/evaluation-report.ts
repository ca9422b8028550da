/**
 * What judged completions add up to: shares with their intervals, by type and difficulty, as a table and as JSON.
 *
 * Invariants: every share comes with its count; intervals are 95 %: Wilson's where problems are independent, a bootstrap over
 * lineages where several problems share one or have several completions; the bootstrap's draws are keyed, so a report repeats.
 */
import picocolors from 'picocolors';
import { sanitizeLine } from '../observe/sanitize.js';
import { Random } from '../random.js';
import { wilsonInterval } from './summary.js';

/** What is counted of one completion. */
export interface JudgedSample {
  readonly type: string;
  readonly difficulty: string;
  /** Problems of one lineage are variants of each other; the problem's own id where no lineage is known. */
  readonly lineage: string;
  readonly item: number;
  readonly isFormatted: boolean;
  /** Null for an open problem, which has no right answer. */
  readonly isCorrect: boolean | null;
  /** Within 10 % of the gold number; null where the gold answer is none. */
  readonly isPartial: boolean | null;
  /** Reasoning quality, in [0, 1]. */
  readonly quality: number;
  /** Rubric score of an open problem, in [0, 1]; null for the others. */
  readonly rubric: number | null;
}

/** A share or mean over `count` completions. */
export interface Estimate {
  readonly value: number;
  readonly interval: readonly [number, number];
  readonly count: number;
}

export interface Scores {
  readonly problems: number;
  readonly formatCompliance: Estimate;
  /** Over problems with a right answer; null where there is none. */
  readonly accuracy: Estimate | null;
  /** Over problems with a gold number; null where there is none. */
  readonly partialAccuracy: Estimate | null;
  readonly reasoningQuality: Estimate;
  /** Over open problems; null where there is none. */
  readonly rubric: Estimate | null;
  /** Chance that one of k completions is right, by k; only where several were sampled. */
  readonly passAtK: Readonly<Record<string, number>> | null;
}

/** What one reward of a user's says of all completions. */
export interface RewardSummary {
  /** Null where nothing was scored. */
  readonly mean: Estimate | null;
  readonly scored: number;
  readonly notScored: number;
}

export interface EvaluationReport {
  readonly all: Scores;
  readonly byType: Readonly<Record<string, Scores>>;
  readonly byDifficulty: Readonly<Record<string, Scores>>;
  /** Users' rewards by name; left out without any. */
  readonly rewards?: Readonly<Record<string, RewardSummary>>;
}

const RESAMPLES = 1000;

/** 1 − C(n−c, k) / C(n, k): unbiased chance that one of k of n completions is right when c are (Chen et al., 2021). */
export function passAtK(n: number, c: number, k: number): number {
  if (n - c < k) return 1;
  let miss = 1;
  for (let i = n - c + 1; i <= n; i++) miss *= 1 - k / i;
  return 1 - miss;
}

/** 95 % percentile interval of a mean, by drawing whole clusters with replacement. */
export function clusterBootstrap(
  values: readonly number[],
  clusters: readonly string[],
  resamples = RESAMPLES,
): [number, number] {
  const sums = new Map<string, { sum: number; count: number }>();
  values.forEach((value, i) => {
    const cluster = sums.get(clusters[i]!) ?? { sum: 0, count: 0 };
    sums.set(clusters[i]!, { sum: cluster.sum + value, count: cluster.count + 1 });
  });
  const groups = [...sums.values()];
  if (groups.length === 0) return [0, 1];
  const random = new Random('cluster-bootstrap', values.length, groups.length);
  const means = Array.from({ length: resamples }, () => {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < groups.length; i++) {
      const group = random.pick(groups);
      sum += group.sum;
      count += group.count;
    }
    return sum / count;
  }).sort((a, b) => a - b);
  const at = (share: number): number => means[Math.min(resamples - 1, Math.floor(share * resamples))]!;
  return [at(0.025), at(0.975)];
}

function estimate(values: readonly number[], samples: readonly JudgedSample[], isShare: boolean): Estimate {
  const value = values.reduce((sum, each) => sum + each, 0) / Math.max(1, values.length);
  const lineages = samples.map(({ lineage }) => lineage);
  const clusterCount = new Set(lineages).size;
  const isIndependent = clusterCount === values.length;
  const isConstant = values.every((each) => each === values[0]);
  // A bootstrap of equal values has no width; Wilson over the independent part of them has.
  const interval =
    isShare && (isIndependent || isConstant)
      ? wilsonInterval(value * clusterCount, clusterCount)
      : clusterBootstrap(values, lineages);
  return { value, interval, count: values.length };
}

function estimateOf(
  samples: readonly JudgedSample[],
  measure: (sample: JudgedSample) => number | null,
  isShare: boolean,
): Estimate | null {
  const counted = samples.filter((sample) => measure(sample) !== null);
  if (counted.length === 0) return null;
  return estimate(
    counted.map((sample) => measure(sample)!),
    counted,
    isShare,
  );
}

function passRates(samples: readonly JudgedSample[]): Record<string, number> | null {
  const items = new Map<number, { n: number; c: number }>();
  for (const { item, isCorrect } of samples) {
    if (isCorrect === null) continue;
    const { n, c } = items.get(item) ?? { n: 0, c: 0 };
    items.set(item, { n: n + 1, c: c + Number(isCorrect) });
  }
  const counts = [...items.values()];
  // Problems may be a million: too many for the arguments of Math.min.
  const largestK = counts.reduce((least, { n }) => Math.min(least, n), Number.POSITIVE_INFINITY);
  if (counts.length === 0 || largestK < 2) return null;
  const rates: Record<string, number> = {};
  for (let k = 1; k <= largestK; k = k === largestK ? k + 1 : Math.min(2 * k, largestK)) {
    rates[k] = counts.reduce((sum, { n, c }) => sum + passAtK(n, c, k), 0) / counts.length;
  }
  return rates;
}

const numberOf = (flag: boolean | null): number | null => (flag === null ? null : Number(flag));

function scoresOf(samples: readonly JudgedSample[]): Scores {
  return {
    problems: new Set(samples.map(({ item }) => item)).size,
    formatCompliance: estimate(
      samples.map(({ isFormatted }) => Number(isFormatted)),
      samples,
      true,
    ),
    accuracy: estimateOf(samples, ({ isCorrect }) => numberOf(isCorrect), true),
    partialAccuracy: estimateOf(samples, ({ isPartial }) => numberOf(isPartial), true),
    reasoningQuality: estimate(
      samples.map(({ quality }) => quality),
      samples,
      false,
    ),
    rubric: estimateOf(samples, ({ rubric }) => rubric, false),
    passAtK: passRates(samples),
  };
}

function groupedBy(samples: readonly JudgedSample[], key: 'type' | 'difficulty'): Record<string, Scores> {
  const names = [...new Set(samples.map((sample) => sample[key]))];
  return Object.fromEntries(
    names.map((name) => [name, scoresOf(samples.filter((sample) => sample[key] === name))]),
  );
}

function rewardSummary(values: readonly (number | null)[], samples: readonly JudgedSample[]): RewardSummary {
  const scored = values.flatMap((value) => value ?? []);
  const of = samples.filter((_, i) => values[i] !== null);
  const mean = scored.length > 0 ? estimate(scored, of, false) : null;
  return { mean, scored: scored.length, notScored: values.length - scored.length };
}

/** Adds up judged completions of one way of decoding; `rewards` has a value for each, null = not scored, by name. */
export function evaluationReport(
  samples: readonly JudgedSample[],
  rewards: Readonly<Record<string, readonly (number | null)[]>> = {},
): EvaluationReport {
  const summaries = Object.entries(rewards).map(([name, values]) => [name, rewardSummary(values, samples)]);
  return {
    all: scoresOf(samples),
    byType: groupedBy(samples, 'type'),
    byDifficulty: groupedBy(samples, 'difficulty'),
    ...(summaries.length > 0 ? { rewards: Object.fromEntries(summaries) } : {}),
  };
}

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

/** The table for people; `title` says what was decoded how. */
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

/** Lines of a table, columns padded to their width. */
function aligned(table: readonly (readonly string[])[]): string[] {
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) =>
    row.map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join('   '),
  );
}
