/** Events on their way to the file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Subject } from 'rxjs';
import t, { type Test } from 'tap';
import { EventLog } from '../../../src/observe/event-log.js';
import { JsonlSink } from '../../../src/observe/jsonl.js';
import type { Event } from '../../../src/protocol/index.js';

const spawned: Event = { type: 'actor.spawned', time: 1, path: 'roles-0/forward-0', epoch: 0 };
const warning: Event = { type: 'warning', time: 2, source: 'sampler-0', detail: 'slow' };

function setUp(t: Test, live?: (event: Event) => void) {
  const path = join(t.testdir(), 'events.jsonl');
  const file = new JsonlSink(path);
  const bus = new Subject<Event>();
  const log = new EventLog(bus, file, live);
  t.teardown(() => file.close());
  return { bus, log, file, lines: () => readFileSync(path, 'utf8').split('\n').slice(0, -1) };
}

t.test('events reach the file and the listener in order and are counted by type', async (t) => {
  const seen: Event[] = [];
  const { bus, log, lines } = setUp(t, (event) => seen.push(event));
  for (const event of [spawned, warning, warning]) bus.next(event);
  t.same(seen, [spawned, warning, warning]);
  t.same(
    lines().map((line) => JSON.parse(line)),
    seen,
  );
  t.same(
    [...log.counts],
    [
      ['actor.spawned', 1],
      ['warning', 2],
    ],
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
  const { bus, log } = setUp(t);
  bus.next(spawned);
  bus.error(new Error('engine died'));
  t.equal(log.counts.get('actor.spawned'), 1);
});
