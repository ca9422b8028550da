/** What judged completions of held-out problems add up to. */

import type { CompletionRow } from './judge-completion.js';
import type { DomainTally, EvaluationTally } from './summary.js';

/** Counts by domain, or by another field of a judged completion. */
export function tally(
  judged: readonly CompletionRow[],
  by: (row: CompletionRow) => string = ({ type }) => type,
): EvaluationTally {
  const counts: Record<string, DomainTally> = {};
  for (const row of judged) {
    const sums = counts[by(row)] ?? { problems: 0, open: 0, correct: 0, formatted: 0, rubric: 0, quality: 0 };
    counts[by(row)] = {
      problems: sums.problems + 1,
      open: sums.open + Number(row.isCorrect === null),
      correct: sums.correct + Number(row.isCorrect ?? false),
      formatted: sums.formatted + Number(row.isFormatted),
      rubric: sums.rubric + (row.rubric ?? 0),
      quality: sums.quality + row.quality,
    };
  }
  return counts;
}
