/** The searcher between a dispatcher, samplers and a learner: what a task becomes, and that timing and actor counts change no tree. */
import t from 'tap';
import { createSamplerActor } from '../../../src/actors/sampler.js';
import { createScorer } from '../../../src/actors/scorer.js';
import { createSearcher } from '../../../src/actors/searcher.js';
import { type GroupCompleted, message } from '../../../src/protocol/index.js';
import { Random } from '../../../src/random.js';
import { taskAssign } from '../../../src/testing/messages.js';
import { until } from '../../../src/testing/settle.js';
import { makeSystem, spawnProbe } from '../../../src/testing/systems.js';
import { createSampler } from '../../kit/sampling.js';
import {
  bitsOfGroup,
  decodeWords,
  makeSearcher,
  onlyGroup,
  referenceTree,
  SAMPLING,
  STOP_TOKENS,
  scoreWords,
  treePlanOf,
} from '../../kit/searching.js';
import { nanoPolicy } from '../../kit/tiny-policies.js';

const SEED = Number(process.env.TEST_SEED ?? 1);

const reference = referenceTree();

t.test('a task becomes one tree, and the tree one group', async (t) => {
  const { learner, assign, serve, requests, eventsOf } = makeSearcher({
    keepTexts: (update) => update === 3,
  });
  assign({ taskId: 'a', update: 3, promptIndex: 1, groupSize: 12 });
  await serve();
  const group = onlyGroup(learner);
  t.ok(message.safeParse(group).success);
  t.match(group, {
    groupId: 'a',
    taskId: 'a',
    update: 3,
    promptIndex: 1,
    endsTask: true,
    role: 'forward',
    policyVersion: 4,
    problemId: 'p1',
    domain: 'math',
    rewardNames: ['answer', 'format'],
  });
  const { parents, advantages, pathWeights, texts } = group;
  t.ok(
    parents!.some((parent) => parent >= 0),
    'some segments are shared',
  );
  t.ok(advantages!.some((advantage) => advantage !== 0));
  const ends = [...pathWeights!].filter((_, i) => !parents!.includes(i));
  t.ok(Math.abs(ends.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-6);
  t.equal(texts!.length, group.lengths.length);

  t.equal(
    requests().reduce((sum, { sampleCount }) => sum + sampleCount, 0),
    12,
  );
  for (const request of requests())
    t.match(request, { purpose: 'rollout', update: 3, promptIndex: 1, topK: 12 });
  t.equal(new Set(requests().map(({ stream }) => stream)).size, requests().length, 'streams are unique');
  t.ok(requests()[0]!.sampleCount > 1, 'the first continuations of the prompt are one request');
  t.ok(requests().every(({ keepsCaches }) => keepsCaches));
  t.ok(requests().some(({ prefixTokens }) => prefixTokens!.length > 0));

  const expanded = eventsOf('tree.expanded');
  t.equal(expanded.length, requests().length);
  t.match(expanded[0], { taskId: 'a', depth: 0, visits: requests()[0]!.sampleCount });
  const [ended] = eventsOf('tree.ended');
  t.match(ended, {
    taskId: 'a',
    simulations: 12,
    metrics: { stop_rollouts: 1, error: 0, failed_requests: 0 },
  });
  const context = requests().reduce(
    (sum, { promptTokens, prefixTokens }) => sum + promptTokens.length + prefixTokens!.length,
    0,
  );
  t.match(ended!.metrics, { context_tokens: context, leaves: ends.length });
  t.equal(ended!.tokenCount, ended!.metrics.tokens);
});

t.test('the order of answers changes no bit of the tree', async (t) => {
  for (let seed = 0; seed < 5; seed++) {
    const random = new Random(SEED, 'order', seed);
    const made = makeSearcher();
    made.assign({ taskId: 'a', promptIndex: 0 });
    await made.serve((open) => random.integer(0, open.length - 1));
    t.equal(bitsOfGroup(onlyGroup(made.learner)), await reference, `seed ${SEED}, ${seed}`);
  }
});

t.test(
  'the reference answer is never in a prompt: prompts are the question and what was sampled',
  async (t) => {
    const made = makeSearcher();
    const sentinel = 'SENTINEL-42';
    const problem = { ...taskAssign().problem, answer: sentinel, keywords: [sentinel] };
    made.assign({ taskId: 'a', problem });
    await made.serve();
    const { promptTokens, tokens } = onlyGroup(made.learner);
    t.same(
      [...promptTokens],
      Array.from(problem.question, (letter) => letter.charCodeAt(0)),
    );
    const sampled = new Set(tokens);
    for (const request of made.requests()) {
      t.same(request.promptTokens, promptTokens);
      t.ok(request.prefixTokens!.every((token) => sampled.has(token)));
      t.notMatch(JSON.stringify(request), sentinel);
    }
  },
);

t.test('completions without an answer are endings without one, and counted', async (t) => {
  const made = makeSearcher({ decode: (tokens) => decodeWords(tokens).replaceAll('<answer>', '') });
  made.assign({ taskId: 'a' });
  await made.serve();
  t.match(made.eventsOf('tree.ended')[0]!.metrics, { untagged: 12, rollouts: 12 });
  t.equal(onlyGroup(made.learner).taskId, 'a');
});

// ---- with sampler actors that decode ----------------------------------------------------------------------------------

/** Runs `tasks` on real samplers; the groups in the order of their tasks. */
async function run(counts: { samplers: number; searchers: number; tasks: number }): Promise<string[]> {
  const { clock, system } = makeSystem();
  const policy = nanoPolicy(3);
  const samplers = Array.from({ length: counts.samplers }, (_, i) => `main/sampler-${i}`);
  for (const path of samplers) {
    const sampler = createSampler(policy, { slots: 8, capacity: 64, stopTokens: STOP_TOKENS });
    const { weights } = policy;
    system.spawn(path, createSamplerActor({ sampler, buffers: [weights, weights], seed: 7 }));
  }
  const learner = spawnProbe(system, 'main/learner');
  system.spawn('main/scorer', createScorer({ score: scoreWords }));
  for (let i = 0; i < counts.searchers; i++) {
    const openEdge = system.openEdge.bind(system);
    const create = createSearcher(
      {
        samplers,
        scorers: ['main/scorer'],
        sampling: SAMPLING,
        decode: decodeWords,
        clock,
        requestDeadlineMs: 1000,
        openEdge,
        warn: (source, detail) => system.emit({ type: 'warning', source, detail }),
      },
      {
        learner: 'main/learner',
        openEdge,
        planOf: treePlanOf,
        emit: system.emit.bind(system),
        keepTexts: () => false,
      },
    );
    system.spawn(`main/searcher-${i}`, create);
  }
  for (let i = 0; i < counts.tasks; i++) {
    const task = taskAssign({ taskId: `t${i}`, promptIndex: i, strategy: 'tree', groupSize: 8 });
    system.tell(`main/searcher-${i % counts.searchers}`, task);
  }
  await until('all groups', () => learner.length === counts.tasks);
  const groups = learner.filter((each): each is GroupCompleted => each.kind === 'group.completed');
  return groups.sort((a, b) => a.promptIndex - b.promptIndex).map(bitsOfGroup);
}

t.test('numbers of samplers and searchers change no bit of any tree', async (t) => {
  const expected = await run({ samplers: 1, searchers: 1, tasks: 3 });
  t.equal(expected.length, 3);
  t.equal(new Set(expected).size, 3);
  t.same(await run({ samplers: 2, searchers: 3, tasks: 3 }), expected);
  t.same(await run({ samplers: 1, searchers: 2, tasks: 3 }), expected);
});
