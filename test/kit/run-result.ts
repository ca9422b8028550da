/** What a run of three domains came to. */
import type { RunResult } from '../../src/evaluation/summary.js';

export const before = {
  math: { problems: 100, open: 0, correct: 40, formatted: 80, rubric: 0, quality: 30 },
  science: { problems: 60, open: 10, correct: 20, formatted: 60, rubric: 2.5, quality: 12 },
  creative: { problems: 40, open: 40, correct: 0, formatted: 30, rubric: 12, quality: 18 },
};

export const runResult: RunResult = {
  updates: 120,
  seed: 42,
  wallSeconds: 181.4,
  before,
  after: {
    math: { problems: 100, open: 0, correct: 70, formatted: 99, rubric: 0, quality: 82 },
    science: { problems: 60, open: 10, correct: 35, formatted: 60, rubric: 6, quality: 48 },
    creative: { problems: 40, open: 40, correct: 0, formatted: 40, rubric: 26, quality: 22 },
  },
  tokensPerSecond: { rollout: 31_000, learner: 12_000 },
  lost: { events: 3, deadLetters: 1 },
  runDirectory: 'runs/nano-seed42-001',
};
