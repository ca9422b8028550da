/** The command line as a user meets it: what it prints where, and what it leaves behind. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { heldOutProblems } from '../../src/evaluation/problems.js';
import { event } from '../../src/protocol/events.js';
import {
  cli,
  outcomeTotal,
  parseLines,
  type Row,
  readLines,
  startCli,
  TINY,
  temporaryFolder,
} from '../kit/cli.js';
import { packageRoot } from '../kit/root.js';

const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
  version: string;
};
const ESCAPE = '\u001b';

/** The keys of an object and of those inside it, for comparing shapes. */
function shapeOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}

t.test('with --json stdout holds JSON lines only, the last one the summary', async (t) => {
  const run = join(temporaryFolder(t), 'run');
  const { code, stdout, stderr } = await cli([...TINY, '--json', '--seed=5', `--run-dir=${run}`]);
  t.equal(code, 0);
  t.equal(stderr, '', 'nothing to say');
  const lines = parseLines(stdout);
  for (const line of lines.slice(0, -1)) event.parse(line);
  const summary = lines.at(-1)!;
  const held = heldOutProblems(12);
  /** Null where no problem has a right answer, or none is open. */
  const scoresOf = (problems: typeof held) => ({
    accuracy: problems.some(({ constraints }) => constraints === undefined) ? 'number' : 'object',
    accuracyInterval: 'object',
    formatCompliance: 'number',
    reasoningQuality: 'number',
    rubric: problems.some(({ constraints }) => constraints !== undefined) ? 'number' : 'object',
    problems: 'number',
  });
  const types = [...new Set(held.map(({ type }) => type))];
  t.ok(types.length > 2, types.join(' '));
  const byDomain = types.map((name) => [name, scoresOf(held.filter(({ type }) => type === name))]);
  const evaluation = { ...scoresOf(held), byDomain: Object.fromEntries(byDomain) };
  t.same(shapeOf(summary), {
    type: 'string',
    updates: 'number',
    seed: 'number',
    wallSeconds: 'number',
    before: evaluation,
    after: evaluation,
    tokensPerSecond: { rollout: 'number', learner: 'number' },
    lost: { events: 'number', deadLetters: 'number' },
    runDirectory: 'string',
  });
  t.match(summary, { type: 'summary', updates: 2, seed: 5, before: { problems: 12 }, runDirectory: run });
  t.strictSame(readLines(run, 'events.jsonl'), lines.slice(0, -1), 'the events of the run, in order');
});

