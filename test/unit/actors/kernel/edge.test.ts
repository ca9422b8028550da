import t from 'tap';
import { memoryLinks } from '../../../../src/actors/kernel/memory.js';
import { ActorSystem } from '../../../../src/actors/kernel/system.js';
import type { Link } from '../../../../src/actors/kernel/transport.js';
import { ManualClock } from '../../../../src/clock.js';
import type { Envelope, Message } from '../../../../src/protocol/index.js';
import { Random } from '../../../../src/random.js';
import { taskAssign } from '../../../../src/testing/messages.js';
import { settle } from '../../../../src/testing/settle.js';
import { Checks } from '../../../kit/checks.js';

function task(n: number): Message {
  return taskAssign({ promptIndex: n });
}

/** Two linked systems; `isLost` decides which envelopes the link swallows. */
function makePair(isLost: (envelope: Envelope) => boolean = () => false) {
  const clock = new ManualClock();
  const [near, far] = [new ActorSystem({ name: 'near', clock }), new ActorSystem({ name: 'far', clock })];
  const flaky = (link: Link): Link => ({
    peer: link.peer,
    open: (listener) => link.open(listener),
    post: (envelope) => {
      if (!isLost(envelope)) link.post(envelope);
    },
    close: () => link.close(),
  });
  const [link, farLink] = memoryLinks('near', 'far');
  near.connect(flaky(link));
  far.connect(flaky(farLink));
  return { clock, near, far, farLink };
}

/** An actor that keeps the credit of what it is told until `release` is called. */
function spawnHolder(system: ActorSystem, path: string) {
  const seen: number[] = [];
  const held: (() => void)[] = [];
  system.spawn(path, () => (message, context) => {
    if (message.kind === 'task.assign') seen.push(message.promptIndex);
    held.push(context.keepCredit());
  });
  return { seen, held };
}

