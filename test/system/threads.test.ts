import t from 'tap';
import { ActorSystem } from '../../src/actors/system/system.js';
import { connect, spawnThread, type ThreadOptions } from '../../src/actors/system/thread.js';
import type { Event, Message } from '../../src/protocol/index.js';
import { completionsSampled, taskAssign } from '../kit/messages.js';
import { until } from '../kit/settle.js';
import type { PeerApi, PeerData } from './threads/peer.js';

type TapTest = Pick<typeof t, 'teardown'>;

const MODULE = new URL('./threads/peer.js', import.meta.url);

/** A main system, its events, and peers that end with the test. */
function makeMain(t: TapTest) {
  const system = new ActorSystem({ name: 'main' });
  const events: Event[] = [];
  system.events.subscribe((event) => void events.push(event), 1e6);
  const spawn = async (name: string, data: PeerData = {}, options: Partial<ThreadOptions> = {}) => {
    const thread = spawnThread<PeerApi>(system, { name, module: MODULE, data, ...options });
    t.teardown(() => thread.terminate());
    await thread.ready;
    return thread;
  };
  t.teardown(() => system.shutdown());
  return { system, events, spawn };
}

t.test('ten thousand messages to a thread arrive in order', async (t) => {
  const { system, spawn } = makeMain(t);
  const peer = await spawn('peer');
  const edge = system.openEdge({ from: 'main/a', to: 'peer/counter', window: 64 });
  for (let n = 0; n < 10_000; n++) {
    await edge.ready();
    edge.send(taskAssign({ promptIndex: n }));
  }
  await until('the last message', () => edge.queued === 0);
  let report = await peer.control.ask('report');
  for (let tries = 0; tries < 1000 && report.count < 10_000; tries++)
    report = await peer.control.ask('report');
  t.match(report, { count: 10_000, isInOrder: true, deadLetters: [] });
});

t.test('two threads talk over their own link, and a slow one holds back a fast one', async (t) => {
  const { spawn } = makeMain(t);
  const sent = new Int32Array(new SharedArrayBuffer(4));
  const [fast, slow] = [await spawn('fast', { sent }), await spawn('slow', { sent, busyMs: 1 })];
  await connect(fast, slow);
  t.equal(await fast.control.within(60_000).ask('send', 'slow/counter', 300, 8), 300);
  let count = 0;
  while (count < 300) ({ count } = await slow.control.ask('report'));
  const { mostInFlight } = await slow.control.ask('report');
  // Without credit nearly all 300 would be on their way: sending one takes microseconds, handling it a millisecond.
  t.ok(mostInFlight > 1 && mostInFlight <= 8, `${mostInFlight} on their way, window 8`);
});

t.test('arrays move to a thread and back: the sender keeps none, the values are the same', async (t) => {
  const { system, spawn } = makeMain(t);
  const peer = await spawn('peer');
  const seen: Message[] = [];
  system.spawn('main/probe', () => (message) => {
    if (seen.push(message) === 1)
      system.send({ from: 'main/probe', to: 'peer/echo', epoch: 0, seq: 0, message });
  });
  t.same(await peer.control.ask('giveAway', 'main/probe'), [0, 0, 0, 0]);
  await until('the echo', () => seen.length === 2);
  t.same(seen[1], completionsSampled());
  const [first] = seen as [Extract<Message, { kind: 'completions.sampled' }>];
  t.equal(first.tokens.length, 0, 'moved on');
});

t.test('asks are answered with values or with errors that keep their code', async (t) => {
  const { spawn } = makeMain(t);
  const peer = await spawn('peer');
  t.equal(await peer.control.ask('double', 21), 42);
  await t.rejects(peer.control.ask('fail', 'no such file'), { code: 'DATA', message: 'no such file' });
  await t.rejects(peer.control.ask('unclonable'), { code: 'INTERNAL' });
  const wrong = peer.control as unknown as { ask(method: string): Promise<unknown> };
  await t.rejects(wrong.ask('constructor'), { code: 'PROTOCOL', message: /there is report, double/ });
  t.equal(peer.control.pendingCount, 0);
});

t.test('an ask that is not answered in time is rejected, and leaves nothing pending', async (t) => {
  const { spawn } = makeMain(t);
  const peer = await spawn('peer');
  await t.rejects(peer.control.within(20).ask('never'), {
    code: 'ASK_TIMEOUT',
    message: 'peer did not answer "never" within 20 ms',
  });
  t.equal(peer.control.pendingCount, 0);
  t.equal(await peer.control.ask('double', 1), 2, 'the thread answers on');
});

t.test('when a thread dies, calls in flight and later ones are rejected at once', async (t) => {
  const { spawn } = makeMain(t);
  const peer = await spawn('peer');
  const inFlight = [1, 2, 3].map(() => peer.control.within(600_000).ask('never'));
  const rejections = Promise.all(inFlight.map((call) => t.rejects(call, { code: 'TERMINATED' })));
  await peer.terminate();
  await rejections;
  await t.rejects(peer.control.ask('double', 1), { code: 'TERMINATED', message: /peer ended \(killed\)/ });
  t.equal(peer.control.pendingCount, 0);
});

