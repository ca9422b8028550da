/** The forward role between a dispatcher, samplers and a learner that are probes. */
import t from 'tap';
import { createForwardRole } from '../../../src/actors/forward.js';
import type { SoloRoleOptions } from '../../../src/actors/role.js';
import type {
  CompletionsRequest,
  Message,
  Rewards,
  ScoringItem,
  TaskAssign,
} from '../../../src/protocol/index.js';
import { DialecticError } from '../../../src/protocol/index.js';
import { createScorerPool } from '../../../src/rewards/pool.js';
import { scoreBatch } from '../../../src/rewards/rewards.js';
import { completionsSampled, taskAssign } from '../../kit/messages.js';
import { settle, until } from '../../kit/settle.js';
import { makeSystem, spawnProbe } from '../../kit/systems.js';

const SAMPLERS = ['main/sampler-0', 'main/sampler-1'];
const SAMPLING = { maxTokens: 9, temperature: 0.7, topK: 5, topP: 0.8 };

function makeRole(change: Partial<SoloRoleOptions> = {}) {
  const { clock, system, events } = makeSystem();
  const [first, second] = SAMPLERS.map((path) => spawnProbe(system, path)) as [Message[], Message[]];
  const learner = spawnProbe(system, 'main/learner');
  const texts: string[] = [];
  const role = createForwardRole({
    samplers: SAMPLERS,
    learner: 'main/learner',
    sampling: SAMPLING,
    encodePrompt: () => Int32Array.of(1, 2, 3),
    decode: (tokens) => `<answer>${tokens.length}</answer>`,
    score: async (batch) => {
      texts.push(...batch.map(({ completion, answer }) => `${completion} for ${answer}`));
      return scoreBatch(batch);
    },
    openEdge: (edge) => system.openEdge(edge),
    keepTexts: (update) => update === 3,
    ...change,
  });
  system.spawn('main/forward', role);
  const assign = (task: Partial<TaskAssign>) => system.tell('main/forward', taskAssign(task));
  const sampled = (requestId: string) =>
    system.tell('main/forward', completionsSampled({ requestId, policyVersion: 4 }));
  return { clock, system, events, first, second, learner, texts, assign, sampled };
}

const requestsOf = (messages: readonly Message[]) =>
  messages.filter((message): message is CompletionsRequest => message.kind === 'completions.request');

t.test('a task becomes one request, and its completions one scored group', async (t) => {
  const { first, second, learner, texts, assign, sampled } = makeRole();
  assign({ taskId: 'a', update: 3, promptIndex: 5, groupSize: 2 });
  await settle();
  t.same(first, [], "the prompt's place chooses the sampler");
  const [request] = requestsOf(second);
  t.match(request, { purpose: 'rollout', update: 3, promptIndex: 5, sampleCount: 2, ...SAMPLING });
  t.same(request!.promptTokens, Int32Array.of(1, 2, 3));
  t.notMatch(JSON.stringify(request), 'arithmetic', 'nothing of the problem but its prompt');

  sampled(request!.requestId);
  await settle();
  t.same(texts, ['<answer>3</answer> for 2', '<answer>2</answer> for 2']);
  t.match(learner, [
    {
      kind: 'group.completed',
      groupId: 'a',
      taskId: 'a',
      update: 3,
      promptIndex: 5,
      problemId: 'p1',
      domain: 'math',
      policyVersion: 4,
      rewardNames: ['answer', 'format'],
      texts: ['<answer>3</answer>', '<answer>2</answer>'],
    },
  ]);
  const [group] = learner as [Extract<Message, { kind: 'group.completed' }>];
  t.same([...group.rewards], [0, 1, 0.25, 0.25]);
  t.same([...group.scored], [1, 1]);
  t.same(group.promptTokens, Int32Array.of(1, 2, 3));
});

t.test('a scorer gets all that is known of the problem, its constraints too', async (t) => {
  const seen: unknown[] = [];
  const score = async (batch: readonly ScoringItem[]): Promise<Rewards> => {
    seen.push(...batch);
    return scoreBatch(batch);
  };
  const { first, assign, sampled } = makeRole({ score });
  const { id: _id, family: _family, ...known } = taskAssign().problem;
  const open = { keywords: ['sea'], constraints: { requiredKeywords: ['sea'], minWords: 2, maxWords: 9 } };
  assign({ problem: { ...taskAssign().problem, ...open } });
  await settle();
  sampled(requestsOf(first)[0]!.requestId);
  await settle();
  t.same(seen, [
    { ...known, ...open, completion: '<answer>3</answer>' },
    { ...known, ...open, completion: '<answer>2</answer>' },
  ]);
});

t.test('texts travel only when a sample file wants them', async (t) => {
  const { first, learner, assign, sampled } = makeRole();
  assign({ update: 4, promptIndex: 0 });
  await settle();
  sampled(requestsOf(first)[0]!.requestId);
  await settle();
  t.equal(learner.length, 1);
  t.notOk('texts' in learner[0]!);
});

