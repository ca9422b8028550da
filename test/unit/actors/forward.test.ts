/** The forward actor between a dispatcher, samplers and a learner that are probes. */
import t from 'tap';
import { createForward } from '../../../src/actors/forward.js';
import { createScorer } from '../../../src/actors/scorer.js';
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
import { SamplesPlan } from '../../../src/rollout/samples-plan.js';
import type { TaskPlan } from '../../../src/rollout/task-runner.js';
import { completionsSampled, taskAssign } from '../../../src/testing/messages.js';
import { settle, until } from '../../../src/testing/settle.js';
import { makeSystem, spawnProbe } from '../../../src/testing/systems.js';

const SAMPLERS = ['main/sampler-0', 'main/sampler-1'];
const SAMPLING = { maxTokens: 9, temperature: 0.7, topK: 5, topP: 0.8 };

interface Change {
  readonly samplers?: readonly string[];
  readonly encodePrompt?: () => Int32Array;
  readonly decode?: (tokens: Int32Array) => string;
  readonly score?: (batch: readonly ScoringItem[]) => Promise<Rewards>;
}

function makeForward(change: Change = {}) {
  const { clock, system, events } = makeSystem();
  const [first, second] = SAMPLERS.map((path) => spawnProbe(system, path)) as [Message[], Message[]];
  const learner = spawnProbe(system, 'main/learner');
  const texts: string[] = [];
  const score = async (batch: readonly ScoringItem[]): Promise<Rewards> => {
    texts.push(...batch.map(({ completion, answer }) => `${completion} for ${answer}`));
    return scoreBatch(batch);
  };
  system.spawn('main/scorer', createScorer({ score: change.score ?? score }));
  const encodePrompt = change.encodePrompt ?? (() => Int32Array.of(1, 2, 3));
  const openEdge = system.openEdge.bind(system);
  const forward = createForward(
    {
      samplers: change.samplers ?? SAMPLERS,
      scorers: ['main/scorer'],
      sampling: SAMPLING,
      decode: change.decode ?? ((tokens) => `<answer>${tokens.length}</answer>`),
      clock,
      requestDeadlineMs: 5000,
      openEdge,
      warn: (source, detail) => system.emit({ type: 'warning', source, detail }),
    },
    {
      learner: 'main/learner',
      openEdge,
      planOf: ({ groupSize }: TaskAssign): TaskPlan => ({
        plan: new SamplesPlan({
          role: 'forward',
          promptTokens: encodePrompt(),
          samples: groupSize,
          samplesPerRequest: groupSize,
          firstStream: 0,
          budget: Number.POSITIVE_INFINITY,
          maxTokens: SAMPLING.maxTokens,
          atOnce: 1,
        }),
      }),
      emit: system.emit.bind(system),
      keepTexts: (update) => update === 3,
    },
  );
  system.spawn('main/forward', forward);
  const assign = (task: Partial<TaskAssign>) => system.tell('main/forward', taskAssign(task));
  const sampled = (requestId: string) =>
    system.tell('main/forward', completionsSampled({ requestId, policyVersion: 4 }));
  return { clock, system, events, first, second, learner, texts, assign, sampled };
}

const requestsOf = (messages: readonly Message[]) =>
  messages.filter((message): message is CompletionsRequest => message.kind === 'completions.request');