t.test(
  'every way to die is reported with its reason, to the handle, to watchers and to observers',
  async (t) => {
    const { system, events, spawn } = makeMain(t);
    const ways = [
      { how: (peer: Peer) => void peer.control.ask('crash'), reason: 'error', error: /crashed on request/ },
      {
        how: (peer: Peer) => void peer.control.ask('exit', 3).catch(() => {}),
        reason: 'error',
        error: /exit code 3/,
      },
      {
        how: (peer: Peer) => void peer.control.ask('eatHeap').catch(() => {}),
        reason: 'oom',
        error: /memory/,
      },
      { how: (peer: Peer) => void peer.stop(), reason: 'normal', error: undefined },
      { how: (peer: Peer) => void peer.terminate(), reason: 'killed', error: undefined },
    ];
    type Peer = Awaited<ReturnType<typeof spawn>>;
    for (const [i, { how, reason, error }] of ways.entries()) {
      const name = `peer-${i}`;
      const peer = await spawn(name, {}, { resourceLimits: { maxOldGenerationSizeMb: 24 } });
      const notices: string[] = [];
      system.spawn(`main/watch-${i}`, (context) => {
        for (const target of [`${name}/counter`, name]) context.watch(target);
        return (message) =>
          void (message.kind === 'actor.terminated' && notices.push(`${message.path} ${message.reason}`));
      });
      how(peer);
      t.match(await peer.exited, error ? { reason, error } : { reason }, reason);
      await until('both notices', () => notices.length === 2);
      t.same(notices.sort(), [`${name} ${reason}`, `${name}/counter ${reason}`]);
      await until('the event', () =>
        events.some(
          (event) => event.type === 'actor.terminated' && event.path === name && event.reason === reason,
        ),
      );
    }
  },
);

t.test('a thread in an endless loop is seen to be busy and can be ended', async (t) => {
  const { spawn } = makeMain(t);
  const peer = await spawn('peer');
  void peer.control.ask('spin').catch(() => {});
  await until('a busy event loop', () => peer.eventLoopUtilization > 0.5);
  t.match(await peer.terminate('wedged'), { reason: 'wedged' });
});

t.test('a thread that will not stop in time is killed', async (t) => {
  const { spawn } = makeMain(t);
  const peer = await spawn('peer');
  void peer.control.ask('spin').catch(() => {});
  t.match(await peer.stop(10), { reason: 'killed' });
});

t.test('stopping a thread stops its actors and then runs its releases', async (t) => {
  const { events, spawn } = makeMain(t);
  const peer = await spawn('peer');
  const flag = await peer.control.ask('stopFlag');
  t.match(await peer.stop(), { code: 1, reason: 'normal' });
  t.equal(Atomics.load(flag, 0), 1);
  const ended = () => events.flatMap((event) => (event.type === 'actor.terminated' ? [event.path] : []));
  await until('the relayed events', () => ended().includes('peer/counter'));
  t.same(
    ended().filter((path) => path.startsWith('peer/')),
    ['peer/echo', 'peer/counter'],
    'reverse order',
  );
});

t.test('a thread that fails to start says why', async (t) => {
  const { system } = makeMain(t);
  const peer = spawnThread<PeerApi>(system, { name: 'peer', module: MODULE, data: { failsToStart: true } });
  await t.rejects(peer.ready, {
    code: 'TERMINATED',
    message: /peer ended \(error\): this thread cannot start/,
  });
});

t.test('a thread is told of the end of another one that it watches', async (t) => {
  const { events, spawn } = makeMain(t);
  const [peer, other] = [await spawn('peer'), await spawn('other')];
  await connect(peer, other);
  await peer.control.ask('watch', 'other/counter');
  await other.terminate();
  await until('the notice', () =>
    events.some((event) => event.type === 'warning' && event.detail === 'other/counter killed'),
  );
});

t.test('a thread that takes the name of a dead one is routed to, with larger epochs', async (t) => {
  const { system, events, spawn } = makeMain(t);
  const first = await spawn('peer');
  await until('the first spawn', () => epochs().length === 1);
  await first.terminate();
  const again = await spawn('peer', {}, { incarnation: 1 });
  t.ok(system.tell('peer/counter', taskAssign()));
  while ((await again.control.ask('report')).count < 1);
  await until('both spawns', () => epochs().length === 2);
  function epochs(): number[] {
    return events.flatMap((event) =>
      event.type === 'actor.spawned' && event.path === 'peer/counter' ? [event.epoch] : [],
    );
  }
  t.ok(epochs()[1]! > epochs()[0]! + 1e6);
});

t.test('spawning and ending threads leaves no handles behind', async (t) => {
  const system = new ActorSystem({ name: 'main' });
  const count = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
  for (let n = 0; n < 5; n++) {
    const threads = ['a', 'b'].map((name) =>
      spawnThread<PeerApi>(system, { name, module: MODULE, data: {} }),
    );
    await Promise.all(threads.map((thread) => thread.ready));
    await connect(threads[0]!, threads[1]!);
    await Promise.all(threads.map((thread) => thread.stop()));
  }
  await until('every port to close', () => count() === 0);
  await system.shutdown();
});
