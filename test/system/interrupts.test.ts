/** Signals: a run that is told to stop ends in order, with what it has learned on disk. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { configSchema } from '../../src/config/schema.js';
import { until as eventually } from '../../src/testing/settle.js';
import { prepare } from '../../src/training/preflight.js';
import { parseLines, readLines, startCli, TINY, temporaryFolder } from '../kit/cli.js';

/** A run that would take hours. */
const LONG = [...TINY, '--updates=100000'];

t.test('the first SIGINT during training lets the update finish and writes a checkpoint', async (t) => {
  const run = join(temporaryFolder(t), 'run');
  const { child, finished, until } = startCli([...LONG, '--json', `--run-dir=${run}`]);
  await until(/"type":"update.completed".*"update":3,/);
  child.kill('SIGINT');
  const { code, stdout, stderr } = await finished;
  t.match({ code, stderr }, { code: 130, stderr: '' });
  const rows = readLines(run, 'metrics.jsonl');
  const [checkpoint, ...others] = readdirSync(join(run, 'checkpoints'));
  t.same(others, []);
  t.equal(checkpoint, `update-${String(rows.length).padStart(6, '0')}`, 'of the last update');
  const summary = parseLines(stdout).at(-1);
  t.match(summary, { type: 'summary', updates: rows.length, before: { problems: 12 }, after: null });
  t.strictSame(JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')), summary);
  const model = join(run, 'checkpoints', checkpoint!);
  t.ok((await prepare(configSchema.parse({ model }), { workingDirectory: run })).policy, 'which loads');
});

t.test('a SIGTERM during the first evaluation ends the run without waiting for it', async (t) => {
  const run = join(temporaryFolder(t), 'run');
  // More than there are, and one at a time in each sampler.
  const many = ['--set=data.evaluationProblems=3000', '--set=sampling.slotsPerSampler=1', `--run-dir=${run}`];
  const { child, finished, until } = startCli([...LONG, ...many]);
  await until(/evaluating \(before\) 0\/600/);
  child.kill('SIGTERM');
  const { code, stdout, stderr } = await finished;
  t.equal(code, 130);
  t.match(stderr, /stopping; an update in hand is finished first, interrupt again to quit now\n$/);
  t.match(stdout, /^Interrupted before anything was learned\.\nRun: /);
  t.notOk(existsSync(join(run, 'samples', 'evaluation-000000.jsonl')));
  t.match(readLines(run, 'events.jsonl').at(-1), { type: 'actor.terminated', path: 'main/events' });
});

t.test('a second SIGINT ends the process at once', async (t) => {
  const run = join(temporaryFolder(t), 'run');
  // Updates of minutes: the first signal alone would wait for the one in hand.
  const slow = ['--set=sampling.groupSize=1000', '--set=sampling.promptsPerUpdate=100', `--run-dir=${run}`];
  const { child, finished, until } = startCli([...LONG, ...slow]);
  await until(/evaluating \(before\) 0\/12/);
  await eventually('training', () =>
    readLines(run, 'events.jsonl').some(({ type }) => type === 'evaluation.completed'),
  );
  child.kill('SIGINT');
  await until(/interrupt again to quit now/);
  child.kill('SIGINT');
  t.equal((await finished).code, 130);
  t.same(readLines(run, 'metrics.jsonl'), []);
});
