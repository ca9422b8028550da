import { MessageChannel } from 'node:worker_threads';
import t from 'tap';
import { AskClient, answerAsks } from '../../../../src/actors/kernel/ask.js';
import { ManualClock } from '../../../../src/clock.js';
import { DialecticError } from '../../../../src/protocol/index.js';
import { settle, until } from '../../../../src/testing/settle.js';

type Tap = Pick<typeof t, 'teardown'>;

/** A client and the functions it asks, in one thread; `answer` settles the call of `wait`. */
function makePair(t: Tap) {
  const { port1, port2 } = new MessageChannel();
  const clock = new ManualClock();
  const waiting: ((value: string) => void)[] = [];
  const api = {
    greet: async (name: string) => `hello ${name}`,
    wait: () => new Promise<string>((resolve) => waiting.push(resolve)),
    refuse: async () => {
      throw new DialecticError('SCORER', 'no');
    },
    stumble: async () => {
      throw new TypeError('bug');
    },
  };
  answerAsks(port2, api);
  const client = new AskClient<typeof api>('peer', port1, clock);
  t.teardown(() => {
    client.end(new DialecticError('TERMINATED', 'the test is over'));
    port2.close();
  });
  return { client, clock, waiting };
}

t.test('an answered ask leaves neither a pending call nor a timer', async (t) => {
  const { client, clock } = makePair(t);
  t.equal(await client.ask('greet', 'you'), 'hello you');
  await t.rejects(client.ask('refuse'), { code: 'SCORER', message: 'no' });
  await t.rejects(client.ask('stumble'), { code: 'INTERNAL', message: 'bug' });
  t.same([client.pendingCount, clock.timerCount], [0, 0]);
});

t.test('the deadline falls exactly when it is due: after 5 s, or as the caller says', async (t) => {
  const { client, clock } = makePair(t);
  const log: string[] = [];
  const note = (name: string, call: Promise<unknown>) =>
    call.catch((error: DialecticError) => log.push(`${name} ${error.code} at ${clock.now()}`));
  void note('usual', client.ask('wait'));
  void note('short', client.within(100).ask('wait'));
  for (const step of [99, 1, 4899, 1]) {
    clock.advance(step);
    await settle(1);
  }
  t.same(log, ['short ASK_TIMEOUT at 100', 'usual ASK_TIMEOUT at 5000']);
  t.equal(client.pendingCount, 0);
});

t.test('an answer that comes too late is counted and changes nothing', async (t) => {
  const { client, clock, waiting } = makePair(t);
  const call = client.ask('wait');
  await until('the call to arrive', () => waiting.length === 1);
  clock.advance(5000);
  await t.rejects(call, { code: 'ASK_TIMEOUT' });
  waiting[0]!('late');
  await until('the late answer', () => client.lateReplies === 1);
});

t.test('an argument that cannot be cloned rejects its own call only', async (t) => {
  const { client } = makePair(t);
  await t.rejects(client.ask('greet', (() => 1) as unknown as string), { code: 'INTERNAL' });
  t.equal(await client.ask('greet', 'you'), 'hello you');
  t.equal(client.pendingCount, 0);
});

t.test('ending rejects what is pending and what comes after', async (t) => {
  const { client, clock } = makePair(t);
  const calls = [client.ask('wait'), client.ask('wait')];
  const rejected = Promise.all(calls.map((call) => t.rejects(call, { code: 'TERMINATED', message: 'gone' })));
  client.end(new DialecticError('TERMINATED', 'gone'));
  client.end(new DialecticError('TERMINATED', 'a second end changes nothing'));
  await rejected;
  await t.rejects(client.ask('greet', 'you'), { code: 'TERMINATED', message: 'gone' });
  t.same([client.pendingCount, clock.timerCount], [0, 0]);
});
