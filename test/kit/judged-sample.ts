/** A judged completion for tests of reports, each field replaceable. */
import type { JudgedSample } from '../../src/evaluation/evaluation-report.js';

export function judgedSample(
  item: number,
  isCorrect: boolean | null,
  changes: Partial<JudgedSample> = {},
): JudgedSample {
  return {
    type: 'math',
    difficulty: 'easy',
    lineage: `lineage ${item}`,
    item,
    isFormatted: true,
    isCorrect,
    isPartial: isCorrect,
    quality: 0.5,
    rubric: null,
    ...changes,
  };
}
