/** Before and after, for people and programs. */
import t from 'tap';
import {
  lostText,
  type RunOutcome,
  renderSummary,
  summaryLine,
  totalOf,
  wilsonInterval,
} from '../../../src/evaluation/summary.js';

const before = {
  math: { problems: 100, open: 0, correct: 40, formatted: 80, rubric: 0, quality: 30 },
  science: { problems: 60, open: 10, correct: 20, formatted: 60, rubric: 2.5, quality: 12 },
  creative: { problems: 40, open: 40, correct: 0, formatted: 30, rubric: 12, quality: 18 },
};
const outcome: RunOutcome = {
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

t.test("the interval is Wilson's", async (t) => {
  // Reference values: statsmodels proportion_confint(method='wilson').
  const cases: [number, number, number, number][] = [
    [0, 10, 0, 0.27753],
    [10, 10, 0.72247, 1],
    [50, 100, 0.40383, 0.59617],
    [1, 300, 0.00059, 0.01862],
  ];
  for (const [successes, trials, low, high] of cases) {
    const interval = wilsonInterval(successes, trials);
    t.ok(Math.abs(interval[0] - low) < 1e-4 && Math.abs(interval[1] - high) < 1e-4, `${successes}/${trials}`);
  }
  t.same(wilsonInterval(0, 0), [0, 1]);
});

t.test('the summary line weighs domains by their problems', async (t) => {
  const line = summaryLine(outcome);
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
    ...{ problems: 200, open: 50, correct: 60 },
    ...{ formatted: 170, rubric: 14.5, quality: 60 },
  });
});

t.test('a line says what was lost, if anything was', async (t) => {
  t.equal(lostText({ events: 0, deadLetters: 0 }), null);
  t.match(lostText({ events: 3, deadLetters: 0 }), /3 events, 0 messages/);
  t.match(lostText({ events: 0, deadLetters: 1 }), /0 events, 1 messages/);
});

t.test('nothing counted has no accuracy and no rubric, and is no error', async (t) => {
  t.match(summaryLine({ ...outcome, before: {} }).before, { accuracy: null, rubric: null, problems: 0 });
  t.match(renderSummary({ ...outcome, before: {}, after: {} }, false), /all +0 +- +- +- +- /);
});

t.test('a run without a last evaluation has no after', async (t) => {
  const { after: _, ...cut } = outcome;
  t.equal(summaryLine(cut).after, null);
  const text = renderSummary(cut, false);
  t.match(text, /math +100 +40\.0 % \[31, 50\] +- +- +- +80\.0 > - +0\.30 > -\n/);
  t.match(text, /creative +40 +- +- +- +0\.30 > - +75\.0 > - +0\.45 > -\n/);
});

t.test('a run without any evaluation says so', async (t) => {
  const { after: _, before: __, ...cut } = outcome;
  t.match(summaryLine(cut), { before: null, after: null });
  t.match(renderSummary(cut, false), /before anything was learned.*\nRun: runs\/nano-seed42-001/);
});

t.test('the table has a line per domain and one for all, with counts, intervals and change', async (t) => {
  const text = renderSummary(outcome, false);
  t.match(text, /problems +accuracy before +after +change +rubric +format, % +quality\n/);
  t.match(
    text,
    /math +100 +40\.0 % \[31, 50\] +70\.0 % \[60, 78\] +\+30\.0 +- +80\.0 > 99\.0 +0\.30 > 0\.82\n/,
  );
  t.match(text, /science +60 +40\.0 % .* 70\.0 % .*\+30\.0 +0\.25 > 0\.60 +100\.0 > 100\.0 +0\.20 > 0\.80\n/);
  t.match(text, /creative +40 +- +- +- +0\.30 > 0\.65 +75\.0 > 100\.0 +0\.45 > 0\.55\n/);
  t.match(text, /all +200 +40\.0 % .*\+30\.0 +0\.29 > 0\.64 +85\.0 > 99\.5 +0\.30 > 0\.76\n/);
  t.match(text, /Brackets: 95 % Wilson interval\. Rubric: of open problems/);
  t.match(text, 'runs/nano-seed42-001');
  t.notMatch(text, '\u001b');
});

t.test('the columns of the table stand below each other', async (t) => {
  const rows = renderSummary(outcome, false).split('\n').slice(1, 6);
  t.same(new Set(rows.map((row) => row.length)).size, 1);
});

t.test('one domain needs no total', async (t) => {
  const { math } = before;
  t.notMatch(renderSummary({ ...outcome, before: { math } }, false), /^all /m);
});
