import t from 'tap';
import { completionText } from '../../../src/data/prompt.js';
import type { ScoringItem } from '../../../src/protocol/index.js';
import { createScorerPool } from '../../../src/rewards/pool.js';
import { scoreBatch } from '../../../src/rewards/rewards.js';

const workerUrl = new URL('./misbehaving-worker.js', import.meta.url);
/** Long enough for a thread to start and score on a busy machine; only batches that hang wait for it. */
const deadlineMs = 3000;

const good: readonly ScoringItem[] = [
  { completion: completionText('a', '36'), answer: '36' },
  { completion: completionText('a', '37'), answer: '36' },
];
const bad = (what: string): readonly ScoringItem[] => [
  { completion: what, answer: '' },
  { completion: completionText('a', '36'), answer: '36' },
];
const isUnscored = (rewards: { values: Float32Array; scored: Uint8Array }): boolean =>
  rewards.values.length === 4 &&
  rewards.values.every(Number.isNaN) &&
  rewards.scored.every((flag) => flag === 0);

t.test('threads give the same rewards as a direct call', async (t) => {
  const pool = createScorerPool({ threads: 2, deadlineMs });
  t.teardown(() => pool.close());
  const replies = await Promise.all(Array.from({ length: 40 }, () => pool.score(good)));
  for (const reply of replies) t.same(reply, scoreBatch(good));
  t.same(pool.counts(), { scored: 40, deadline: 0, crashed: 0, refused: 0, strayErrors: 0 });
});

t.test('a reward that never returns costs its own batch the deadline, and the pool goes on', async (t) => {
  const pool = createScorerPool({ threads: 1, deadlineMs, workerUrl });
  t.teardown(() => pool.close());
  const replies = await Promise.all([
    pool.score(good),
    pool.score(bad('hang')),
    pool.score(good),
    pool.score(bad('wait for ever')),
    pool.score(good),
  ]);
  t.same(
    replies.map((reply) => isUnscored(reply)),
    [false, true, false, true, false],
  );
  t.same(replies[4], scoreBatch(good));
  t.same(pool.counts(), { scored: 3, deadline: 2, crashed: 0, refused: 0, strayErrors: 0 });
});

t.test(
  'a thread that throws, exits, runs out of memory or talks nonsense is counted, and the pool goes on',
  async (t) => {
    const pool = createScorerPool({ threads: 1, deadlineMs: 20_000, workerUrl });
    t.teardown(() => pool.close());
    const crashes = [
      'throw',
      'exit',
      'run out of memory',
      'answer with nonsense',
      'answer for another batch',
    ];
    for (const crash of crashes) {
      t.ok(isUnscored(await pool.score(bad(crash))), crash);
      t.same(await pool.score(good), scoreBatch(good), `after ${crash}`);
    }
    t.same(pool.counts(), { scored: 5, deadline: 0, crashed: 5, refused: 0, strayErrors: 0 });
  },
);

t.test('one batch more than may wait is refused at once, and never scored later', async (t) => {
  const pool = createScorerPool({ threads: 1, deadlineMs, maxWaiting: 2 });
  t.teardown(() => pool.close());
  const replies = await Promise.all(Array.from({ length: 5 }, () => pool.score(good)));
  t.same(
    replies.map((reply) => isUnscored(reply)),
    [false, false, false, true, true],
  );
  t.same(pool.counts(), { scored: 3, deadline: 0, crashed: 0, refused: 2, strayErrors: 0 });
});

t.test('closing ends every batch as refused and leaves nothing running', async (t) => {
  const pool = createScorerPool({ threads: 1, deadlineMs: 60_000, workerUrl });
  t.same(await pool.score(good), scoreBatch(good));
  const underWay = [pool.score(bad('hang')), pool.score(good), pool.score(good)];
  await pool.close();
  for (const reply of await Promise.all(underWay)) t.ok(isUnscored(reply));
  t.ok(isUnscored(await pool.score(good)));
  t.same(pool.counts(), { scored: 1, deadline: 0, crashed: 0, refused: 4, strayErrors: 0 });
});

t.test('a pool without threads is a configuration error', async (t) => {
  t.throws(() => createScorerPool({ threads: 0, deadlineMs }), { code: 'CONFIG' });
});
