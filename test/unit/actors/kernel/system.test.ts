import t from 'tap';
import { DEFAULT_MAILBOX } from '../../../../src/actors/kernel/mailbox.js';
import { memoryLinks } from '../../../../src/actors/kernel/memory.js';
import { ActorSystem } from '../../../../src/actors/kernel/system.js';
import { ManualClock } from '../../../../src/clock.js';
import type { Envelope, Event, Message } from '../../../../src/protocol/index.js';
import { completionsSampled, taskAssign } from '../../../../src/testing/messages.js';
import { settle } from '../../../../src/testing/settle.js';

import { makePair, makeSystem, spawnProbe } from '../../../../src/testing/systems.js';
import { promptIndices, task } from '../../../kit/tasks.js';

t.test('ten thousand messages arrive in the order they were told, here and over a link', async (t) => {
  const { system, far } = makePair();
  const order = Array.from({ length: 10_000 }, (_, n) => n);
  const roomy = { mailbox: { ...DEFAULT_MAILBOX, maxCount: 10_000 } };
  for (const [host, path] of [
    [system, 'main/a'],
    [far, 'far/a'],
  ] as const) {
    const seen: Message[] = [];
    host.spawn(path, () => (message) => void seen.push(message), roomy);
    t.ok(order.every((n) => system.tell(path, task(n))));
    await settle(1000);
    t.same(promptIndices(seen), order, path);
  }
});

t.test('telling never runs the receiver, and says when a message is refused', async (t) => {
  const { system } = makeSystem();
  let ran = 0;
  system.spawn('main/a', () => () => void ran++, { mailbox: { ...DEFAULT_MAILBOX, maxCount: 2 } });
  t.same(
    [system.tell('main/a', task(0)), system.tell('main/a', task(1)), system.tell('main/a', task(2))],
    [true, true, false],
  );
  t.equal(ran, 0);
  await settle();
  t.equal(ran, 2);
  t.equal(system.deadLetters.counts.get('mailbox_full'), 1);
});

t.test('watching twice gives one notice, with the reason', async (t) => {
  const { system, far } = makePair();
  for (const [host, path] of [
    [system, 'main/a'],
    [far, 'far/a'],
  ] as const) {
    host.spawn(
      path,
      () => () => {
        throw new Error('broken');
      },
      {
        supervision: {
          backoff: { minMs: 1, maxMs: 1, jitter: 0, resetAfterMs: 1 },
          intensity: 0,
          periodMs: 1,
        },
      },
    );
    const seen = spawnProbe(system, `main/watcher-of-${host.name}`, [path, path]);
    await settle();
    system.tell(path, task(0));
    await settle();
    t.same(seen, [{ kind: 'actor.terminated', path, reason: 'error', error: 'broken' }]);
  }
});

t.test('watching an actor that has ended answers at once with how it ended', async (t) => {
  const { system, far } = makePair();
  spawnProbe(far, 'far/a');
  await far.stop('far/a');
  const seen = spawnProbe(system, 'main/w', ['far/a', 'far/never', 'nowhere/x']);
  await settle();
  t.match(
    seen.map((message) => message.kind === 'actor.terminated' && `${message.path} ${message.reason}`).sort(),
    ['far/a normal', 'far/never normal', 'nowhere/x killed'],
  );
});

t.test('when a link closes, what was watched behind it is gone, and its thread too', async (t) => {
  const { system, far, farLink } = makePair();
  spawnProbe(far, 'far/a');
  const seen = spawnProbe(system, 'main/w', ['far/a', 'far']);
  await settle();
  farLink.kill('oom');
  await settle();
  t.match(seen, [
    { path: 'far/a', reason: 'oom' },
    { path: 'far', reason: 'oom' },
  ]);
  t.notOk(system.tell('far/a', task(0)));
  t.equal(system.deadLetters.counts.get('no_link'), 1);
});

t.test(
  'actors stop in the reverse order of their spawning; one that sleeps is killed at the deadline',
  async (t) => {
    const { system, clock, events } = makeSystem();
    const ended: string[] = [];
    for (const name of ['a', 'b', 'c'])
      system.spawn(`main/${name}`, (context) => {
        context.onEnd((reason) => void ended.push(`${name} ${reason}`));
        return name === 'b' ? () => new Promise(() => {}) : () => {};
      });
    system.tell('main/b', task(0));
    await settle();
    const done = system.shutdown(1000);
    t.equal(system.shutdown(1), done, 'asking again changes nothing');
    await settle();
    t.same(ended, ['c normal']);
    clock.advance(999);
    await settle();
    t.same(ended, ['c normal'], 'b still has a millisecond');
    clock.advance(1);
    await done;
    t.same(ended, ['c normal', 'b killed', 'a normal']);
    t.match(
      events.find((event) => event.type === 'actor.terminated' && event.path === 'main/b'),
      {
        error: /still busy 1000 ms/,
      },
    );
    t.throws(() => system.spawn('main/d', () => () => {}), { code: 'TERMINATED' });
  },
);

t.test('a bad message from another thread is a counted dead letter, and the stream goes on', async (t) => {
  const { system, far, events } = makePair();
  const seen = spawnProbe(far, 'far/a');
  const warnings: Event[] = [];
  far.events.subscribe((event) => void warnings.push(event));
  for (let n = 0; n < 1000; n++) {
    const bad = n === 400 ? { groupSize: -1 } : {};
    system.tell('far/a', taskAssign({ promptIndex: n, ...bad }));
  }
  await settle(100);
  t.equal(seen.length, 999);
  t.same([...far.deadLetters.counts], [['bad_message', 1]]);
  t.match(
    warnings.find((event) => event.type === 'warning'),
    { detail: /malformed at message\.groupSize/ },
  );
  t.equal(events.length, 0, 'the sender has nothing to do with it');
});

