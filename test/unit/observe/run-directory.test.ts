/** The folder of a run. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { resolveConfig } from '../../../src/config/resolve.js';
import { createRunDirectory, type RunIdentity } from '../../../src/observe/run-directory.js';

function identity(workingDirectory: string, ...sets: [string, string][]): RunIdentity {
  const { config, sources } = resolveConfig({ sets });
  return {
    config,
    sources,
    argv: ['--updates', '3'],
    versions: { dialectic: '0.1.0' },
    startedAt: new Date(0),
    workingDirectory,
  };
}

function json(...path: string[]): unknown {
  return JSON.parse(readFileSync(join(...path), 'utf8'));
}

t.test('a new run has its configuration, its origins, its machine and its logs', async (t) => {
  const here = t.testdir();
  const run = createRunDirectory(identity(here, ['learner.beta', '0.5']));
  t.equal(run.path, join(here, 'runs', 'nano-seed42-001'));
  t.same(readdirSync(run.path).sort(), [
    'checkpoints',
    'config-sources.json',
    'config.json',
    'events.jsonl',
    'metrics.jsonl',
    'run.json',
    'samples',
  ]);
  t.match(json(run.path, 'config.json'), { learner: { beta: 0.5 } });
  t.match(json(run.path, 'config-sources.json'), { 'learner.beta': '--set' });
  t.match(json(run.path, 'run.json'), {
    layoutVersion: 1,
    name: 'nano-seed42-001',
    startedAt: '1970-01-01T00:00:00.000Z',
    argv: ['--updates', '3'],
    seed: 42,
    versions: { dialectic: '0.1.0' },
    machine: { platform: process.platform, cpuCount: Number },
  });
  run.metrics.write({ update: 1 });
  run.close();
  t.same(json(run.path, 'metrics.jsonl'), { update: 1 });
});

t.test('the written configuration starts the same run again', async (t) => {
  const run = createRunDirectory(identity(t.testdir(), ['learner.loss', 'gspo']));
  run.close();
  const again = resolveConfig({ file: join(run.path, 'config.json') }).config;
  t.same(again, resolveConfig({ sets: [['learner.loss', 'gspo']] }).config);
});

t.test('every run gets a folder of its own', async (t) => {
  const here = t.testdir();
  const names = [1, 2, 3].map(() => {
    const run = createRunDirectory(identity(here));
    run.close();
    return run.name;
  });
  t.same(names, ['nano-seed42-001', 'nano-seed42-002', 'nano-seed42-003']);
});

t.test('a folder the user names is created, or taken if empty, or refused untouched', async (t) => {
  const here = t.testdir({ empty: {}, taken: { 'notes.txt': 'mine' } });
  for (const name of ['new/deep', 'empty']) {
    const run = createRunDirectory(identity(here, ['runDir', name]));
    t.equal(run.path, join(here, name));
    run.close();
  }
  t.throws(() => createRunDirectory(identity(here, ['runDir', 'taken'])), {
    code: 'CONFIG',
    exitCode: 2,
    message: /taken is not empty \(it holds notes\.txt\)/,
  });
  t.same(readdirSync(join(here, 'taken')), ['notes.txt']);
});

t.test('a place where no folder can be is a usage error with its path', async (t) => {
  const here = t.testdir({ file: 'x' });
  t.throws(() => createRunDirectory(identity(here, ['runDir', 'file/run'])), {
    exitCode: 2,
    message: /file\/run/,
  });
  writeFileSync(join(here, 'runs'), 'x');
  t.throws(() => createRunDirectory(identity(here)), { exitCode: 2, message: /runs cannot be created/ });
});

t.test('a model path makes a plain folder name', async (t) => {
  const run = createRunDirectory(identity(t.testdir(), ['model', '../a b/..evil name/']));
  run.close();
  t.equal(run.name, 'evil-name-seed42-001');
});

t.test('checkpoints have a place, which the caller creates', async (t) => {
  const run = createRunDirectory(identity(t.testdir()));
  run.close();
  t.equal(run.checkpointPath(120), join(run.path, 'checkpoints', 'update-000120'));
  t.notOk(existsSync(run.checkpointPath(120)));
});