t.test('a task becomes one request, and its completions one scored group', async (t) => {
  const { first, second, learner, texts, assign, sampled } = makeForward();
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
  const { first, assign, sampled } = makeForward({ score });
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
  const { first, learner, assign, sampled } = makeForward();
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
  const { first, learner, assign, sampled } = makeForward({ score });
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
  const { first, learner, assign, sampled } = makeForward({
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
  const ways: Record<string, [Change, string, RegExp]> = {
    'a prompt that cannot be encoded': [{ encodePrompt: fail }, 'sampler_error', /the prompt is too long/],
    'a scorer that rejects': [{ score: async () => fail() }, 'scorer_error', /the prompt is too long/],
    'a prompt that no sampler could take': [
      { encodePrompt: () => new Int32Array(0) },
      'sampler_error',
      /malformed at promptTokens: expected at least one prompt token/,
    ],
    'a scorer that leaves one out': [
      { score: async (batch) => scoreBatch(batch.slice(1)) },
      'scorer_error',
      /^a scorer scored 1 of 2 texts$/,
    ],
    'no sampler at all': [{ samplers: [] }, 'sampler_error', /no sampler is left/],
  };
  for (const [name, [change, reason, detail]] of Object.entries(ways)) {
    const { first, learner, assign, sampled } = makeForward(change);
    assign({ taskId: 'a', promptIndex: 2 });
    await settle();
    for (const { requestId } of requestsOf(first)) sampled(requestId);
    await settle();
    t.match(learner, [{ kind: 'group.cancelled', taskId: 'a', promptIndex: 2, reason, detail }], name);
    t.equal(learner.length, 1);
  }
});

t.test(
  'a failed request and the requests of a sampler that ends are made once more, elsewhere',
  async (t) => {
    const { system, first, second, learner, assign, sampled } = makeForward();
    for (let promptIndex = 0; promptIndex < 4; promptIndex++)
      assign({ taskId: `t${promptIndex}`, promptIndex });
    await settle();
    const [failed, kept] = requestsOf(first);
    const fails = (requestId: string) =>
      system.tell('main/forward', { kind: 'completions.failed', requestId, detail: 'no memory' });
    fails(failed!.requestId);
    await settle();
    const again = requestsOf(second).at(-1)!;
    const numbers = ({ requestId: _, ...request }: CompletionsRequest) => request;
    t.same(numbers(again), numbers(failed!), 'the same numbers, so the same completions');
    t.not(again.requestId, failed!.requestId);

    await system.stop('main/sampler-1');
    await settle();
    t.same(
      requestsOf(first).map(({ promptIndex }) => promptIndex),
      [0, 2, 1, 3],
      'what the other sampler held; task 0 has failed there and here',
    );
    t.match(learner, [
      {
        kind: 'group.cancelled',
        taskId: 't0',
        reason: 'sampler_error',
        detail: /failed twice: main\/sampler-1 ended: normal/,
      },
    ]);
    sampled(kept!.requestId);
    for (const { requestId } of requestsOf(first).slice(2)) sampled(requestId);
    for (const { requestId } of requestsOf(second)) sampled(requestId);
    assign({ taskId: 't5', promptIndex: 5 });
    await settle();
    t.match(
      learner.slice(1).map((each) => [each.kind, 'taskId' in each && each.taskId]),
      [
        ['group.completed', 't2'],
        ['group.completed', 't1'],
        ['group.completed', 't3'],
      ],
    );
    t.equal(learner.length, 4, 'completions that came late are not told again');
    t.match(requestsOf(first).at(-1), { promptIndex: 5 }, 'the sampler that is left takes all');
  },
);

t.test('a sampler that says nothing is given up at the deadline, twice', async (t) => {
  const { clock, first, second, learner, assign } = makeForward();
  assign({ taskId: 'a' });
  await settle();
  clock.advance(5000);
  await settle();
  t.same([requestsOf(first).length, requestsOf(second).length], [1, 1]);
  clock.advance(5000);
  await settle();
  t.match(learner, [
    { kind: 'group.cancelled', detail: 'a/0 failed twice: main/sampler-1 did not answer within 5000 ms' },
  ]);
  t.equal(clock.timerCount, 0);
});

t.test('completions are scored once more where a scorer failed, and not sampled again', async (t) => {
  let calls = 0;
  const score = async (batch: readonly ScoringItem[]): Promise<Rewards> => {
    if (++calls === 1) throw new Error('out of order');
    return scoreBatch(batch);
  };
  const { first, learner, assign, sampled } = makeForward({ score });
  assign({ taskId: 'a' });
  await settle();
  sampled(requestsOf(first)[0]!.requestId);
  await settle();
  t.match(learner, [{ kind: 'group.completed', taskId: 'a' }]);
  t.same([calls, requestsOf(first).length], [2, 1]);
});

t.test('after a failure the next incarnation takes new tasks', async (t) => {
  const { clock, system, first, learner, assign, sampled } = makeForward();
  const dispatcher = spawnProbe(system, 'main/system'); // whom a test's messages come from
  assign({ taskId: 'a', promptIndex: 2, update: 3 });
  await settle();
  // A turn without a prompt: what no moderator sends ends the incarnation.
  const { problem } = taskAssign();
  const place = { update: 3, promptIndex: 2, stream: 0, problem, sampleCount: 2, maxTokens: 9 };
  const turn = { kind: 'turn.request', turnId: 'x', role: 'forward', ...place } as const;
  system.tell('main/forward', { ...turn, promptTokens: new Int32Array(0) });
  await settle();
  t.match(dispatcher, [
    { kind: 'task.returned', taskId: 'a', update: 3, promptIndex: 2 },
    { kind: 'turn.failed', turnId: 'x', reason: 'actor_terminated' },
  ]);
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
    const { system, learner, assign } = makeForward();
    const dispatcher = spawnProbe(system, 'main/system'); // whom a test's messages come from
    assign({ taskId: 'a', promptIndex: 2, update: 3 });
    await settle();
    await system.stop('main/forward');
    await settle();
    const detail = /main\/forward ended: normal/;
    t.match(dispatcher, [{ kind: 'task.returned', taskId: 'a', update: 3, promptIndex: 2, detail }]);
    t.same(learner, []);
  },
);
