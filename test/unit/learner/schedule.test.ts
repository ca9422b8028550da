import t from 'tap';
import { learningRateAt } from '../../../src/learner/schedule.js';

const near = (actual: number, expected: number): boolean => Math.abs(actual - expected) < 1e-12;

t.test('a warm-up of n updates rises by a nth of the peak an update', async (t) => {
  const options = {
    learningRate: 0.4,
    warmupUpdates: 4,
    schedule: 'constant',
    finalLearningRateFraction: 0.1,
  } as const;
  const rates = Array.from({ length: 6 }, (_, update) => learningRateAt(update, 10, options));
  t.ok(
    [0.1, 0.2, 0.3, 0.4, 0.4, 0.4].every((expected, i) => near(rates[i]!, expected)),
    `${rates}`,
  );
});

t.test('a cosine falls from the peak to its fraction, and stays there', async (t) => {
  const options = {
    learningRate: 2,
    warmupUpdates: 2,
    schedule: 'cosine',
    finalLearningRateFraction: 0.1,
  } as const;
  const at = (update: number): number => learningRateAt(update, 10, options);
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
  const options = { learningRate: 3, warmupUpdates: 0, finalLearningRateFraction: 0 } as const;
  t.equal(learningRateAt(0, 1, { ...options, schedule: 'constant' }), 3);
  t.equal(learningRateAt(0, 1, { ...options, schedule: 'cosine' }), 3);
});

t.test('a run shorter than its warm-up never divides by zero', async (t) => {
  const options = {
    learningRate: 1,
    warmupUpdates: 5,
    schedule: 'cosine',
    finalLearningRateFraction: 0,
  } as const;
  for (let update = 0; update < 8; update++) t.ok(Number.isFinite(learningRateAt(update, 3, options)));
});
