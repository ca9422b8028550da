/** Debates whose actors die, hang or refuse: each ends once, whole or cancelled. */
import t from 'tap';
import type { Event } from '../../../src/protocol/index.js';
import { taskAssign } from '../../../src/testing/messages.js';
import { settle } from '../../../src/testing/settle.js';
import { spawnProbe } from '../../../src/testing/systems.js';
import { type Asked, answering, type DebateSystemOptions, makeDebateSystem } from '../../kit/debates.js';

const PATH = 'main/moderator';

/** Forward and backward differ, the critique is "neither". */
function differing({ prompt, stream }: Asked): string {
  return answering(prompt.startsWith('You are a critic') ? 'neither' : String(stream));
}

/** A debate system in which one debate has begun. */
async function begin(options: Partial<DebateSystemOptions>) {
  const made = makeDebateSystem({ complete: differing, maxRounds: 1, ...options });
  made.system.tell(PATH, taskAssign({ taskId: 'a', strategy: 'debate' }));
  await settle(20);
  const endings = () => made.learner.filter(({ endsTask }) => endsTask);
  const warnings = () => made.events.filter(({ type }) => type === 'warning');
  const ended = () => made.events.filter(({ type }) => type === 'debate.ended');
  return { ...made, endings, warnings, ended };
}

const isSkeptic = ({ prompt }: Asked): boolean => prompt.startsWith('You are a critic');
/** Completes as `differing` does, but never a skeptic's turn before `open` is called. */
function holdingSkeptics() {
  let isOpen = false;
  const complete = (asked: Asked) => (isSkeptic(asked) && !isOpen ? null : differing(asked));
  return { complete, open: () => (isOpen = true) };
}

t.test('an actor that ends mid-turn is replaced by another one of its role', async (t) => {
  const { complete, open } = holdingSkeptics();
  const { system, requests, learner, endings } = await begin({ complete });
  const before = requests.at(-1)!;
  open();
  await system.stop('main/skeptic-0');
  await settle(20);
  const again = requests.find((request) => request.stream === before.stream && request !== before)!;
  t.not(again.requestId, before.requestId);
  t.same([again.promptIndex, again.stream], [before.promptIndex, before.stream], 'the same random numbers');
  t.match(endings(), [{ kind: 'group.completed', role: 'synthesizer' }]);
  t.equal(learner.length, 5);
});

t.test('the only actor of its role is asked again once it has restarted', async (t) => {
  const { complete, open } = holdingSkeptics();
  const { system, clock, learner, endings, events } = await begin({ complete, count: 1 });
  system.tell('main/skeptic-0', taskAssign({ taskId: 'no work for a skeptic' }));
  open();
  await settle(20);
  t.same(learner, [], 'nothing is trained before the debate is over');
  clock.advance(1000);
  await settle(20);
  t.equal(events.filter(({ type }) => type === 'actor.restarted').length, 1);
  t.match(endings(), [{ kind: 'group.completed' }]);
  t.equal(learner.length, 5);
});

t.test('a turn that fails twice cancels its debate, and nothing of it is trained', async (t) => {
  const { complete, open } = holdingSkeptics();
  const { system, learner, ended } = await begin({ complete });
  await system.stop('main/skeptic-0');
  await settle(20);
  await system.stop('main/skeptic-1');
  await settle(20);
  t.match(learner, [
    { kind: 'group.cancelled', taskId: 'a', groupId: 'a', endsTask: true, reason: 'actor_terminated' },
  ]);
  t.equal(learner.length, 1);
  t.match(ended(), [{ stop: 'failed', rounds: 1 }]);
  open();
  system.tell(PATH, taskAssign({ taskId: 'b', strategy: 'debate' }));
  await settle(20);
  t.match(learner.slice(1), [
    { kind: 'group.cancelled', taskId: 'b', detail: /no skeptic is left for b\/2/ },
  ]);
});

t.test('a turn without an answer is asked for again at its deadline, then given up', async (t) => {
  const { complete } = holdingSkeptics();
  const { clock, learner, requests } = await begin({ complete });
  const asked = () => requests.filter(({ stream }) => stream === 2).length;
  t.equal(asked(), 1);
  clock.advance(10_000);
  await settle(20);
  t.equal(asked(), 2);
  t.same(learner, []);
  clock.advance(10_000);
  await settle(20);
  t.match(learner, [
    { kind: 'group.cancelled', detail: /failed twice: main\/skeptic-1 did not answer within 10000 ms/ },
  ]);
  t.equal(learner.length, 1);
});

