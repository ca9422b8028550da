import t from 'tap';
import { ManualClock, withDeadline } from '../../src/clock.js';

t.test('timers fire in due order, ties in the order they were set, each at its own time', async (t) => {
  const clock = new ManualClock();
  const log: string[] = [];
  const set = (name: string, delayMs: number) =>
    clock.setTimer(delayMs, () => log.push(`${name}@${clock.now()}`));
  set('c', 30);
  set('a', 10);
  set('b1', 20);
  set('b2', 20);
  clock.advance(25);
  t.same(log, ['a@10', 'b1@20', 'b2@20']);
  t.equal(clock.now(), 25);
});

t.test('a timer set by a timer fires in the same advance if it falls due', async (t) => {
  const clock = new ManualClock();
  const times: number[] = [];
  const tick = () => {
    times.push(clock.now());
    clock.setTimer(10, tick);
  };
  clock.setTimer(10, tick);
  clock.advance(35);
  t.same(times, [10, 20, 30]);
});

t.test('a cancelled timer never fires and is forgotten', async (t) => {
  const clock = new ManualClock();
  const cancel = clock.setTimer(10, () => t.fail('fired'));
  cancel();
  t.equal(clock.timerCount, 0);
  clock.advance(100);
});

t.test('work that ends in time is what it came to, and leaves no timer', async (t) => {
  const clock = new ManualClock();
  const late = (): Error => new Error('late');
  t.equal(await withDeadline(Promise.resolve(3), 100, late, clock), 3);
  await t.rejects(withDeadline(Promise.reject(new Error('broken')), 100, late, clock), { message: 'broken' });
  t.equal(clock.timerCount, 0);
});

t.test('work that takes longer is late, with the error of the one who waits', async (t) => {
  const clock = new ManualClock();
  let finish = (_: number): void => {};
  const work = new Promise<number>((resolve) => {
    finish = resolve;
  });
  const waiting = withDeadline(work, 100, () => new Error(`late at ${clock.now()}`), clock);
  clock.advance(99);
  t.equal(clock.timerCount, 1, 'not yet');
  clock.advance(1);
  await t.rejects(waiting, { message: 'late at 100' });
  finish(3);
  t.equal(await work, 3, 'the work itself goes on');
});
