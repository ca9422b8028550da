/** Before and after, for programs. */
import t from 'tap';
import { wilsonInterval } from '../../../src/evaluation/intervals.js';
import { summaryOf, totalOf } from '../../../src/evaluation/summary.js';
import { before, runResult } from '../../kit/run-result.js';

t.test('the summary line weighs domains by their problems', async (t) => {
  const line = summaryOf(runResult);
  t.same(Object.keys(line.before!.byDomain), ['math', 'science', 'creative']);
  t.match(line, {
    type: 'summary',
    updates: 120,
    seed: 42,
    wallSeconds: 181.4,
    before: {
      accuracy: 60 / 150, // 50 of the 200 have no right answer
      accuracyInterval: wilsonInterval(60, 150),
      formatCompliance: 170 / 200,
      reasoningQuality: 60 / 200,
      rubric: 14.5 / 50,
      problems: 200,
      byDomain: {
        math: { accuracy: 0.4, formatCompliance: 0.8, reasoningQuality: 0.3, rubric: null, problems: 100 },
        science: { accuracy: 0.4, accuracyInterval: wilsonInterval(20, 50), rubric: 0.25, problems: 60 },
        creative: { accuracy: null, accuracyInterval: [0, 1], rubric: 0.3, formatCompliance: 0.75 },
      },
    },
    after: { accuracy: 105 / 150, rubric: 32 / 50, byDomain: { science: { accuracy: 0.7, rubric: 0.6 } } },
    tokensPerSecond: { rollout: 31_000, learner: 12_000 },
    lost: { events: 3, deadLetters: 1 },
  });
  t.same(totalOf(before), {
    problems: 200,
    open: 50,
    correct: 60,
    formatted: 170,
    rubric: 14.5,
    quality: 60,
  });
});

t.test('nothing counted has no accuracy and no rubric, and is no error', async (t) => {
  t.match(summaryOf({ ...runResult, before: {} }).before, { accuracy: null, rubric: null, problems: 0 });
});

t.test('a run without a last evaluation has no after, one without any no before', async (t) => {
  const { after: _, ...cut } = runResult;
  t.equal(summaryOf(cut).after, null);
  const { before: __, ...none } = cut;
  t.match(summaryOf(none), { before: null, after: null });
});
