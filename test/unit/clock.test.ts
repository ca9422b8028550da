import t from 'tap';
import { ManualClock } from '../../src/clock.js';

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
