import t from 'tap';
import {
  DialecticError,
  type Message,
  type MessageKind,
  noOutcomes,
  PROTOCOL_VERSION,
  parseEnvelope,
} from '../../../src/protocol/index.js';
import {
  completionsSampled,
  groupCompleted,
  taskAssign,
  treeCompleted,
  turnCompleted,
} from '../../../src/testing/messages.js';

/** One valid message of every kind; the compiler refuses a missing one. */
const EVERY_KIND: { [K in MessageKind]: Extract<Message, { kind: K }> } = {
  'task.assign': taskAssign(),
  'task.returned': { kind: 'task.returned', taskId: 't1', update: 0, promptIndex: 1, detail: 'ended' },
  'completions.request': {
    kind: 'completions.request',
    requestId: 'r1',
    purpose: 'rollout',
    update: 0,
    promptIndex: 3,
    stream: 0,
    promptTokens: Int32Array.of(1, 2, 3),
    sampleCount: 8,
    maxTokens: 64,
    temperature: 1,
    topK: 0,
    topP: 1,
  },
  'completions.sampled': completionsSampled(),
  'completions.failed': { kind: 'completions.failed', requestId: 'r1', detail: 'no policy yet' },
  'scores.request': {
    kind: 'scores.request',
    requestId: 't1/0/scores/1.1',
    problem: taskAssign().problem,
    texts: ['one', ''],
  },
  'scores.completed': {
    kind: 'scores.completed',
    requestId: 't1/0/scores/1.1',
    rewardNames: ['answer', 'format'],
    rewards: Float32Array.of(1, 0, 0.5, Number.NaN),
    scored: Uint8Array.of(1, 0),
  },
  'scores.failed': { kind: 'scores.failed', requestId: 't1/0/scores/1.1', detail: 'the pool is closed' },
  'turn.request': {
    kind: 'turn.request',
    turnId: 't1/skeptic-0/1.0',
    role: 'skeptic',
    update: 0,
    promptIndex: 3,
    stream: 2,
    problem: taskAssign().problem,
    promptTokens: Int32Array.of(1, 2, 3),
    sampleCount: 4,
    maxTokens: 64,
  },
  'turn.completed': turnCompleted(),
  'turn.failed': {
    kind: 'turn.failed',
    turnId: 't1/skeptic-0/1.0',
    reason: 'sampler_error',
    detail: 'sampler-1 ended: killed',
  },
  'group.completed': groupCompleted(),
  'group.cancelled': {
    kind: 'group.cancelled',
    groupId: 'g1',
    taskId: 't1',
    update: 0,
    promptIndex: 1,
    endsTask: true,
    reason: 'scorer_error',
    detail: 'deadline of 5000 ms passed',
  },
  'policy.published': { kind: 'policy.published', version: 1, slot: 1, probeHash: 'ab12' },
  'policy.loaded': { kind: 'policy.loaded', version: 1, probeHash: 'ab12' },
  'update.begin': { kind: 'update.begin', update: 0, taskCount: 4 },
  'update.completed': {
    kind: 'update.completed',
    update: 0,
    policyVersion: 1,
    metrics: { loss: 0.5, bad: Number.NaN, worse: -Infinity },
    outcomes: { ...noOutcomes(), applied: 32 },
    groups: [{ promptIndex: 0, role: 'forward', outcomeMean: 0.5, sampleCount: 8, tokenCount: 90 }],
  },
  'event.observed': {
    kind: 'event.observed',
    event: { type: 'warning', time: 5, source: 'sampler-0', detail: 'slow' },
  },
  'credit.grant': { kind: 'credit.grant', edge: 'a>b#0', amount: 16 },
  'credit.request': { kind: 'credit.request', edge: 'a>b#0', window: 16, sent: 0 },
  'actor.watch': { kind: 'actor.watch', watcher: 'main/dispatcher' },
  'actor.stop': { kind: 'actor.stop' },
  'actor.terminated': { kind: 'actor.terminated', path: 'rollout-0/forward-3', reason: 'oom', error: 'heap' },
};

function wrap(message: unknown): Record<string, unknown> {
  return { v: PROTOCOL_VERSION, from: 'rollout-0/forward-3', to: 'learner', epoch: 0, seq: 7, message };
}

t.test('a message of every kind survives a structured clone and its schema', async (t) => {
  for (const message of [...Object.values(EVERY_KIND), treeCompleted()]) {
    const crossed = structuredClone(wrap(message));
    t.same(parseEnvelope(crossed), wrap(message), message.kind);
  }
});

t.test('another protocol version is refused by name, even around a message it does not know', async (t) => {
  t.throws(() => parseEnvelope({ ...wrap({ kind: 'from.the.future' }), v: 2 }), {
    code: 'PROTOCOL',
    message: /"rollout-0\/forward-3" has protocol version 2; this process speaks 1/,
  });
});

t.test('values that are no envelope are refused without a crash', async (t) => {
  for (const value of [undefined, null, 5, 'text', [], {}, new Int32Array(3)])
    t.throws(() => parseEnvelope(value), DialecticError);
  t.throws(() => parseEnvelope(wrap({ kind: 'task.unknown' })), {
    code: 'PROTOCOL',
    message: /malformed at message/,
  });
});

t.test('a malformed message is named with its kind, its sender and the field', async (t) => {
  t.throws(() => parseEnvelope(wrap({ ...taskAssign(), groupSize: 0 })), {
    message: /"task\.assign" message from "rollout-0\/forward-3" is malformed at message\.groupSize/,
  });
});

t.test('a field that the protocol does not know is refused', async (t) => {
  t.throws(() => parseEnvelope(wrap({ ...taskAssign(), gruopSize: 3 })), { message: /gruopSize/ });
});

t.test('array lengths that contradict each other are refused', async (t) => {
  const bad: Message[] = [
    completionsSampled({ lengths: Int32Array.of(3, 3) }),
    completionsSampled({ lengths: Int32Array.of(7, -2) }), // sums to 5, yet no length is negative
    completionsSampled({ logProbs: new Float32Array(4) }),
    completionsSampled({ supportLogMass: new Float32Array(6) }),
    completionsSampled({ stopped: new Uint8Array(3) }),
    groupCompleted({ rewards: new Float32Array(3) }), // 2 names × 2 completions = 4
    groupCompleted({ scored: new Uint8Array(1) }),
    groupCompleted({ texts: ['only one'] }),
    groupCompleted({ promptTokens: new Int32Array(0) }),
    turnCompleted({ texts: ['only one'] }),
    turnCompleted({ rewards: new Float32Array(3) }),
    turnCompleted({ scored: new Uint8Array(3) }),
    groupCompleted({ parents: Int32Array.of(-1, 0) }), // a tree without advantages and weights
    treeCompleted({ parents: Int32Array.of(1, -1) }), // a parent comes before its children
    treeCompleted({ parents: Int32Array.of(-1, -2) }),
    treeCompleted({ advantages: new Float32Array(3) }),
    treeCompleted({ pathWeights: new Float32Array(1) }),
    treeCompleted({ lengths: Int32Array.of(5, 0) }), // a segment without tokens
  ];
  for (const message of bad) t.throws(() => parseEnvelope(wrap(message)), { code: 'PROTOCOL' }, message.kind);
});

t.test('a plain array is refused where a typed array belongs', async (t) => {
  const message = { ...completionsSampled(), tokens: [5, 6, 7, 8, 9] };
  t.throws(() => parseEnvelope(wrap(message)), { message: /tokens: expected Int32Array/ });
});
