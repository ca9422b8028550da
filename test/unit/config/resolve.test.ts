/** Precedence, origins and complaints of a configuration put together from its parts. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type ConfigInputs, resolveConfig, resolveModelPath } from '../../../src/config/resolve.js';
import type { ConfigInput } from '../../../src/config/schema.js';
import { DialecticError } from '../../../src/errors.js';
import { packageRoot } from '../../kit/root.js';

function failure(inputs: ConfigInputs): DialecticError {
  try {
    resolveConfig(inputs);
  } catch (error) {
    if (error instanceof DialecticError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

t.test('without input every key has its default and says so', async (t) => {
  const { config, sources } = resolveConfig();
  t.equal(config.updates, 120);
  t.equal(sources['learner.beta'], 'default');
  t.ok(Object.values(sources).every((source) => source === 'default'));
});

t.test('a flag wins over --set, --set over the file, the file over the default', async (t) => {
  const file = join(t.testdir(), 'c.json');
  writeFileSync(file, '{"seed": 1, "updates": 1, "threads": 1, "learner": {"beta": 0.5}}');
  const { config, sources } = resolveConfig({
    file,
    sets: [
      ['updates', '2'],
      ['threads', '2'],
      ['threads', '3'],
    ],
    flags: [{ flag: '--updates', key: 'updates', text: '9' }],
  });
  t.match(config, { seed: 1, updates: 9, threads: 3, learner: { beta: 0.5, loss: 'dapo' } });
  t.match(sources, {
    seed: `file ${file}`,
    updates: '--updates',
    threads: '--set',
    'learner.beta': `file ${file}`,
    'learner.loss': 'default',
  });
});

t.test('--set values are JSON where the key takes it and text where it does not', async (t) => {
  const { config } = resolveConfig({
    sets: [
      ['model', '7'],
      ['learner.delta', 'null'],
      ['learner.loss', 'grpo'],
      ['learner.maskTruncated', 'false'],
      ['data.domains', '["math"]'],
      ['actors', '{"forward": 8, "scorer": 0}'],
      ['runDir', '"here"'],
    ],
  });
  t.match(config, {
    model: '7',
    runDir: 'here',
    learner: { delta: null, loss: 'grpo', maskTruncated: false },
    data: { domains: ['math'] },
    actors: { forward: 8, sampler: 2, scorer: 0 },
  });
});

t.test('all problems are listed at once with key, value, origin, expectation and nearest key', async (t) => {
  const file = join(t.testdir(), 'c.json');
  writeFileSync(file, '{\n  "learner": {\n    "betta": 0.1,\n    "loss": "dapoo"\n  }\n}');
  const error = failure({
    file,
    sets: [
      ['updates', 'many'],
      ['sampling.topP', '0'],
    ],
    flags: [{ flag: '--actors', key: 'actors.froward', text: '4' }],
  });
  t.equal(error.code, 'CONFIG');
  t.equal(error.exitCode, 2);
  t.equal(
    error.message,
    [
      '5 problems in the configuration, nothing was written:',
      `  learner.betta = 0.1 (from ${file}:3): unknown key; did you mean learner.beta?`,
      '  actors.froward = 4 (from --actors): unknown key; did you mean actors.forward?',
      '  updates = "many" (from --set): expected an integer from 0 to 1000000.',
      '  sampling.topP = 0 (from --set): expected a number above 0 and at most 1.',
      `  learner.loss = "dapoo" (from ${file}:4): expected one of dapo, grpo, dr_grpo, bnpo, gspo, cispo (did you mean dapo?).`,
    ].join('\n'),
  );
});

t.test('words that are refused for a reason give the reason', async (t) => {
  t.match(failure({ sets: [['learner.klEstimator', 'k1']] }).message, /zero expected gradient/);
  t.match(failure({ sets: [['device', 'cuda']] }).message, /later version/);
});

t.test('an impossible combination names its keys, values and origins', async (t) => {
  t.equal(
    failure({ sets: [['learner.delta', '1.1']] }).message,
    'One problem in the configuration, nothing was written:\n' +
      '  learner.delta = 1.1 (from --set) with learner.epsilonHigh = 0.28 (from default): the two-sided clip must lie above 1 + epsilonHigh = 1.28, or it would undo the upper clip.',
  );
});

t.test('a section is no value and a value is no section', async (t) => {
  t.match(failure({ sets: [['learner', '5']] }).message, /learner = 5 .*is a section/);
  t.match(failure({ sets: [['seed.x', '5']] }).message, /seed takes a single value/);
  const file = join(t.testdir(), 'c.json');
  writeFileSync(file, '{"seed": {"x": 1}, "learner": null}');
  const { message } = failure({ file });
  t.match(message, /seed\.x = 1/);
  t.match(message, /learner = null .*is a section/);
});

t.test('sections may hold sections, in a file and by --set', async (t) => {
  const file = join(t.testdir(), 'c.json');
  writeFileSync(
    file,
    '{"rewards": {"judge": {"url": "http://localhost:1/v1", "model": "m"}, "format": 0.2}}',
  );
  const { config, sources } = resolveConfig({
    file,
    sets: [
      ['rewards.judge.maxConcurrent', '2'],
      ['rewards.tunix', '{"checkAnswer": 0.5}'],
    ],
  });
  t.match(config.rewards, {
    format: 0.2,
    judge: { url: 'http://localhost:1/v1', model: 'm', maxConcurrent: 2, keyVariable: null },
    tunix: { checkAnswer: 0.5, checkNumbers: 0 },
  });
  t.equal(sources['rewards.judge.url'], `file ${file}`);
  t.equal(sources['rewards.tunix.checkAnswer'], '--set');
  t.match(failure({ sets: [['rewards.judge', '5']] }).message, /rewards\.judge = 5 .*is a section/);
  t.match(
    failure({ sets: [['rewards.tunix.somethingElse', '1']] }).message,
    /rewards\.tunix has matchFormatExactly/,
  );
});

t.test('a key that was put where its variable or the endpoint belongs is not shown', async (t) => {
  const { message } = failure({
    sets: [
      ['rewards.judge.keyVariable', 'sk-secret-1'],
      ['rewards.judge.url', 'https://sk-secret-2@example.org'],
    ],
  });
  t.match(
    message,
    /rewards\.judge\.keyVariable \(from --set\): expected the name of an environment variable/,
  );
  t.match(message, /rewards\.judge\.url \(from --set\): expected the base/);
  t.notMatch(message, /secret/);
});

t.test('an unknown key of a known section lists what the section has', async (t) => {
  t.match(failure({ sets: [['checkpoint.resumption', '1']] }).message, /checkpoint has onExit\./);
  t.match(failure({ sets: [['tensorboard', '1']] }).message, /--dry-run lists all keys/);
});

t.test('no input can reach a prototype', async (t) => {
  const file = join(t.testdir(), 'c.json');
  writeFileSync(file, '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}');
  t.match(failure({ file }).message, /__proto__\.polluted = 1/);
  failure({ sets: [['__proto__.polluted', '1']] });
  failure({ sets: [['learner.__proto__.polluted', '1']] });
  failure({ sets: [['learner', '{"__proto__": {"polluted": 1}}']] });
  t.equal(({} as Record<string, unknown>).polluted, undefined);
});

t.test('the result cannot be changed', async (t) => {
  const { config } = resolveConfig();
  t.throws(() => Object.assign(config.learner, { beta: 1 }), TypeError);
  t.throws(() => config.data.domains.push('math'), TypeError);
});

t.test('a file that cannot be read is a usage error with its path', async (t) => {
  const error = failure({ file: join(t.testdir(), 'absent.json') });
  t.equal(error.exitCode, 2);
  t.match(error.message, /absent\.json: cannot be read \(ENOENT/);
});

t.test('every configuration that the package ships resolves', async (t) => {
  const files = readdirSync(join(packageRoot, 'config')).filter((name) => name.endsWith('.json'));
  t.ok(files.length >= 2);
  for (const name of files) t.ok(resolveConfig({ file: join(packageRoot, 'config', name) }), name);
});

t.test('the model is looked up in the working directory first and in the package second', async (t) => {
  const here = t.testdir({ mine: {}, both: {}, package: { both: {}, shipped: {} } });
  const there = join(here, 'package');
  t.equal(resolveModelPath('mine', here, there), join(here, 'mine'));
  t.equal(resolveModelPath('both', here, there), join(here, 'both'));
  t.equal(resolveModelPath('shipped', here, there), join(there, 'shipped'));
  try {
    resolveModelPath('absent', here, there);
    t.fail('an absent model was accepted');
  } catch (error) {
    t.equal((error as DialecticError).exitCode, 3);
    t.match((error as Error).message, join(here, 'absent'));
    t.match((error as Error).message, join(there, 'absent'));
  }
});

t.test('settings of an object are checked as those of a file are, and named as such', async (t) => {
  const { config, sources } = resolveConfig({
    object: {
      updates: 3,
      learner: { beta: 0.5 },
      data: { domains: ['math'] },
      rewards: {},
      runDir: undefined,
    },
  });
  t.match(config, {
    updates: 3,
    learner: { beta: 0.5, loss: 'dapo' },
    data: { domains: ['math'] },
    runDir: null,
  });
  t.match(sources, { updates: 'config', 'learner.beta': 'config', 'learner.loss': 'default' });
  const circle: Record<string, unknown> = {};
  circle.again = circle;
  const cases: [object: unknown, says: RegExp][] = [
    [{ updates: -1 }, /updates = -1 \(from config\): expected an integer from 0/],
    [{ lerner: { beta: 1 } }, /lerner\.beta = 1 \(from config\): unknown key; did you mean learner\.beta\?/],
    [{ learner: 5 }, /learner = 5 \(from config\): is a section, expected an object/],
    [{ learner: null }, /learner = null \(from config\): is a section/],
    [{ seed: { a: 1 } }, /seed = \{ a: 1 \} \(from config\): expected an integer/],
    [{ seed: 5n }, /seed = 5n \(from config\): expected an integer/],
    [{ circle }, /circle\.again\.again\.again = .* \(from config\): unknown key/],
    [JSON.parse('{"__proto__": {"updates": 1}}'), /__proto__\.updates = 1 \(from config\): unknown key/],
    [[], /config: expected an object, got \[\]/],
    [null, /config: expected an object, got null/],
    [
      { learner: { delta: 1.1 } },
      /learner\.delta = 1\.1 \(from config\) with learner\.epsilonHigh = 0\.28 \(from default\)/,
    ],
  ];
  for (const [object, message] of cases)
    t.throws(() => resolveConfig({ object: object as ConfigInput }), { code: 'CONFIG', message });
});
