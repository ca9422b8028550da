/** The experiments that train, in their smallest form: short runs of the program. */
import t from 'tap';
import { main as learning } from '../../../lab/experiments/learning.js';
import { learningTables } from '../../../lab/experiments/learning-tables.js';
import { main as techniques } from '../../../lab/experiments/techniques.js';
import { notFinite } from '../../kit/finite.js';

/** A run of seconds. */
const SMALL = {
  'sampling.promptsPerUpdate': 2,
  'sampling.groupSize': 2,
  'sampling.maxCompletionTokens': 48,
  'evaluation.maxCompletionTokens': 48,
  'data.evaluationProblems': 6,
};

t.test('learning: a run and its control, as tables', async (t) => {
  const result = learning({ seeds: [1], everyUpdates: 1, settings: { ...SMALL, updates: 2 } });
  t.strictSame(
    result.runs.map(({ name, updates, curve }) => [name, updates, curve.length]),
    [
      ['default', 2, 3],
      ['shuffled rewards', 2, 3],
    ],
  );
  const lines = learningTables(result);
  t.match(lines[0], result.cpu as string);
  t.ok(lines.includes('```mermaid'));
  t.ok(lines.some((line) => line.startsWith('| shuffled rewards | 1 |')));
});

t.test('techniques: one strategy for no time', async (t) => {
  const strategies = ['anneal'];
  const { runs } = techniques({
    strategies,
    seeds: [1],
    trainingSeconds: 0,
    calibrationUpdates: 3,
    settings: SMALL,
  });
  t.strictSame(
    runs.map(({ strategy }) => strategy),
    strategies,
  );
  t.strictSame(notFinite(runs.map(({ rubricAfter: _open, ...run }) => run)).faults, []);
});
