/** Plans of tasks that misbehave: what each costs, and what it leaves to the others. */
import t from 'tap';
import { type Message, transferList, type UntimedEvent } from '../../../src/protocol/index.js';
import type { Work } from '../../../src/rollout/completer.js';
import type { Plan, PlannedGroup } from '../../../src/rollout/plan.js';
import { SamplesPlan } from '../../../src/rollout/samples-plan.js';
import { TaskRunner } from '../../../src/rollout/task-runner.js';
import { completionsSampled, taskAssign } from '../../../src/testing/messages.js';

function samples(): SamplesPlan {
  return new SamplesPlan({
    role: 'forward',
    promptTokens: Int32Array.of(1, 2),
    samples: 2,
    samplesPerRequest: 2,
    firstStream: 0,
    budget: Number.POSITIVE_INFINITY,
    maxTokens: 9,
    atOnce: 1,
  });
}

const fail = (): never => {
  throw new Error('out of order');
};

/** A plan that asks for two completions, some of whose members are others. */
function changed(change: PropertyDescriptorMap): Plan {
  return Object.defineProperties(samples(), change);
}

/** A runner of the plans of tasks `own` (the given one) and `other`, whose completions come when the test says so. */
function makeRunner(own: Plan) {
  const works: Work[] = [];
  const told: Message[] = [];
  const returned: Message[] = [];
  const events: UntimedEvent[] = [];
  let credits = 0;
  const runner = new TaskRunner({
    planOf: ({ taskId }) => ({ plan: taskId === 'own' ? own : samples() }),
    completer: {
      complete: (work) => void works.push(work),
      withdraw: (owner) =>
        void works.splice(0, works.length, ...works.filter((each) => each.owner !== owner)),
      take: () => false,
      close: () => {},
    },
    toLearner: { send: (message) => told.push(message) > 0, close: () => {} },
    tell: (_, message) => void returned.push(message),
    emit: (event) => void events.push(event),
    keepTexts: () => false,
  });
  const begin = (taskId: string): void => {
    credits++;
    runner.begin(taskAssign({ taskId }), {
      sender: 'main/dispatcher',
      keepCredit: () => () => void credits--,
    });
  };
  const completeAll = (): void => {
    const { kind: _kind, requestId: _requestId, ...arrays } = completionsSampled();
    const rewards = { names: ['answer'], values: Float32Array.of(1, 0), scored: Uint8Array.of(1, 1) };
    for (const { onCompleted } of works.splice(0)) onCompleted({ ...arrays, texts: ['a', 'b'], rewards });
  };
  return { runner, begin, completeAll, told, returned, events, credits: () => credits };
}

t.test('a plan that throws costs its own task, wherever it throws', async (t) => {
  const ways: Readonly<Record<string, PropertyDescriptorMap>> = {
    takeRequests: { takeRequests: { value: fail } },
    accept: { accept: { value: fail } },
    stop: { stop: { get: fail } },
    groups: { groups: { value: fail } },
    'takeRequests and interrupt': { takeRequests: { value: fail }, interrupt: { value: fail } },
  };
  for (const [name, change] of Object.entries(ways)) {
    const { begin, completeAll, told, credits } = makeRunner(changed(change));
    begin('own');
    begin('other');
    completeAll();
    const cancelled = { kind: 'group.cancelled', taskId: 'own', endsTask: true, detail: 'out of order' };
    t.match(told, [cancelled, { kind: 'group.completed', taskId: 'other' }], name);
    t.same([told.length, credits()], [2, 0], name);
  }
});

t.test('a plan that cannot be interrupted keeps no other task from being given back', async (t) => {
  const { runner, begin, returned, events, credits } = makeRunner(changed({ interrupt: { value: fail } }));
  begin('own');
  begin('other');
  runner.giveBack('the actor ends');
  t.match(returned, [
    { kind: 'task.returned', taskId: 'own' },
    { kind: 'task.returned', taskId: 'other' },
  ]);
  t.equal(credits(), 0);
  t.match(events, [{ type: 'warning', detail: 'the plan of own cannot be interrupted: out of order' }]);
});

t.test('a plan that neither ends nor asks for anything is given up', async (t) => {
  const stuck = makeRunner(changed({ takeRequests: { value: () => [] } }));
  stuck.begin('own');
  const detail = 'the plan neither ended nor asked for completions';
  t.match(stuck.told, [{ kind: 'group.cancelled', taskId: 'own', detail }]);
  t.equal(stuck.credits(), 0);

  const later = makeRunner(changed({ stop: { value: null } }));
  later.begin('own');
  t.same(later.told, [], 'it waits for what it asked for');
  later.completeAll();
  t.match(later.told, [{ kind: 'group.cancelled', taskId: 'own', detail }]);
});

t.test('a stream that is asked for twice at once costs its task', async (t) => {
  const request = {
    stream: 3,
    role: 'forward',
    promptTokens: Int32Array.of(1),
    sampleCount: 2,
    maxTokens: 9,
  };
  const { begin, told, credits } = makeRunner(changed({ takeRequests: { value: () => [request, request] } }));
  begin('own');
  const detail = 'the plan asked for stream 3 while it is out';
  t.match(told, [{ kind: 'group.cancelled', taskId: 'own', detail }]);
  t.same([told.length, credits()], [1, 0]);
});

/** The group of a plan of its own, each time the same arrays. */
function plannedGroup(change: object = {}): PlannedGroup {
  const { kind: _kind, requestId: _requestId, ...arrays } = completionsSampled();
  const rewards = { names: ['answer'], values: Float32Array.of(1, 0), scored: Uint8Array.of(1, 1) };
  const promptTokens = Int32Array.of(1, 2);
  return { name: null, role: 'forward', promptTokens, ...arrays, texts: ['a', 'b'], rewards, ...change };
}

t.test('a group that the learner could not read is never sent', async (t) => {
  const [first, second] = [plannedGroup({ name: 'first' }), plannedGroup({ name: 'second' })];
  const ways: Readonly<Record<string, readonly [readonly PlannedGroup[], RegExp]>> = {
    'fewer rewards than completions': [
      [first, { ...second, rewards: { ...second.rewards, values: Float32Array.of(1) } }],
      /^a "group.completed" message is malformed at .+: expected /,
    ],
    'lists in the place of arrays': [
      [plannedGroup({ promptTokens: [1, 2] })],
      /malformed at promptTokens: expected Int32Array$/,
    ],
    'two groups of one name': [[first, first], /^two groups of the plan have one name$/],
  };
  for (const [name, [groups, detail]] of Object.entries(ways)) {
    const { begin, completeAll, told } = makeRunner(changed({ groups: { value: () => groups } }));
    begin('own');
    completeAll();
    t.match(told, [{ kind: 'group.cancelled', taskId: 'own', endsTask: true, detail }], name);
    t.equal(told.length, 1, name);
  }
});

t.test('a plan keeps the arrays of its groups, and may have one in two of them', async (t) => {
  const first = plannedGroup({ name: 'first' });
  const second = { ...first, name: 'second' };
  const { begin, completeAll, told } = makeRunner(changed({ groups: { value: () => [first, second] } }));
  begin('own');
  completeAll();
  for (const message of told) structuredClone(message, { transfer: transferList(message) });
  t.match(told, [
    { kind: 'group.completed', groupId: 'own/first', endsTask: false },
    { kind: 'group.completed', groupId: 'own/second', endsTask: true },
  ]);
  t.same(first.promptTokens, Int32Array.of(1, 2));
});
