/** Events on their way to the file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Subject } from 'rxjs';
import t, { type Test } from 'tap';
import { EventLog } from '../../../src/observe/event-log.js';
import { JsonlSink } from '../../../src/observe/jsonl.js';
import type { Event } from '../../../src/protocol/index.js';

const spawned: Event = { type: 'actor.spawned', time: 1, path: 'rollout-0/forward-0', epoch: 0 };
const warning: Event = { type: 'warning', time: 2, source: 'sampler-0', detail: 'slow' };

function setUp(t: Test, ...live: ((event: Event) => void)[]) {
  const folder = t.testdir();
  const path = join(folder, 'events.jsonl');
  const [file, metrics] = [new JsonlSink(path), new JsonlSink(join(folder, 'metrics.jsonl'))];
  const bus = new Subject<Event>();
  const log = new EventLog(bus, live);
  log.open({ events: file, metrics });
  t.teardown(() => {
    file.close();
    metrics.close();
  });
  const linesOf = (name: string) => readFileSync(name, 'utf8').split('\n').slice(0, -1);
  return { bus, log, file, metrics, lines: () => linesOf(path), rows: () => linesOf(metrics.path) };
}

t.test('events reach the file and the listener in order', async (t) => {
  const seen: Event[] = [];
  const { bus, log, lines } = setUp(t, (event) => seen.push(event));
  for (const event of [spawned, warning, warning]) bus.next(event);
  t.same(seen, [spawned, warning, warning]);
  t.same(
    lines().map((line) => JSON.parse(line)),
    seen,
  );
  t.equal(log.error, undefined);
});

t.test('after closing nothing is recorded', async (t) => {
  const { bus, log, lines } = setUp(t);
  log.close();
  bus.next(spawned);
  t.same(lines(), []);
});

t.test('a listener that fails is dropped and the file goes on', async (t) => {
  let calls = 0;
  const { bus, log, lines } = setUp(t, () => {
    calls++;
    throw new Error('reader gone');
  });
  bus.next(spawned);
  bus.next(warning);
  t.equal(calls, 1);
  t.equal(lines().length, 2);
  t.match(log.error, { message: 'reader gone' });
});

t.test('a file that fails does not unwind into the emitter, and the error is kept', async (t) => {
  const seen: Event[] = [];
  const { bus, log, file } = setUp(t, (event) => seen.push(event));
  file.close();
  bus.next(spawned);
  t.equal(seen.length, 1);
  bus.next(warning);
  t.match(log.error, { code: 'INTERNAL' });
  t.equal(log.lost, 2);
});

t.test('a bus that fails ends the log quietly', async (t) => {
  const { bus, log, lines } = setUp(t);
  bus.next(spawned);
  bus.error(new Error('engine died'));
  t.equal(lines().length, 1);
  t.equal(log.error, undefined);
});

t.test('what came before there were files is written first', async (t) => {
  const bus = new Subject<Event>();
  const log = new EventLog(bus);
  bus.next(warning);
  const { file, metrics, lines } = setUp(t);
  log.open({ events: file, metrics });
  bus.next(spawned);
  t.same(
    lines().map((line) => JSON.parse(line).type),
    ['warning', 'actor.spawned'],
  );
});

t.test(
  'the row of an update goes to the metrics with its number first, also where events fail',
  async (t) => {
    const { bus, log, file, metrics, rows } = setUp(t);
    const row = { step_time: 2, loss: Number.NaN, reward: 0.5 };
    const update: Event = { type: 'update.completed', time: 3, update: 1, policyVersion: 1, metrics: row };
    bus.next(update);
    file.close();
    bus.next({ ...update, update: 2 });
    t.same(
      rows(),
      [1, 2].map((n) => `{"update":${n},"step_time":2,"loss":"NaN","reward":0.5}`),
    );
    t.equal(log.metricsError, undefined);
    metrics.close();
    bus.next({ ...update, update: 3 });
    t.match(log.metricsError, { code: 'INTERNAL' });
  },
);

t.test('a listener that fails takes no other one with it', async (t) => {
  const seen: Event[] = [];
  const fails = (): never => {
    throw new Error('no');
  };
  const { bus } = setUp(t, fails, (event) => seen.push(event));
  bus.next(spawned);
  bus.next(warning);
  t.equal(seen.length, 2);
});