t.test('no more than the window is on its way while the receiver keeps the credit', async (t) => {
  const { near, far } = makePair();
  const { seen, held } = spawnHolder(far, 'far/slow');
  const edge = near.openEdge({ from: 'near/a', to: 'far/slow', window: 4 });
  for (let n = 0; n < 10; n++) t.ok(edge.send(task(n)));
  await settle();
  t.same([seen.length, edge.queued, edge.sent], [4, 6, 4]);
  held.shift()!();
  await settle();
  t.equal(seen.length, 4, 'one of four is less than half the window');
  held.shift()!();
  await settle();
  t.equal(seen.length, 6);
  while (held.length > 0) {
    held.shift()!();
    await settle();
  }
  t.same(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

t.test('releasing kept credit twice grants it once', async (t) => {
  const { near, far } = makePair();
  const { seen, held } = spawnHolder(far, 'far/slow');
  const edge = near.openEdge({ from: 'near/a', to: 'far/slow', window: 1 });
  for (let n = 0; n < 5; n++) edge.send(task(n));
  await settle();
  const release = held[0]!;
  release();
  release();
  release();
  await settle();
  t.same(seen, [0, 1]);
});

t.test(
  'credit returns however a message ends: refused, thrown on, unread, or kept by one who died',
  async (t) => {
    const { near, far, clock } = makePair();
    let handled = 0;
    far.spawn('far/a', () => (message, context) => {
      handled++;
      const n = message.kind === 'task.assign' ? message.promptIndex : -1;
      if (n % 3 === 0) context.keepCredit();
      if (n % 3 !== 2) throw new Error(`no ${n}`);
    });
    const edges = ['far/a', 'far/nobody'].map((to) => near.openEdge({ from: 'near/a', to, window: 2 }));
    // Each kind of ending happens more often than the window is wide: credit lost by any of them would stop the edge.
    for (let n = 0; n < 12; n++) {
      for (const edge of edges) edge.send(task(n));
      if (n % 4 === 0) edges[0]!.send(taskAssign({ groupSize: 0 })); // is refused on receipt
    }
    for (let step = 0; step < 30; step++) {
      await settle();
      clock.advance(15_000);
    }
    t.same(
      edges.map((edge) => edge.queued),
      [0, 0],
    );
    t.equal(handled, 12);
  },
);

t.test('messages beyond the bounded queue are refused and counted', async (t) => {
  const { near } = makePair();
  const edge = near.openEdge({ from: 'near/a', to: 'far/slow', window: 4, maxQueued: 3 });
  t.same(
    [1, 2, 3, 4].map((n) => edge.send(task(n))),
    [true, true, true, false],
  );
  t.equal(near.deadLetters.counts.get('edge_full'), 1);
});

t.test('ready waits for credit, and says when the edge has closed', async (t) => {
  const { near, far } = makePair();
  const { held } = spawnHolder(far, 'far/slow');
  const edge = near.openEdge({ from: 'near/a', to: 'far/slow', window: 1 });
  t.ok(await edge.ready());
  edge.send(task(0));
  const log: boolean[] = [];
  void edge.ready().then((open) => log.push(open));
  await settle();
  t.same(log, [], 'the only credit is spent');
  held[0]!();
  await settle();
  t.same(log, [true]);
  edge.send(task(1));
  void edge.ready().then((open) => log.push(open));
  edge.close();
  t.notOk(await edge.ready());
  t.same(log, [true, false]);
});

t.test('when the receiver is gone, waiting messages become dead letters and no timer stays', async (t) => {
  const { near, far, farLink, clock } = makePair();
  spawnHolder(far, 'far/slow');
  const edge = near.openEdge({ from: 'near/a', to: 'far/slow', window: 1 });
  for (let n = 0; n < 4; n++) edge.send(task(n));
  await settle();
  farLink.kill('oom');
  await settle();
  t.notOk(edge.isOpen);
  t.notOk(edge.send(task(9)));
  t.equal(near.deadLetters.counts.get('edge_closed'), 4, 'three that waited and one that came too late');
  t.equal(clock.timerCount, 0);
});

t.test('an edge within one thread keeps its window too', async (t) => {
  const { near } = makePair();
  const { seen, held } = spawnHolder(near, 'near/slow');
  const edge = near.openEdge({ from: 'near/a', to: 'near/slow', window: 2 });
  for (let n = 0; n < 3; n++) edge.send(task(n));
  await settle();
  t.equal(seen.length, 2);
  held[0]!();
  await settle();
  t.equal(seen.length, 3);
});

t.test('on a link that loses anything, the window holds and all that was not lost arrives', async (t) => {
  const checks = new Checks();
  let lost = 0;
  for (let seed = 0; seed < 20; seed++) {
    const random = new Random(seed, 'flaky edge');
    const window = random.integer(1, 16);
    const lossRate = 0.05 + 0.25 * random.uniform();
    let lostTasks = 0;
    const { near, far, clock } = makePair((envelope) => {
      const isLost = random.uniform() < lossRate;
      if (isLost && envelope.message.kind === 'task.assign') lostTasks++;
      return isLost;
    });
    const { seen, held } = spawnHolder(far, 'far/slow');
    const edge = near.openEdge({ from: 'near/a', to: 'far/slow', window });
    for (let n = 0; n < 100; n++) edge.send(task(n));
    for (let round = 0; round < 3000 && edge.queued > 0; round++) {
      await settle(2);
      checks.ok(held.length <= window, `seed ${seed}: ${held.length} held, window ${window}`);
      for (let n = random.integer(0, held.length); n > 0; n--) held.shift()!();
      clock.advance(random.integer(0, 400));
    }
    await settle();
    checks.ok(
      edge.queued === 0 && seen.length + lostTasks === 100,
      `seed ${seed}: ${edge.queued} queued, ${seen.length} seen, ${lostTasks} lost`,
    );
    checks.ok(
      seen.every((n, i) => i === 0 || n > seen[i - 1]!),
      `seed ${seed}: out of order`,
    );
    lost += lostTasks;
  }
  checks.report(t, { moreThan: 500 });
  t.ok(lost > 100, `${lost} of 2000 tasks were lost`);
});
