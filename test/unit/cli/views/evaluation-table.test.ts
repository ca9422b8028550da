/** The table of an evaluation. */
import t from 'tap';
import { renderEvaluation } from '../../../../src/cli/views/evaluation-table.js';
import { evaluationReport } from '../../../../src/evaluation/evaluation-report.js';
import { judgedSample as sample } from '../../../kit/judged-sample.js';

t.test('the table names every group, and holds nothing that alters a terminal', async (t) => {
  const samples = [sample(0, true), sample(1, false, { type: '\u001b[31mred\u001b[0m', difficulty: 'hard' })];
  const text = renderEvaluation(evaluationReport(samples), 'Greedy', false);
  for (const word of ['Greedy', 'math', 'red', 'easy', 'hard', 'all', '50.0 %', 'accuracy', 'quality']) {
    t.ok(text.includes(word), word);
  }
  t.notOk(text.includes('\u001b'));
});

t.test('rewards of users have a table of their own', async (t) => {
  const samples = [0, 1, 2, 3].map((item) => sample(item, true));
  const scores = { brevity: [0.5, null, 1, 0.75], broken: [null, null, null, null] };
  const text = renderEvaluation(evaluationReport(samples, scores), 'Greedy', false);
  t.match(
    text,
    /reward +mean +scored +not scored\nbrevity +0\.75 \[0\.\d\d, 1\.00\] +3 +1\nbroken +- +0 +4\n/,
  );
});
