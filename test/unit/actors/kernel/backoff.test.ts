import t from 'tap';
import { type Backoff, backoffDelay, nextAttempt } from '../../../../src/actors/kernel/backoff.js';

const BACKOFF: Backoff = { minMs: 100, maxMs: 1500, jitter: 0.25, resetAfterMs: 5000 };

t.test('delays double from the minimum to the cap', async (t) => {
  const delays = [0, 1, 2, 3, 4, 5, 60].map((attempt) => backoffDelay(BACKOFF, attempt, 0));
  t.same(delays, [100, 200, 400, 800, 1500, 1500, 1500]);
});

t.test('jitter adds up to its share of the delay, above the cap too', async (t) => {
  t.equal(backoffDelay(BACKOFF, 2, 0.5), 450); // 400 · (1 + 0.25 · 0.5)
  t.equal(backoffDelay(BACKOFF, 9, 1), 1875); // 1500 · (1 + 0.25)
});

t.test('a quiet time starts the schedule again, a shorter one goes on with it', async (t) => {
  t.equal(nextAttempt(BACKOFF, 3, 4999), 4);
  t.equal(nextAttempt(BACKOFF, 3, 5000), 0);
});
