import { Subject } from 'rxjs';
import t from 'tap';
import { type Arrival, type Collected, collectUpdates } from '../../../src/learner/collect.js';
import type { GroupCancelled, GroupCompleted, UpdateBegin } from '../../../src/protocol/index.js';
import { Random } from '../../../src/random.js';
import { groupCompleted } from '../../../src/testing/messages.js';
import { Checks } from '../../kit/checks.js';

const SEED = Number(process.env.TEST_SEED ?? 1);

const begin = (update: number, taskCount: number): UpdateBegin => ({
  kind: 'update.begin',
  update,
  taskCount,
});
const group = (update: number, taskId: string): GroupCompleted =>
  groupCompleted({ update, taskId, groupId: `g-${taskId}` });
const cancelled = (update: number, taskId: string): GroupCancelled => ({
  kind: 'group.cancelled',
  groupId: `g-${taskId}`,
  taskId,
  update,
  promptIndex: 0,
  endsTask: true,
  reason: 'scorer_error',
  detail: 'no score',
});

/** What comes out of a sequence of arrivals, and what was too late. */
function collect(arrivals: readonly Arrival[]) {
  const stream = new Subject<Arrival>();
  const updates: Collected[] = [];
  const late: (GroupCompleted | GroupCancelled)[] = [];
  collectUpdates(stream, (arrival) => late.push(arrival)).subscribe((update) => updates.push(update));
  for (const arrival of arrivals) stream.next(arrival);
  const tasksOf = ({ completed, cancelled }: Collected): string[] =>
    [...completed, ...cancelled].map(({ taskId }) => taskId).sort();
  return { updates, late, tasks: updates.map((update) => [update.update, ...tasksOf(update)].join(' ')) };
}

t.test('an update is complete when all its groups came, finished or cancelled', async (t) => {
  const { updates, tasks, late } = collect([begin(0, 3), group(0, 'a'), cancelled(0, 'b'), group(0, 'c')]);
  t.strictSame(tasks, ['0 a b c']);
  t.equal(updates[0]!.completed.length, 2);
  t.equal(updates[0]!.cancelled.length, 1);
  t.strictSame(late, []);
});

t.test('nothing comes out while a group or the announcement is missing', async (t) => {
  t.strictSame(collect([begin(0, 2), group(0, 'a')]).tasks, []);
  t.strictSame(collect([group(0, 'a'), group(0, 'b')]).tasks, []);
});

t.test('the order of arrival does not matter, within an update or across updates', async (t) => {
  const checks = new Checks();
  const arrivals = [
    begin(0, 2),
    group(0, 'a'),
    cancelled(0, 'b'),
    begin(1, 3),
    group(1, 'c'),
    group(1, 'd'),
    group(1, 'e'),
    begin(2, 1),
    group(2, 'f'),
  ];
  const random = new Random(SEED, 'arrivals');
  for (let trial = 0; trial < 200; trial++) {
    const { tasks, late } = collect(random.shuffle(arrivals));
    checks.same([...tasks].sort(), ['0 a b', '1 c d e', '2 f'], `seed ${SEED}, trial ${trial}`);
    checks.same(late, [], `seed ${SEED}, trial ${trial}: late`);
  }
  checks.report(t, { moreThan: 399 });
});

t.test('a repeated group counts once, by its first arrival, and the repetition is reported', async (t) => {
  const first = group(0, 'a');
  const { updates, late } = collect([begin(0, 2), first, cancelled(0, 'a'), group(0, 'a'), group(0, 'b')]);
  t.equal(updates.length, 1);
  t.equal(updates[0]!.completed[0], first);
  t.strictSame(updates[0]!.cancelled, []);
  t.strictSame(
    late.map(({ kind, taskId }) => [kind, taskId]),
    [
      ['group.cancelled', 'a'],
      ['group.completed', 'a'],
    ],
  );
});

t.test('what arrives after its update was taken is reported and starts nothing', async (t) => {
  const { tasks, late } = collect([
    begin(0, 1),
    group(0, 'a'),
    group(0, 'a'),
    group(0, 'late'),
    begin(0, 1),
    begin(1, 1),
    group(1, 'b'),
  ]);
  t.strictSame(tasks, ['0 a', '1 b']);
  t.strictSame(
    late.map(({ taskId }) => taskId),
    ['a', 'late'],
  );
});

t.test('an update may be taken while a later one waits', async (t) => {
  const { tasks } = collect([begin(1, 2), group(1, 'x'), begin(0, 1), group(0, 'a'), group(1, 'y')]);
  t.strictSame(tasks, ['0 a', '1 x y']);
});

t.test('more groups than announced are taken, not held for ever', async (t) => {
  t.strictSame(collect([group(0, 'a'), group(0, 'b'), begin(0, 1)]).tasks, ['0 a b']);
});

t.test('a task may bring several groups; the update waits for the one that ends it', async (t) => {
  const arrivals = new Subject<Arrival>();
  const seen: Collected[] = [];
  const late: string[] = [];
  collectUpdates(arrivals, ({ groupId }) => late.push(groupId)).subscribe((each) => seen.push(each));
  arrivals.next(begin(0, 2));
  arrivals.next(groupCompleted({ taskId: 'a', groupId: 'a-1', endsTask: false }));
  arrivals.next(groupCompleted({ taskId: 'b', groupId: 'b-1', endsTask: true }));
  arrivals.next(groupCompleted({ taskId: 'b', groupId: 'b-2', endsTask: false }));
  arrivals.next(groupCompleted({ taskId: 'a', groupId: 'a-1', endsTask: false }));
  t.same(seen, []);
  arrivals.next(groupCompleted({ taskId: 'a', groupId: 'a-2', endsTask: true }));
  t.same(
    seen.map(({ completed }) => completed.map(({ groupId }) => groupId)),
    [['a-1', 'b-1', 'a-2']],
  );
  t.same(late, ['b-2', 'a-1'], 'a group of a task that is over, and a repeated one');
});
