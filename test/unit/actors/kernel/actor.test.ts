import t from 'tap';
import { DEFAULT_MAILBOX } from '../../../../src/actors/kernel/mailbox.js';
import { settle } from '../../../../src/testing/settle.js';
import { makeSystem, spawnProbe } from '../../../../src/testing/systems.js';
import { promptIndices, task } from '../../../kit/tasks.js';

t.test('an actor handles one message at a time, an asynchronous one to its end', async (t) => {
  const { system } = makeSystem();
  const log: string[] = [];
  system.spawn('main/a', () => async (message) => {
    const n = promptIndices([message])[0];
    log.push(`begin ${n}`);
    await settle(2);
    log.push(`end ${n}`);
  });
  for (const n of [0, 1]) system.tell('main/a', task(n));
  await settle(20);
  t.same(log, ['begin 0', 'end 0', 'begin 1', 'end 1']);
});

t.test('a stop overtakes a thousand waiting messages, which become dead letters', async (t) => {
  const { system, events } = makeSystem();
  const seen = spawnProbe(system, 'main/a');
  for (let n = 0; n < 1000; n++) system.tell('main/a', task(n));
  system.tell('main/a', { kind: 'actor.stop' });
  await settle(50);
  t.equal(seen.length, 0);
  t.equal(system.deadLetters.counts.get('actor_stopped'), 1000);
  t.match(events.at(-1), { type: 'actor.terminated', path: 'main/a', reason: 'normal' });
});

t.test(
  'a behaviour that throws loses that message only, and restarts from its factory after the backoff',
  async (t) => {
    const { system, clock, events } = makeSystem();
    const seen: string[] = [];
    let incarnations = 0;
    system.spawn('main/a', () => {
      const incarnation = ++incarnations;
      return (message) => {
        const n = promptIndices([message])[0];
        if (n === 500) throw new Error('poison');
        seen.push(`${incarnation}:${n}`);
      };
    });
    for (let n = 0; n < 1000; n++) system.tell('main/a', task(n));
    await settle(100);
    t.equal(seen.length, 500, 'what came before the poison');
    t.equal(system.stateOf('main/a'), 'restarting');
    const restarted = events.find((event) => event.type === 'actor.restarted');
    t.match(restarted, { path: 'main/a', error: 'poison' });
    const delayMs = restarted?.type === 'actor.restarted' ? restarted.delayMs : 0;
    t.ok(delayMs >= 100 && delayMs <= 120, `${delayMs} is 100 ms with a jitter of up to 0.2`);
    clock.advance(delayMs - 0.001);
    t.equal(system.stateOf('main/a'), 'restarting', 'not before the delay is over');
    clock.advance(0.002);
    await settle(100);
    t.equal(seen.length, 999);
    t.equal(seen[500], '2:501', 'the waiting messages met the next incarnation');
    t.equal(system.deadLetters.counts.get('handler_failed'), 1);
  },
);

t.test('delays grow exactly as the schedule says until the supervisor gives up', async (t) => {
  const { system, clock, events } = makeSystem();
  system.spawn(
    'main/a',
    () => async () => {
      throw new Error('always');
    },
    {
      supervision: {
        backoff: { minMs: 100, maxMs: 500, jitter: 0, resetAfterMs: 60_000 },
        intensity: 4,
        periodMs: 60_000,
      },
    },
  );
  for (let n = 0; n < 5; n++) {
    system.tell('main/a', task(n));
    await settle();
    clock.advance(500);
    await settle();
  }
  const delays = events.flatMap((event) => (event.type === 'actor.restarted' ? [event.delayMs] : []));
  t.same(delays, [100, 200, 400, 500]);
  t.match(events.at(-1), { type: 'actor.terminated', reason: 'error', error: 'always' });
  t.equal(system.stateOf('main/a'), undefined);
});

t.test('a factory that throws is a failure like any other', async (t) => {
  const { system, clock } = makeSystem();
  let tries = 0;
  system.spawn('main/a', () => {
    if (++tries < 3) throw new Error('not yet');
    return () => {};
  });
  clock.advance(1000);
  t.equal(tries, 3);
  t.equal(system.stateOf('main/a'), 'running');
});

t.test('an actor that waits out its backoff stops at once when asked', async (t) => {
  const { system, clock } = makeSystem();
  system.spawn('main/a', () => () => {
    throw new Error('no');
  });
  system.tell('main/a', task(0));
  await settle();
  await system.stop('main/a');
  t.equal(clock.timerCount, 0, 'neither restart nor deadline is left');
});

t.test('a mailbox that fails on overflow ends its actor with an error', async (t) => {
  const { system, events } = makeSystem();
  system.spawn('main/a', () => () => {}, { mailbox: { ...DEFAULT_MAILBOX, maxCount: 1, overflow: 'fail' } });
  t.ok(system.tell('main/a', task(0)));
  t.notOk(system.tell('main/a', task(1)));
  await settle();
  t.match(events.at(-1), { type: 'actor.terminated', reason: 'error', error: /overflowed/ });
});

t.test('a release that throws is told, and those after it still run', async (t) => {
  const { system, events } = makeSystem();
  const released: string[] = [];
  system.spawn('main/a', (context) => {
    context.onEnd(() => {
      throw new Error('stuck');
    });
    context.onEnd((reason) => void released.push(reason));
    return () => {};
  });
  await system.stop('main/a');
  await settle();
  t.same(released, ['normal']);
  t.match(
    events.filter(({ type }) => type === 'warning'),
    [{ source: 'main', detail: 'main/a could not clean up: stuck' }],
  );
});
