/** Before and after, for people and programs. */
import t from 'tap';
import {
  type RunOutcome,
  renderSummary,
  summaryLine,
  totalOf,
  wilsonInterval,
} from '../../../src/observe/summary.js';

const before = {
  math: { problems: 100, correct: 40, formatted: 80 },
  code: { problems: 50, correct: 20, formatted: 50 },
};
const outcome: RunOutcome = {
  updates: 120,
  seed: 42,
  wallSeconds: 181.4,
  before,
  after: {
    math: { problems: 100, correct: 70, formatted: 99 },
    code: { problems: 50, correct: 35, formatted: 50 },
  },
  tokensPerSecond: { rollout: 31_000, learner: 12_000 },
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
  t.match(line, {
    type: 'summary',
    updates: 120,
    seed: 42,
    wallSeconds: 181.4,
    before: {
      accuracy: 60 / 150,
      formatCompliance: 130 / 150,
      problems: 150,
      byDomain: { math: { accuracy: 0.4, formatCompliance: 0.8 }, code: { accuracy: 0.4 } },
    },
    after: { accuracy: 0.7, byDomain: { code: { accuracy: 0.7, problems: 50 } } },
    tokensPerSecond: { rollout: 31_000, learner: 12_000 },
  });
  t.same(totalOf(before), { problems: 150, correct: 60, formatted: 130 });
});

t.test('a run without a last evaluation has no after', async (t) => {
  const { after: _, ...cut } = outcome;
  t.equal(summaryLine(cut).after, null);
  t.match(renderSummary(cut, false), /math +100 +40\.0 % \[31, 50\] +- +- +80\.0 % +-\n/);
});

t.test('a run without any evaluation says so', async (t) => {
  const { after: _, before: __, ...cut } = outcome;
  t.match(summaryLine(cut), { before: null, after: null });
  t.match(renderSummary(cut, false), /before anything was learned.*\nRun: runs\/nano-seed42-001/);
});

t.test('the table has a line per domain and one for all, with counts, intervals and change', async (t) => {
  const text = renderSummary(outcome, false);
  t.match(text, /math +100 +40\.0 % \[31, 50\] +70\.0 % \[60, 78\] +\+30\.0 +80\.0 % +99\.0 %\n/);
  t.match(text, /all +150 +40\.0 % .*\+30\.0/);
  t.match(text, 'runs/nano-seed42-001');
  t.notMatch(text, '\u001b');
});

t.test('one domain needs no total', async (t) => {
  const { math } = before;
  t.notMatch(renderSummary({ ...outcome, before: { math } }, false), /^all /m);
});