t.test('rewards that are not finite travel as they are, marked as not scored', async (t) => {
  const score = async (): Promise<Rewards> =>
    scoreBatch(
      [
        { completion: 'x', answer: '1' },
        { completion: 'y', answer: '1' },
      ],
      [{ name: 'answer', weight: 1, kind: 'outcome', score: () => [Number.NaN, 1] }],
    );
  const { first, learner, assign, sampled } = makeRole({ score });
  assign({});
  await settle();
  sampled(requestsOf(first)[0]!.requestId);
  await settle();
  const [group] = learner as [Extract<Message, { kind: 'group.completed' }>];
  t.same([...group.scored], [0, 1]);
  t.ok(Number.isNaN(group.rewards[0]));
});

t.test('a scorer that hangs gives a group that is not scored, after its deadline', async (t) => {
  const workerUrl = new URL('../rewards/misbehaving-worker.js', import.meta.url);
  const pool = createScorerPool({ threads: 1, deadlineMs: 100, workerUrl });
  t.teardown(() => pool.close());
  await pool.ready();
  const { first, learner, assign, sampled } = makeRole({
    decode: () => 'hang',
    score: (batch) => pool.score(batch),
  });
  assign({});
  await settle();
  sampled(requestsOf(first)[0]!.requestId);
  await until('the group', () => learner.length === 1);
  const [group] = learner as [Extract<Message, { kind: 'group.completed' }>];
  t.same([...group.scored], [0, 0]);
  t.equal(pool.counts().deadline, 1);
});

t.test('every way to lose a task is told to the learner once, with the reason', async (t) => {
  const fail = (): never => {
    throw new DialecticError('DATA', 'the prompt is too long');
  };
  const ways: Record<string, [Partial<SoloRoleOptions>, string, RegExp]> = {
    'a prompt that cannot be encoded': [{ encodePrompt: fail }, 'sampler_error', /the prompt is too long/],
    'a scorer that rejects': [{ score: async () => fail() }, 'scorer_error', /the prompt is too long/],
    'no sampler at all': [{ samplers: [] }, 'sampler_error', /no sampler is left/],
  };
  for (const [name, [change, reason, detail]] of Object.entries(ways)) {
    const { first, learner, assign, sampled } = makeRole(change);
    assign({ taskId: 'a', promptIndex: 2 });
    await settle();
    for (const { requestId } of requestsOf(first)) sampled(requestId);
    await settle();
    t.match(learner, [{ kind: 'group.cancelled', taskId: 'a', promptIndex: 2, reason, detail }], name);
    t.equal(learner.length, 1);
  }
});

t.test('a failed request and the end of a sampler cost their own tasks only', async (t) => {
  const { system, first, second, learner, assign, sampled } = makeRole();
  for (let promptIndex = 0; promptIndex < 4; promptIndex++)
    assign({ taskId: `t${promptIndex}`, promptIndex });
  await settle();
  const [failed] = requestsOf(first);
  system.tell('main/forward', {
    kind: 'completions.failed',
    requestId: failed!.requestId,
    detail: 'no memory',
  });
  await system.stop('main/sampler-1');
  await settle();
  t.match(learner, [
    { taskId: 't0', reason: 'sampler_error', detail: 'no memory' },
    { taskId: 't1', reason: 'sampler_error', detail: 'main/sampler-1 ended: normal' },
    { taskId: 't3', reason: 'sampler_error' },
  ]);
  sampled(requestsOf(first)[1]!.requestId);
  for (const { requestId } of requestsOf(second)) sampled(requestId);
  assign({ taskId: 't5', promptIndex: 5 });
  await settle();
  t.match(learner[3], { kind: 'group.completed', taskId: 't2' });
  t.equal(learner.length, 4, 'completions of cancelled tasks are not told again');
  t.match(requestsOf(first)[2], { promptIndex: 5 }, 'the sampler that is left takes all');
});

t.test('after a failure the next incarnation takes new tasks', async (t) => {
  let isBroken = true;
  const decode = (): string => {
    if (isBroken) throw new Error('out of order');
    return '';
  };
  const { clock, first, learner, assign, sampled } = makeRole({ decode });
  assign({ taskId: 'a' });
  await settle();
  sampled(requestsOf(first)[0]!.requestId);
  await settle();
  isBroken = false;
  assign({ taskId: 'b' });
  clock.advance(1000);
  await settle();
  sampled(requestsOf(first)[1]!.requestId);
  await settle();
  t.match(learner, [{ kind: 'group.completed', taskId: 'b' }]);
  t.equal(learner.length, 1);
  t.not(requestsOf(first)[0]!.requestId, requestsOf(first)[1]!.requestId);
});

t.test(
  'an actor that ends gives its tasks back to whoever gave them, and tells the learner nothing',
  async (t) => {
    const fail = (): never => {
      throw new DialecticError('DATA', 'the prompt is too long');
    };
    const { system, first, learner, assign, sampled } = makeRole({ decode: fail });
    const dispatcher = spawnProbe(system, 'main/system'); // whom a test's messages come from
    assign({ taskId: 'a', promptIndex: 2, update: 3 });
    await settle();
    for (const { requestId } of requestsOf(first)) sampled(requestId);
    await settle();
    const detail = /main\/forward ended: error/;
    t.match(dispatcher, [{ kind: 'task.returned', taskId: 'a', update: 3, promptIndex: 2, detail }]);
    t.same(learner, []);
  },
);
