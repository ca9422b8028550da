import t from 'tap';
import { Mailbox, type OverflowPolicy } from '../../../../src/actors/kernel/mailbox.js';
import { type Envelope, type Message, messageBytes } from '../../../../src/protocol/index.js';
import { completionsSampled, taskAssign } from '../../../../src/testing/messages.js';

let seq = 0;
function envelope(message: Message): Envelope {
  return { v: 1, from: 'a/x', to: 'a/y', epoch: 0, seq: seq++, message };
}

function task(n: number): Envelope {
  return envelope(taskAssign({ taskId: `${n}` }));
}

function idOf(envelope: Envelope | undefined): string | undefined {
  return envelope?.message.kind === 'task.assign' ? envelope.message.taskId : envelope?.message.kind;
}

function takeAll(mailbox: Mailbox): (string | undefined)[] {
  const ids = [];
  for (let next = mailbox.take(); next; next = mailbox.take()) ids.push(idOf(next));
  return ids;
}

function fill(overflow: OverflowPolicy, maxBytes = 1e9) {
  const lost: (string | undefined)[] = [];
  const mailbox = new Mailbox({ maxCount: 3, maxBytes, overflow }, (envelope) => lost.push(idOf(envelope)));
  const results = [1, 2, 3, 4, 5].map((n) => mailbox.offer(task(n)));
  return { mailbox, results, lost };
}

const TOOK = 'accepted';

t.test('refuse: a full mailbox tells the sender, and loses nothing it took', async (t) => {
  const { mailbox, results, lost } = fill('refuse');
  t.same(results, [TOOK, TOOK, TOOK, 'refused', 'refused']);
  t.same(takeAll(mailbox), ['1', '2', '3']);
  t.same(lost, []);
});

t.test('dropOldest: the oldest messages make room', async (t) => {
  const { mailbox, results, lost } = fill('dropOldest');
  t.same(results, [TOOK, TOOK, TOOK, TOOK, TOOK]);
  t.same(takeAll(mailbox), ['3', '4', '5']);
  t.same(lost, ['1', '2']);
});

t.test('dropNewest: arriving messages are lost', async (t) => {
  const { mailbox, results, lost } = fill('dropNewest');
  t.same(results, [TOOK, TOOK, TOOK, TOOK, TOOK]);
  t.same(takeAll(mailbox), ['1', '2', '3']);
  t.same(lost, ['4', '5']);
});

t.test('fail: overflow is reported to the owner', async (t) => {
  t.same(fill('fail').results.slice(2), [TOOK, 'overflowed', 'overflowed']);
});

t.test('bytes bound the mailbox as messages do', async (t) => {
  const big = () => envelope(completionsSampled({ tokens: new Int32Array(1000) }));
  const bytes = messageBytes(big().message);
  const mailbox = new Mailbox({ maxCount: 100, maxBytes: 2 * bytes, overflow: 'refuse' }, () => {});
  t.same([mailbox.offer(big()), mailbox.offer(big()), mailbox.offer(big())], [TOOK, TOOK, 'refused']);
  t.equal(mailbox.bytes, 2 * bytes);
  mailbox.take();
  t.equal(mailbox.offer(big()), TOOK, 'room again');
});

t.test('a message larger than the mailbox is refused without dropping others for it', async (t) => {
  const lost: unknown[] = [];
  const small = messageBytes(task(1).message);
  const mailbox = new Mailbox({ maxCount: 9, maxBytes: 3 * small, overflow: 'dropOldest' }, (e) =>
    lost.push(e),
  );
  mailbox.offer(task(1));
  t.equal(mailbox.offer(envelope(completionsSampled({ tokens: new Int32Array(1000) }))), 'refused');
  t.same(lost, []);
  t.equal(mailbox.count, 1);
});

t.test('control overtakes data, is taken when data is full, and keeps its own order', async (t) => {
  const { mailbox } = fill('refuse');
  const notice: Message = { kind: 'actor.terminated', path: 'b/z', reason: 'oom' };
  t.equal(mailbox.offer(envelope(notice)), TOOK);
  t.equal(mailbox.offer(envelope({ kind: 'actor.stop' })), TOOK);
  t.same(takeAll(mailbox), ['actor.terminated', 'actor.stop', '1', '2', '3']);
});

t.test('the control lane is bounded too', async (t) => {
  const mailbox = new Mailbox({ maxCount: 1, maxBytes: 1, overflow: 'refuse' }, () => {});
  let taken = 0;
  while (taken < 1e5 && mailbox.offer(envelope({ kind: 'actor.stop' })) === TOOK) taken++;
  t.equal(taken, 4096);
});
