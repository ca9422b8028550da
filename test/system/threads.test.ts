import t from 'tap';
import { ActorSystem } from '../../src/actors/kernel/system.js';
import { connect, spawnThread } from '../../src/actors/kernel/threads/thread.js';
import { ManualClock } from '../../src/clock.js';
import { until } from '../../src/testing/settle.js';
import { makeMain, PEER_MODULE } from './threads/main.js';
import type { PeerApi } from './threads/peer.js';

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
      {
        // The answer may or may not come before the end: nobody waits for it here.
        how: (peer: Peer) => void peer.control.ask('crash').catch(() => {}),
        reason: 'error',
        error: /crashed on request/,
      },
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
  await until('a busy event loop', () => peer.readEventLoopUtilization() > 0.99);
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

t.test('a thread that is stopped while it starts ends normally', async (t) => {
  const { system } = makeMain(t);
  const peer = spawnThread<PeerApi>(system, { name: 'peer', module: PEER_MODULE, data: {} });
  t.match(await peer.stop(), { reason: 'normal' });
});

t.test('a thread that fails to start says why', async (t) => {
  const { system } = makeMain(t);
  const peer = spawnThread<PeerApi>(system, {
    name: 'peer',
    module: PEER_MODULE,
    data: { failsToStart: true },
  });
  await t.rejects(peer.ready, {
    code: 'TERMINATED',
    message: /peer ended \(error\): this thread cannot start/,
  });
});

t.test('a thread that does not start within a minute is named', async (t) => {
  const clock = new ManualClock();
  const system = new ActorSystem({ name: 'main', clock });
  const peer = spawnThread<PeerApi>(system, {
    name: 'peer',
    module: PEER_MODULE,
    data: { neverStarts: true },
  });
  t.teardown(() => peer.terminate());
  clock.advance(59_999);
  clock.advance(1);
  await t.rejects(peer.ready, { code: 'ASK_TIMEOUT', message: 'thread peer did not start within 60 s' });
  await peer.terminate();
  t.equal(clock.timerCount, 0);
});

t.test('a thread that is asked to stop says what it lost until then', async (t) => {
  const { spawn } = makeMain(t);
  const [peer, other] = [await spawn('peer'), await spawn('other')];
  for (let i = 0; i < 3; i++) await peer.control.ask('waste');
  t.match(await peer.stop(), { lost: { events: 0, deadLetters: 3 } });
  t.equal((await other.terminate()).lost, undefined, 'nobody knows');
});

t.test('a thread is told of the end of another one that it watches', async (t) => {
  const { events, spawn } = makeMain(t);
  const [peer, other] = [await spawn('peer'), await spawn('other')];
  await connect(peer, other);
  await peer.control.ask('watch', 'other/counter');
  await other.terminate();
  const notices = () =>
    events.filter((event) => event.type === 'warning' && event.detail === 'other/counter killed');
  await until('the notice', () => notices().length > 0);
  t.equal(notices().length, 1);
});

t.test('spawning and ending threads leaves no handles behind', async (t) => {
  const system = new ActorSystem({ name: 'main' });
  const count = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
  for (let n = 0; n < 3; n++) {
    const threads = ['a', 'b'].map((name) =>
      spawnThread<PeerApi>(system, { name, module: PEER_MODULE, data: {} }),
    );
    await Promise.all(threads.map((thread) => thread.ready));
    await connect(threads[0]!, threads[1]!);
    await Promise.all(threads.map((thread) => thread.stop()));
  }
  await until('every port to close', () => count() === 0);
  t.equal(count(), 0);
  await system.shutdown();
});
