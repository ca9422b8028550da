/** Each benchmark in its smallest form: it runs, says on which machine, and gives finite figures. No time is asserted. */
import { cpus } from 'node:os';
import t, { type Test } from 'tap';
import { main as actors } from '../../bench/actors.js';
import { main as learner } from '../../bench/learner.js';
import { main as messages } from '../../bench/messages.js';
import { main as rollout } from '../../bench/rollout.js';
import { main as sampler } from '../../bench/sampler.js';
import { main as scoring } from '../../bench/scoring.js';
import { notFinite } from '../kit/finite.js';

function checkFigures(t: Test, figures: object, columns: readonly string[]): void {
  t.match(figures, { node: process.versions.node, cpu: cpus()[0]!.model.trim(), cpuCount: cpus().length });
  t.match(figures, { date: /^\d{4}-\d\d-\d\d$/, command: /^npm run bench -- \w+$/ });
  t.hasProps(figures, [...columns]);
  const { seen, faults } = notFinite(figures);
  t.strictSame(faults, []);
  t.ok(seen > columns.length);
}

t.test('learner: an update of two small groups', async (t) => {
  const figures = await learner({ groups: 2, groupSize: 2, updates: 2, peakSize: 64 });
  checkFigures(t, figures, ['updateSeconds', 'tokensPerSecond', 'ratioToPeak', 'peakRssMegabytes']);
  t.ok(figures.packedTokens > 2 * 48, 'each prompt is packed once');
});

t.test('sampler: two prompts', async (t) => {
  const figures = await sampler({ slots: 8, prompts: 2, rounds: 1, peakSize: 64 });
  checkFigures(t, figures, ['tokensPerSecond', 'gflops', 'ratioToPeak']);
});

t.test('messages: every group arrives through every window', async (t) => {
  const figures = await messages({ groups: 40 });
  checkFigures(t, figures, ['groupBytes', 'groupsPerSecondByWindow', 'ratioOfWindow16ToWindow1']);
  t.strictSame(Object.keys(figures.groupsPerSecondByWindow), ['1', '4', '16', '64']);
});

t.test('actors: one run with one actor and one with two', async (t) => {
  const settings = {
    'sampling.promptsPerUpdate': 2,
    'sampling.groupSize': 2,
    'sampling.maxCompletionTokens': 48,
    'data.evaluationProblems': 6,
  };
  const figures = await actors({ counts: [1, 2], rounds: 1, updates: 2, warmUp: 0, settings });
  checkFigures(t, figures, ['updatesPerSecond', 'ratioToOneActor']);
  t.strictSame(Object.keys(figures.ratioToOneActor), ['1', '2']);
});

t.test('rollout: two updates through the actors and through bare samplers', async (t) => {
  const figures = await rollout({ prompts: 2, updates: 2, warmUp: 1 });
  checkFigures(t, figures, ['actorsTokensPerSecond', 'bareTokensPerSecond', 'ratioToBare']);
});

t.test('scoring: the completions of one update', async (t) => {
  const figures = await scoring({ updates: 2, warmUp: 0, repeats: 2, poolRepeats: 2, promptsPerUpdate: 2 });
  checkFigures(t, figures, ['updateSeconds', 'defaults', 'all', 'targetShare']);
  t.ok(figures.completions > 0);
});
