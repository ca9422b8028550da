/** The schema: its defaults, and what it refuses. */

import t from 'tap';
import { KEYS } from '../../../src/config/keys.js';
import { refusals } from '../../../src/config/refusals.js';
import { type Config, configSchema } from '../../../src/config/schema.js';
import { DOMAINS } from '../../../src/protocol/index.js';

/** The default configuration with some sections changed. */
function changed(change: (config: Config) => void): Config {
  const config = configSchema.parse({});
  change(config);
  return config;
}

t.test('the defaults alone are a sound configuration', async (t) => {
  const config = configSchema.parse({});
  t.same(refusals(config), []);
  t.equal(config.model, 'models/nano');
  t.equal(config.seed, 42);
  t.equal(config.updates, 120);
  t.equal(config.learner.loss, 'dapo');
  t.equal(config.strategy, 'forward');
  t.same(config.actors, {
    forward: 4,
    backward: 4,
    skeptic: 2,
    synthesizer: 2,
    moderator: 4,
    searcher: 4,
    sampler: 2,
    scorer: 1,
  });
  t.same(config.debate, { maxRounds: 1 });
  t.equal(config.search.workers, 4);
  t.equal(config.sampling.maxPromptTokens, 232);
  t.equal(config.sampling.maxCompletionTokens, 280);
  t.equal(config.evaluation.maxCompletionTokens, 280);
  t.same(config.data.domains, DOMAINS);
});

t.test('every key has a description', async (t) => {
  t.ok(KEYS.size > 40);
  for (const [key, { description }] of KEYS) t.ok(description.length > 10, key);
});

t.test('every default passes the check of its own key', async (t) => {
  for (const [key, { defaultValue, schema }] of KEYS) t.ok(schema.safeParse(defaultValue).success, key);
});

t.test('an unknown key is refused at every level', async (t) => {
  t.notOk(configSchema.safeParse({ sed: 1 }).success);
  t.notOk(configSchema.safeParse({ learner: { bta: 1 } }).success);
});

t.test('values at the edge of their range are taken and those beyond are not', async (t) => {
  const inRange: [string, unknown[], unknown[]][] = [
    ['updates', [0, 1e6], [-1, 1e6 + 1, 1.5, '3', Number.NaN]],
    ['actors.forward', [1, 64], [0, 65]],
    ['actors.scorer', [0, 64], [-1, 65]],
    ['actors.moderator', [1, 64], [0, 65]],
    ['strategy', ['forward', 'backward', 'debate', 'tree', 'anneal'], ['mcts', '', null]],
    ['debate.maxRounds', [1, 16], [0, 17]],
    ['sampling.topP', [0.01, 1], [0, 1.01]],
    ['sampling.temperature', [0.01], [0, -1, Number.POSITIVE_INFINITY]],
    ['learner.adamBeta2', [0, 0.9999], [1]],
    ['learner.delta', [null, 1.5], [1, 0, '2']],
    ['rewards.answer', [0, 0.01], [-1]],
    ['rewards.tunix.checkAnswer', [0, 1], [-1, '1']],
    ['rewards.tunixMended', [true, false], [1]],
    [
      'rewards.judge.url',
      [null, 'http://localhost:8000/v1', 'https://example.org'],
      ['', 'localhost', 'ftp://x', 'http://user:key@x', 'http://x/?key=1', 'http://x/#k', 'javascript:1', 3],
    ],
    ['rewards.judge.keyVariable', [null, 'JUDGE_KEY'], ['', 'sk-123', 'judge', 'A B', 'A'.repeat(65)]],
    ['rewards.judge.weight', [0.1], [0]],
    ['rewards.sandbox.weight', [0, 1], [-1]],
    ['rewards.sandbox.timeoutMs', [1, 60_000], [0, 60_001]],
    ['learner.klEstimator', ['k2', 'k3'], ['k1', 'k4']],
    ['device', ['auto', 'cpu', 'tfjs'], ['webgpu', 'cuda', 'gpu']],
    ['data.domains', [['math']], [[], ['math', 'math'], ['maths'], 'math']],
    ['runDir', [null, 'x'], ['', 3]],
  ];
  for (const [key, good, bad] of inRange) {
    const { schema } = KEYS.get(key)!;
    for (const value of good) t.ok(schema.safeParse(value).success, `${key} takes ${value}`);
    for (const value of bad) t.notOk(schema.safeParse(value).success, `${key} refuses ${value}`);
  }
});

t.test('combinations that cannot work are refused with the keys at fault', async (t) => {
  const cases: [string, string[], (config: Config) => void][] = [
    ['a group of one', ['sampling.groupSize'], (c) => Object.assign(c.sampling, { groupSize: 1 })],
    ['one token to choose from', ['sampling.topK'], (c) => Object.assign(c.sampling, { topK: 1 })],
    [
      'a two-sided clip at the upper clip',
      ['learner.delta', 'learner.epsilonHigh'],
      (c) => Object.assign(c.learner, { delta: 1.28 }),
    ],
    [
      'a two-sided clip with cispo',
      ['learner.delta', 'learner.loss'],
      (c) => Object.assign(c.learner, { delta: 4, loss: 'cispo' }),
    ],
    ['no outcome', ['rewards.answer'], (c) => Object.assign(c.rewards, { answer: 0 })],
    [
      'a judge without a model',
      ['rewards.judge.url', 'rewards.judge.model'],
      (c) => Object.assign(c.rewards.judge, { url: 'http://localhost:1/v1' }),
    ],
    [
      'a judge without an endpoint',
      ['rewards.judge.url', 'rewards.judge.model'],
      (c) => Object.assign(c.rewards.judge, { model: 'm' }),
    ],
    [
      'programs without a thread that can be ended',
      ['rewards.sandbox.weight', 'actors.scorer'],
      (c) => {
        c.rewards.sandbox.weight = 1;
        c.actors.scorer = 0;
      },
    ],
    [
      'shuffled rewards with advantages of trees',
      ['learner.shuffleRewards', 'strategy'],
      (c) => {
        c.learner.shuffleRewards = true;
        c.strategy = 'anneal';
      },
    ],
    [
      'a micro-batch smaller than one sequence',
      ['learner.tokensPerMicroBatch', 'sampling.maxCompletionTokens'],
      (c) => Object.assign(c.learner, { tokensPerMicroBatch: 112 }),
    ],
  ];
  for (const [name, keys, change] of cases) {
    const found = refusals(changed(change));
    t.same(
      found.map((refusal) => refusal.keys),
      [keys],
      name,
    );
    t.ok(found[0]!.reason.length > 30, `${name} says why`);
  }
});

t.test('the neighbours of refused combinations are allowed', async (t) => {
  t.same(refusals(changed((c) => Object.assign(c.sampling, { groupSize: 2, topK: 2 }))), []);
  t.same(refusals(changed((c) => Object.assign(c.learner, { delta: 1.29 }))), []);
  t.same(
    refusals(
      changed((c) => Object.assign(c.learner, { tokensPerMicroBatch: c.sampling.maxCompletionTokens + 1 })),
    ),
    [],
  );
  t.same(refusals(changed((c) => Object.assign(c.rewards, { format: 0 }))), []);
  t.same(
    refusals(
      changed((c) => {
        c.learner.shuffleRewards = true;
        c.strategy = 'debate';
      }),
    ),
    [],
  );
  t.same(
    refusals(
      changed((c) => {
        c.rewards.answer = 0;
        c.rewards.sandbox.weight = 1;
      }),
    ),
    [],
  );
});
