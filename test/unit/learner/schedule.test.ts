import t from 'tap';
import { learningRateAt, type ScheduleOptions } from '../../../src/learner/schedule.js';

/** The learning rate of each update, by its number. */
function ratesOf(updates: number, options: Partial<ScheduleOptions>): (update: number) => number {
  const whole: ScheduleOptions = {
    learningRate: 1,
    warmupUpdates: 0,
    schedule: 'cosine',
    finalLearningRateFraction: 0,
    ...options,
  };
  return (update) => learningRateAt(update, updates, whole);
}

const near = (actual: number, expected: number): boolean => Math.abs(actual - expected) < 1e-12;

t.test('a warm-up of n updates rises by a nth of the peak an update', async (t) => {
  const at = ratesOf(10, { learningRate: 0.4, warmupUpdates: 4, schedule: 'constant' });
  for (const [update, expected] of [0.1, 0.2, 0.3, 0.4, 0.4, 0.4].entries())
    t.ok(near(at(update), expected), `update ${update}: ${at(update)}, expected ${expected}`);
});

t.test('a cosine falls from the peak to its fraction, and stays there', async (t) => {
  const at = ratesOf(10, { learningRate: 2, warmupUpdates: 2, finalLearningRateFraction: 0.1 });
  t.ok(near(at(0), 1));
  t.ok(near(at(1), 2));
  t.ok(near(at(2), 2));
  t.ok(near(at(6), 2 * (0.1 + 0.9 * 0.5)), 'half way, half of what falls is left');
  t.ok(near(at(4), 2 * (0.1 + 0.45 * (1 + Math.SQRT1_2))), 'cos 45° after a quarter');
  t.ok(near(at(10), 0.2));
  t.ok(near(at(15), 0.2));
  for (let update = 3; update <= 10; update++) t.ok(at(update) < at(update - 1));
});

t.test('no warm-up starts at the peak', async (t) => {
  for (const schedule of ['constant', 'cosine'] as const)
    t.equal(ratesOf(1, { learningRate: 3, schedule })(0), 3, schedule);
});

t.test('a run shorter than its warm-up never divides by zero', async (t) => {
  const at = ratesOf(3, { warmupUpdates: 5 });
  for (let update = 0; update < 8; update++) t.ok(Number.isFinite(at(update)));
});