t.test('telling over a link moves arrays; telling them again is refused and counted', async (t) => {
  const { system, far } = makePair();
  const seen = spawnProbe(far, 'far/a');
  const message = completionsSampled();
  t.ok(system.tell('far/a', message));
  t.equal(message.tokens.length, 0, 'given away');
  t.notOk(system.tell('far/a', message));
  await settle();
  t.match(seen, [{ tokens: Int32Array.of(5, 6, 7, 8, 9) }]);
  t.equal(system.deadLetters.counts.get('not_sendable'), 1);
});

t.test('every message lost is seen by the listener with its reason', async (t) => {
  const { system, far } = makePair();
  const letters: string[] = [];
  for (const host of [system, far])
    host.deadLetters.listen(({ to, reason, message }) => letters.push(`${to} ${reason} ${message?.kind}`));
  system.tell('main/none', task(0));
  system.tell('far/none', task(0));
  system.tell('mars/none', task(0));
  await settle();
  t.same(letters, [
    'main/none no_actor task.assign',
    'mars/none no_link task.assign',
    'far/none no_actor task.assign',
  ]);
});

t.test('what was lost is counted: messages, and apart from them events', async (t) => {
  const { system } = makeSystem();
  t.same(system.lost, { events: 0, deadLetters: 0 });
  system.tell('main/none', task(0));
  system.tell('main/none', { kind: 'actor.stop' });
  const event = { type: 'warning', time: 0, source: 'a', detail: 'b' } as const;
  system.tell('mars/events', { kind: 'event.observed', event });
  t.same(system.lost, { events: 1, deadLetters: 1 }, 'control that comes too late is not lost');
  system.events.subscribe(() => new Promise(() => {}), 1);
  for (let i = 0; i < 4; i++) system.warn('too much for the observer');
  t.same(system.lost, { events: 4, deadLetters: 1 });
});

t.test('a path belongs to its thread and to one running actor', async (t) => {
  const { system } = makeSystem();
  t.throws(() => system.spawn('other/a', () => () => {}), { message: /path begins with its thread/ });
  spawnProbe(system, 'main/a');
  t.throws(() => system.spawn('main/a', () => () => {}), { message: /an actor with this path is running/ });
});

t.test('(from, epoch, seq) never repeats, over restarts, respawns and system messages', async (t) => {
  const { system, clock } = makeSystem();
  const keys: string[] = [];
  system.connect({
    peer: 'far',
    open: () => {},
    post: (envelope: Envelope) => void keys.push(`${envelope.from} ${envelope.epoch} ${envelope.seq}`),
    close: () => {},
  });
  const spawn = () =>
    system.spawn('main/a', () => (message, context) => {
      context.tell('far/x', task(0));
      context.tell('far/x', task(1));
      if (promptIndices([message])[0] === 7) throw new Error('restart');
    });
  for (let life = 0; life < 3; life++) {
    const actor = spawn();
    const edge = system.openEdge({ from: 'main/a', to: 'far/x' });
    for (const n of [1, 7, 2]) actor.tell(task(n));
    await settle();
    clock.advance(1000);
    await settle();
    edge.close();
    await system.stop('main/a');
  }
  t.equal(keys.length, 3 * 7, 'six by the actor and one by the edge in each life');
  t.equal(new Set(keys).size, keys.length);
});

t.test('the same seed gives the same log of events, byte for byte', async (t) => {
  const run = async (seed: number) => {
    const clock = new ManualClock();
    const [near, far] = ['main', 'far'].map((name) => new ActorSystem({ name, clock, seed })) as [
      ActorSystem,
      ActorSystem,
    ];
    const [link, farLink] = memoryLinks('main', 'far');
    near.connect(link);
    far.connect(farLink);
    const log: Event[] = [];
    for (const system of [near, far]) system.events.subscribe((event) => void log.push(event));
    for (const system of [near, far])
      system.spawn(`${system.name}/a`, () => (message, context) => {
        if (message.kind !== 'task.assign') return;
        if (message.promptIndex % 5 === 4) throw new Error(`failed on ${message.promptIndex}`);
        const other = system === near ? 'far/a' : 'main/a';
        if (message.promptIndex < 20)
          context.tell(other, { ...message, promptIndex: message.promptIndex + 3 });
      });
    for (let n = 0; n < 10; n++) near.tell('main/a', task(n));
    for (let step = 0; step < 20; step++) {
      await settle();
      clock.advance(137);
    }
    await Promise.all([near.shutdown(), far.shutdown()]);
    return JSON.stringify(log);
  };
  const first = await run(1);
  t.equal(await run(1), first);
  t.match(first, /actor\.restarted/);
  t.not(await run(2), first, 'another seed draws another jitter');
});

t.test('a hundred spawn and stop cycles leave nothing behind', async (t) => {
  const { system, far, clock, events } = makePair();
  const resources = process.getActiveResourcesInfo().length;
  for (let n = 0; n < 100; n++) {
    spawnProbe(far, `far/a-${n}`);
    spawnProbe(system, `main/a-${n}`, [`far/a-${n}`]);
    const edge = system.openEdge({ from: `main/a-${n}`, to: `far/a-${n}` });
    edge.send(task(n));
    await settle();
    edge.close();
    await far.stop(`far/a-${n}`);
    await system.stop(`main/a-${n}`);
  }
  await settle();
  t.same([system.paths, far.paths, clock.timerCount], [[], [], 0]);
  t.equal(process.getActiveResourcesInfo().length, resources);
  t.notOk(events.some((event) => event.type === 'dead.letter' || event.type === 'warning'));
});
