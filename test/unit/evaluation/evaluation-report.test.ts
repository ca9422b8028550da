import t from 'tap';
import { evaluationReport, passAtK } from '../../../src/evaluation/evaluation-report.js';
import { wilsonInterval } from '../../../src/evaluation/intervals.js';
import { judgedSample as sample } from '../../kit/judged-sample.js';

/** The share of subsets of k of n completions, the first c of them right, that hold a right one. */
function enumerated(n: number, c: number, k: number): number {
  let hits = 0;
  let count = 0;
  for (let subset = 0; subset < 1 << n; subset++) {
    const chosen = Array.from({ length: n }, (_, i) => (subset >> i) & 1);
    if (chosen.reduce((a, b) => a + b, 0) !== k) continue;
    count++;
    if (chosen.slice(0, c).includes(1)) hits++;
  }
  return hits / count;
}

t.test('pass@k is the share of all subsets of k that hold a right completion', async (t) => {
  for (let n = 1; n <= 9; n++) {
    for (let c = 0; c <= n; c++) {
      for (let k = 1; k <= n; k++) {
        const difference = Math.abs(passAtK(n, c, k) - enumerated(n, c, k));
        if (difference > 1e-12) t.fail(`n ${n}, c ${c}, k ${k}: off by ${difference}`);
      }
    }
  }
  t.equal(passAtK(1000, 0, 500), 0);
  t.ok(Math.abs(passAtK(1000, 1, 500) - 0.5) < 1e-12);
});

t.test('independent problems get Wilson intervals, problems of few lineages wider ones', async (t) => {
  const independent = Array.from({ length: 100 }, (_, i) => sample(i, i % 2 === 0));
  t.same(evaluationReport(independent).all.accuracy, {
    value: 0.5,
    interval: wilsonInterval(50, 100),
    count: 100,
  });
  const clustered = independent.map((each, i) => ({
    ...each,
    isCorrect: i < 50,
    lineage: `l${Math.floor(i / 10)}`,
  }));
  const [low, high] = evaluationReport(clustered).all.accuracy!.interval;
  t.ok(high - low > 0.5, `10 lineages, all or nothing: [${low}, ${high}]`);
  const allRight = clustered.map((each) => ({ ...each, isCorrect: true }));
  t.same(evaluationReport(allRight).all.accuracy!.interval, wilsonInterval(10, 10));
});

t.test('open problems have a rubric and no accuracy, and count nowhere else', async (t) => {
  const open = (item: number, rubric: number) => sample(item, null, { type: 'creative', rubric });
  const { all, byType } = evaluationReport([sample(0, true), sample(1, false), open(2, 0.25), open(3, 0.75)]);
  t.equal(all.problems, 4);
  t.match(all.accuracy, { value: 0.5, count: 2 });
  t.match(all.rubric, { value: 0.5, count: 2 });
  t.equal(byType.creative!.accuracy, null);
  t.equal(byType.math!.rubric, null);
  t.equal(byType.creative!.passAtK, null);
});

t.test('pass rates are means over problems, for k in powers of two up to all', async (t) => {
  // Two problems, three completions each: 1 and 3 right.
  const samples = [true, false, false].map((right, i) => sample(0, right, { quality: i }));
  samples.push(...[true, true, true].map((right) => sample(1, right)));
  const { all } = evaluationReport(samples);
  t.same(Object.keys(all.passAtK!), ['1', '2', '3']);
  t.ok(Math.abs(all.passAtK!['1']! - (1 / 3 + 1) / 2) < 1e-12);
  t.ok(Math.abs(all.passAtK!['2']! - (2 / 3 + 1) / 2) < 1e-12);
  t.equal(all.passAtK!['3'], 1);
});

t.test('rewards of users have a mean over what was scored, and a count of what was not', async (t) => {
  const samples = [0, 1, 2, 3].map((item) => sample(item, true));
  const report = evaluationReport(samples, {
    brevity: [0.5, null, 1, 0.75],
    broken: [null, null, null, null],
  });
  t.match(report.rewards, {
    brevity: { mean: { value: 0.75, count: 3 }, scored: 3, notScored: 1 },
    broken: { mean: null, scored: 0, notScored: 4 },
  });
  t.notOk('rewards' in evaluationReport(samples));
});
