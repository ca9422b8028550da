/**
 * Watching a run: its events are an RxJS Observable, so that what you want to see is a pipe.
 *
 * A run says everything it does as events: actors that start and end, groups, updates with their metrics, evaluations. What is known of
 * it at any time is `run.state`, which the same events make.
 */
import { pathToFileURL } from 'node:url';
import { type ConfigInput, type Event, train } from 'dialectic';
import { bufferCount, filter, map, type Observable, share } from 'rxjs';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

/** The events of one type. */
const only =
  <T extends Event['type']>(type: T) =>
  (events: Observable<Event>): Observable<Of<T>> =>
    events.pipe(filter((event): event is Of<T> => event.type === type));

/** Prints the reward, averaged over a few updates at a time, and every group that taught nothing. */
export async function watch(config: ConfigInput, print: (line: string) => void): Promise<void> {
  const run = train(config);
  const events = run.events.pipe(share());
  events
    .pipe(
      only('update.completed'),
      map(({ update, metrics }) => ({ update, reward: metrics.reward ?? 0 })),
      bufferCount(2),
    )
    .subscribe((rows) => {
      const mean = rows.reduce((sum, { reward }) => sum + reward, 0) / rows.length;
      print(`reward of updates ${rows.map(({ update }) => update).join(' and ')}: ${mean.toFixed(3)}`);
    });
  events
    .pipe(only('group.dropped'))
    .subscribe(({ groupId, outcome, detail }) => print(`${groupId}: ${outcome} (${detail})`));
  events
    .pipe(only('evaluation.completed'))
    .subscribe(({ update, metrics }) => print(`accuracy after ${update} updates: ${metrics.accuracy}`));
  await run.summary;
  const { updates, groups } = run.state;
  print(`${updates} updates; ${groups.dropped} of ${groups.completed} groups taught nothing`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await watch({ updates: 10 }, (line) => console.log(line));