t.test('a run leaves its whole story in its folder', async (t) => {
  const run = join(temporaryFolder(t), 'deep', 'run');
  const settings = ['--actors=forward=2,sampler=2,scorer=1', '--set=evaluation.everyUpdates=1'];
  const { code, stdout, stderr } = await cli([...TINY, ...settings, `--run-dir=${run}`]);
  t.equal(code, 0);

  // ---- what people see ------------------------------------------------------------------------------------------------
  t.notMatch(stdout + stderr, ESCAPE, 'no escape codes where there is no terminal');
  t.match(stdout, /^Held-out problems, greedy, before and after 2 updates \(seed 42\)\n/);
  t.ok(stdout.endsWith(`Run: ${run}\n`), 'one newline at the end');
  t.match(
    stderr,
    /^evaluating \(before\) 0\/12\nupdate 1\/2 .*ETA 0:..\n.*\(update 1\).*\nupdate 2\/2 .*\n.*\(after\) 0\/12\n$/,
  );

  // ---- files ----------------------------------------------------------------------------------------------------------
  t.same(readdirSync(run).sort(), [
    'checkpoints',
    'config-sources.json',
    'config.json',
    'events.jsonl',
    'metrics.jsonl',
    'run.json',
    'samples',
    'summary.json',
  ]);
  const rows = readLines(run, 'metrics.jsonl');
  t.same(
    rows.map((row) => row.update),
    [1, 2],
  );
  for (const row of rows) t.equal(outcomeTotal(row), 1, 'the outcomes of an update cover it');
  for (const key of ['loss', 'reward', 'reward_std', 'grad_norm', 'learning_rate', 'entropy', 'num_tokens'])
    t.type(rows[0]![key], 'number', key);
  t.equal(readLines(run, 'samples', 'rollouts.jsonl').length, 16, 'every completion of the first update');
  for (const update of ['000000', '000001', '000002'])
    t.equal(readLines(run, 'samples', `evaluation-${update}.jsonl`).length, 12);

  // ---- events ---------------------------------------------------------------------------------------------------------
  const events = readLines(run, 'events.jsonl').map((line) => event.parse(line));
  const paths = (type: 'actor.spawned' | 'actor.terminated') =>
    events.flatMap((each) => (each.type === type ? [each.path] : []));
  const actors = ['main/dispatcher', 'main/evaluator', 'main/events', 'learner', 'sampler-0', 'sampler-1'];
  const roles = ['rollout-0/forward-0', 'rollout-0/forward-1', 'rollout-0/scorer-0'];
  t.same(paths('actor.spawned').sort(), [...actors, ...roles].sort());
  // Threads end too: the actors of a thread's own name appear twice.
  const threads = ['learner', 'rollout-0', 'sampler-0', 'sampler-1'];
  t.same(paths('actor.terminated').sort(), [...actors, ...roles, ...threads].sort());
  const of = (type: string) => events.filter((each) => each.type === type) as unknown as Row[];
  t.equal(of('group.completed').length, 8);
  const dropped = rows.map((row) => 4 * (1 - (row['outcomes/applied'] as number)));
  t.equal(of('group.dropped').length, dropped[0]! + dropped[1]!, 'dead groups are shown');
  t.same(
    of('policy.published').map(({ version }) => version),
    [1, 2],
  );
  const loads = of('policy.loaded').map(({ sampler, version }) => `${sampler} ${version}`);
  t.same(loads.sort(), ['sampler-0 1', 'sampler-0 2', 'sampler-1 1', 'sampler-1 2']);
  t.same(
    of('update.completed').map(({ update, policyVersion }) => [update, policyVersion]),
    [
      [1, 1],
      [2, 2],
    ],
  );
  t.same(
    of('evaluation.completed').map(({ update }) => update),
    [0, 1, 2],
  );
  t.strictSame(
    of('update.completed').map(({ update, metrics }) => ({ update, ...(metrics as object) })),
    rows,
    'whole rows are events',
  );
  t.same(new Set(of('group.completed').map(({ update }) => update)), new Set([1, 2]));
  t.same(new Set(readLines(run, 'samples', 'rollouts.jsonl').map(({ update }) => update)), new Set([1]));
  t.match(of('run.started'), [{ updates: 2, seed: 42, evaluationProblems: 12, runDirectory: run }]);
  t.match(of('run.ended'), [{ reason: 'finished' }]);
  t.match(of('checkpoint.saved'), [{ update: 2, folder: join(run, 'checkpoints', 'update-000002') }]);
});

t.test('--dry-run shows every value with its source and writes nothing', async (t) => {
  const cwd = temporaryFolder(t);
  writeFileSync(join(cwd, 'own.json'), '{"seed": 9, "learner": {"beta": 0.1}}');
  const args = ['--dry-run', '--config=own.json', '--set', 'learner.beta=0.2', '--set=learner.delta=4'];
  const [table, json] = await Promise.all([
    cli([...args, '--updates=7'], { cwd }),
    cli([...args, '--json'], { cwd }),
  ]);
  t.equal(table.code, 0);
  t.match(table.stdout, /^seed +9 +file own\.json$/m);
  t.match(table.stdout, /^learner\.beta +0\.2 +--set$/m);
  t.match(table.stdout, /^learner\.delta +4 +--set$/m);
  t.match(table.stdout, /^updates +7 +--updates$/m);
  t.match(table.stdout, /^learner\.loss +"dapo" +default\n/m);
  t.notMatch(table.stdout, /\n\n$/);

  const [record, ...rest] = parseLines(json.stdout);
  t.same(rest, []);
  t.match(record, { type: 'config', config: { seed: 9, learner: { beta: 0.2 } } });
  writeFileSync(join(cwd, 'again.json'), JSON.stringify(record!.config));
  t.equal((await cli(['--dry-run', '--config=again.json'], { cwd })).code, 0, 'a configuration file itself');
  t.same(readdirSync(cwd).sort(), ['again.json', 'own.json']);
});