t.test('an answer that comes after its deadline is told of and changes nothing', async (t) => {
  const { complete, open } = holdingSkeptics();
  const { system, clock, requests, learner, endings, warnings } = await begin({ complete });
  const first = requests.at(-1)!;
  open();
  clock.advance(10_000);
  await settle(20);
  t.equal(endings().length, 1);
  const groups = learner.length;
  system.tell('main/skeptic-0', {
    kind: 'completions.failed',
    requestId: first.requestId,
    detail: 'no memory',
  });
  await settle(20);
  t.match(warnings(), [{ source: PATH, detail: /^what came of turn a\/2\/.* came too late$/ }]);
  t.equal(learner.length, groups);
});

t.test('a sampler that does not answer a role in time fails the turn, not the role', async (t) => {
  const { complete } = holdingSkeptics();
  const made = makeDebateSystem({ complete, count: 1, maxRounds: 1, samplerDeadlineMs: 100 });
  made.system.tell(PATH, taskAssign({ taskId: 'a', strategy: 'debate' }));
  // Twice by the role, for each of the two times that the moderator asks it.
  for (let i = 0; i < 4; i++) {
    await settle(20);
    made.clock.advance(100);
  }
  await settle(20);
  t.match(made.learner, [
    { kind: 'group.cancelled', reason: 'sampler_error', detail: /sampler did not answer within 100 ms/ },
  ]);
  t.equal(made.clock.timerCount, 0);
});

t.test('prompts that are too long and scorers that reject cancel the debate with their reason', async (t) => {
  const fail = (): never => {
    throw new Error('out of order');
  };
  const ways: [Partial<DebateSystemOptions>, string][] = [
    [{ encodePrompt: fail }, 'sampler_error'],
    [{ decode: fail }, 'sampler_error'],
    [{ score: async () => fail() }, 'scorer_error'],
  ];
  for (const [options, reason] of ways) {
    const { learner, clock } = await begin(options);
    t.match(learner, [{ kind: 'group.cancelled', reason, detail: /out of order/ }]);
    t.equal(learner.length, 1);
    t.equal(clock.timerCount, 0, 'no deadline is left over');
  }
});

t.test(
  'the end of the moderator gives its debates back, once each, and nothing of them to the learner',
  async (t) => {
    const { complete } = holdingSkeptics();
    const { system, clock, learner } = await begin({ complete });
    const dispatcher = spawnProbe(system, 'main/system'); // whom a test's messages come from
    system.tell(PATH, taskAssign({ taskId: 'b', strategy: 'debate', promptIndex: 1 }));
    await settle(20);
    await system.stop(PATH);
    await settle(20);
    t.match(dispatcher, [
      { kind: 'task.returned', taskId: 'a', detail: `${PATH} ended: normal` },
      { kind: 'task.returned', taskId: 'b', promptIndex: 1 },
    ]);
    t.same(learner, []);
    t.equal(clock.timerCount, 2, 'those of the skeptics, whom a sampler keeps waiting');
  },
);

t.test('a role refuses turns of another role, and tasks where it has no answer of its own', async (t) => {
  const { system, events } = await begin({});
  const { problem } = taskAssign();
  const seen: string[] = [];
  system.spawn('main/asker', (context) => (message) => {
    if (message.kind === 'task.assign') {
      const turn = {
        turnId: 'x',
        role: 'skeptic',
        update: 0,
        promptIndex: 0,
        stream: 2,
        sampleCount: 1,
        maxTokens: 9,
      } as const;
      context.tell('main/forward-0', {
        kind: 'turn.request',
        ...turn,
        promptTokens: Int32Array.of(1),
        problem,
      });
    } else if (message.kind === 'turn.failed') seen.push(message.detail);
  });
  system.tell('main/asker', taskAssign());
  system.tell('main/skeptic-0', taskAssign({ taskId: 'alone' }));
  await settle(20);
  t.same(seen, ['main/forward-0 is a forward and cannot take a turn of skeptic']);
  const dead = events.filter(
    (event): event is Extract<Event, { type: 'dead.letter' }> => event.type === 'dead.letter',
  );
  t.match(dead, [{ to: 'main/skeptic-0', kind: 'task.assign', reason: 'handler_failed' }]);
});
