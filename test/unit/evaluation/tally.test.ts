/** Counts over judged completions. */
import t from 'tap';
import { completionText } from '../../../src/data/prompt.js';
import { type CompletionRow, judgeCompletion } from '../../../src/evaluation/judge-completion.js';
import { heldOutProblems } from '../../../src/evaluation/problems.js';
import { totalOf } from '../../../src/evaluation/summary.js';
import { tally } from '../../../src/evaluation/tally.js';

const problems = heldOutProblems(200);

/** Gold completions, wrong ones, and texts without a form, in turn. */
const judged: readonly CompletionRow[] = problems.map((problem, item) => {
  const texts = [
    completionText('because', problem.answer),
    completionText('because', 'nonsense'),
    'nonsense',
  ];
  const given = { item, sample: 0, text: texts[item % 3]!, tokens: 5, stopped: true };
  return judgeCompletion(problem, given, 'greedy');
});

t.test('problems, right answers, forms and rubrics are counted by type, and add up', async (t) => {
  const counts = tally(judged);
  t.same(Object.keys(counts).sort(), [...new Set(problems.map(({ type }) => type))].sort());
  for (const [type, each] of Object.entries(counts)) {
    const rows = problems
      .map((problem, i) => ({ problem, i }))
      .filter(({ problem }) => problem.type === type);
    const open = rows.filter(({ problem }) => problem.constraints !== undefined);
    const gold = rows.filter(({ problem, i }) => i % 3 === 0 && problem.constraints === undefined);
    t.match(each, {
      problems: rows.length,
      open: open.length,
      correct: gold.length,
      formatted: rows.filter(({ i }) => i % 3 !== 2).length,
    });
    const rubric = open.reduce((sum, { i }) => sum + judged[i]!.rubric!, 0);
    t.ok(Math.abs(each.rubric - rubric) < 1e-9, `${each.rubric}, expected ${rubric}`);
    const quality = rows.reduce((sum, { i }) => sum + judged[i]!.quality, 0);
    t.ok(Math.abs(each.quality - quality) < 1e-9, `${each.quality}, expected ${quality}`);
  }
  const total = totalOf(counts);
  t.equal(total.problems, 200);
  t.ok(total.open > 10 && total.rubric > 0 && total.quality > 0);
});

t.test('another field may be counted by', async (t) => {
  const byDifficulty = tally(judged, ({ difficulty }) => difficulty);
  t.same(Object.keys(byDifficulty).sort(), ['easy', 'hard', 'medium']);
  t.same(totalOf(byDifficulty).correct, totalOf(tally(judged)).correct);
  t.same(tally([]), {});
});