t.test('--quiet leaves the summary alone', async (t) => {
  const run = join(temporaryFolder(t), 'run');
  const { code, stdout, stderr } = await cli([...TINY, '--updates=0', '--quiet', `--run-dir=${run}`]);
  t.match({ code, stderr }, { code: 0, stderr: '' });
  t.match(stdout, /before and after 0 updates/);
  t.equal(readLines(run, 'samples', 'evaluation-000000.jsonl').length, 12, 'one evaluation, not two');
  t.notOk(existsSync(join(run, 'checkpoints', 'update-000000')), 'nothing learned, nothing written');
});

t.test('help and version are printed on stdout', async (t) => {
  t.same(await cli(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
  const helps = await Promise.all([['--help'], ['help'], ['pretrain', '--help']].map((args) => cli(args)));
  for (const { code, stdout, stderr } of helps) {
    t.match({ code, stderr }, { code: 0, stderr: '' });
    t.match(stdout, /^Usage: dialectic .*\n/);
    t.match(stdout, /--json +JSON lines/);
    t.notMatch(stdout, /\n\n$/);
  }
});

t.test('the shipped configurations run, from any folder and without a name for the run', async (t) => {
  const cwd = temporaryFolder(t);
  const config = (name: string) => `--config=${join(packageRoot, 'config', name)}`;
  const env = { NO_COLOR: '1' };
  const smoke = await cli([config('smoke.json')], { cwd, env });
  t.equal(smoke.code, 0, smoke.stderr);
  t.match(smoke.stdout, join('runs', 'nano-seed42-001'));
  const small = ['--updates=1', '--set=sampling.groupSize=8', '--set=data.evaluationProblems=4'];
  const strict = await cli([config('strict-grpo.json'), ...small], { cwd, env });
  t.equal(strict.code, 0, strict.stderr);
  t.same(readdirSync(join(cwd, 'runs')), ['nano-seed42-001', 'nano-seed42-002']);
  const [row] = readLines(cwd, 'runs', 'nano-seed42-002', 'metrics.jsonl');
  t.equal(row!.kl, 0, 'the reference policy is the policy before its first update');
});

t.test('a folder that holds anything is not run into', async (t) => {
  const cwd = temporaryFolder(t);
  mkdirSync(join(cwd, 'taken'));
  writeFileSync(join(cwd, 'taken', 'notes.txt'), 'mine');
  const { code, stdout, stderr } = await cli([...TINY, '--run-dir=taken'], { cwd });
  t.match({ code, stdout }, { code: 2, stdout: '' });
  t.match(stderr, /runDir .*taken is not empty \(it holds notes\.txt\).*name a new one\.\n$/);
  t.same(readdirSync(join(cwd, 'taken')), ['notes.txt']);
});

t.test('a reader that goes away ends no run', async (t) => {
  const run = join(temporaryFolder(t), 'run');
  const { child, finished, until } = startCli([...TINY, `--run-dir=${run}`]);
  await until(/evaluating \(before\) 0\/12/);
  child.stdout?.destroy();
  child.stderr?.destroy();
  t.equal((await finished).code, 0);
  t.ok(existsSync(join(run, 'summary.json')));
});
