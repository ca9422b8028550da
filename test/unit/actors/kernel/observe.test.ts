import { filter, map } from 'rxjs';
import t from 'tap';
import { EventHub } from '../../../../src/actors/kernel/event-hub.js';
import { observe } from '../../../../src/actors/kernel/observe.js';
import type { Event } from '../../../../src/protocol/index.js';
import { settle } from '../../../../src/testing/settle.js';

function warning(time: number): Event {
  return { type: 'warning', time, source: 'test', detail: '' };
}

t.test('every observer sees every event in order, after publish has returned', async (t) => {
  const hub = new EventHub();
  const [first, second]: [number[], number[]] = [[], []];
  hub.subscribe((event) => void first.push(event.time));
  observe(hub)
    .pipe(
      filter((event) => event.time % 2 === 0),
      map((event) => event.time),
    )
    .subscribe((time) => second.push(time));
  for (let time = 0; time < 500; time++) hub.publish(warning(time));
  t.equal(first.length, 0, 'publishing runs no observer');
  await settle(20);
  t.same(
    first,
    Array.from({ length: 500 }, (_, i) => i),
  );
  t.same(
    second,
    Array.from({ length: 250 }, (_, i) => 2 * i),
  );
});

t.test('a stuck observer loses events, which are counted, and holds nobody up', async (t) => {
  const hub = new EventHub();
  const stuck = hub.subscribe(() => new Promise(() => {}), 10);
  const seen: number[] = [];
  hub.subscribe((event) => void seen.push(event.time));
  for (let time = 0; time < 100; time++) hub.publish(warning(time));
  await settle(10);
  for (let time = 100; time < 200; time++) hub.publish(warning(time));
  await settle(10);
  t.equal(seen.length, 200);
  t.equal(stuck.dropped, 189, '200 less one in hand and ten buffered');
  await hub.flush();
  hub.unsubscribe(stuck);
  t.equal(hub.dropped, 189, 'the account outlives the observer');
});

t.test('an observer that throws goes on with the next event', async (t) => {
  const hub = new EventHub();
  let calls = 0;
  const faulty = hub.subscribe((event) => {
    calls++;
    if (event.time === 1) throw new Error('observer');
  });
  for (let time = 0; time < 3; time++) hub.publish(warning(time));
  await settle();
  t.same([calls, faulty.failed], [3, 1]);
});

t.test(
  'a throwing subscriber of the Observable, piped or not, harms neither itself nor others',
  async (t) => {
    const hub = new EventHub();
    const thrown: string[] = [];
    const stream = observe(hub, { onThrow: (error) => void thrown.push(String(error)) });
    const seen: string[] = [];
    stream.subscribe((event) => {
      if (event.time === 1) throw new Error('direct');
      seen.push(`direct ${event.time}`);
    });
    stream.pipe(map((event) => event.time)).subscribe({
      next: (time) => {
        if (time === 0) throw new Error('piped');
        seen.push(`piped ${time}`);
      },
    });
    stream
      .pipe(
        map(() => {
          throw new Error('operator');
        }),
      )
      .subscribe(() => t.fail('nothing passes the operator'));
    stream.subscribe((event) => seen.push(`healthy ${event.time}`));
    for (let time = 0; time < 3; time++) hub.publish(warning(time));
    // An unguarded RxJS would rethrow from a timer, which would fail this test file.
    await new Promise((resolve) => setTimeout(resolve, 20));
    t.same(seen.sort(), [
      'direct 0',
      'direct 2',
      'healthy 0',
      'healthy 1',
      'healthy 2',
      'piped 1',
      'piped 2',
    ]);
    t.same(thrown.sort(), ['Error: direct', 'Error: operator', 'Error: piped']);
  },
);

t.test('unsubscribing ends the flow', async (t) => {
  const hub = new EventHub();
  const seen: number[] = [];
  const subscription = observe(hub).subscribe((event) => seen.push(event.time));
  hub.publish(warning(0));
  await settle();
  subscription.unsubscribe();
  hub.publish(warning(1));
  await settle();
  t.same(seen, [0]);
});
