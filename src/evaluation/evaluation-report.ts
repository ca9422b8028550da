/**
 * What judged completions add up to: shares with their intervals, by type and difficulty.
 *
 * Invariants: every share comes with its count; intervals are 95 %: Wilson's where problems are independent, a bootstrap over
 * lineages where several problems share one or have several completions; the bootstrap's draws are keyed, so a report repeats.
 */
import { clusterBootstrap, wilsonInterval } from './intervals.js';

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
interface RewardSummary {
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

/** 1 − C(n−c, k) / C(n, k): unbiased chance that one of k of n completions is right when c are (Chen et al., 2021). */
export function passAtK(n: number, c: number, k: number): number {
  if (n - c < k) return 1;
  let miss = 1;
  for (let i = n - c + 1; i <= n; i++) miss *= 1 - k / i;
  return 1 - miss;
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
