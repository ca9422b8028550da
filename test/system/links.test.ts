import t from 'tap';
import { connect } from '../../src/actors/kernel/threads/thread.js';
import type { Message } from '../../src/protocol/index.js';
import { completionsSampled, taskAssign } from '../../src/testing/messages.js';
import { until } from '../../src/testing/settle.js';
import { makeMain } from './threads/main.js';

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
