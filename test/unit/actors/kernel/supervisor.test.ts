import t from 'tap';
import { Supervisor } from '../../../../src/actors/kernel/supervisor.js';

const BACKOFF = { minMs: 100, maxMs: 1000, jitter: 0, resetAfterMs: 60_000 };

t.test('failures within the intensity restart with growing delays, one more escalates', async (t) => {
  const supervisor = new Supervisor({ backoff: BACKOFF, intensity: 5, periodMs: 30_000 }, () => 0);
  const decisions = [];
  for (let now = 0; now < 6000; now += 1000) {
    decisions.push(supervisor.failed(now));
    supervisor.restarted(now);
  }
  t.same(decisions, [100, 200, 400, 800, 1000, 'escalate']);
});

t.test('failures older than the period no longer count', async (t) => {
  const supervisor = new Supervisor({ backoff: BACKOFF, intensity: 2, periodMs: 1000 }, () => 0);
  t.equal(supervisor.failed(0), 100);
  t.equal(supervisor.failed(900), 200);
  t.equal(supervisor.failed(1000), 400, 'the one at 0 is out, the one at 900 is in');
  t.equal(supervisor.failed(1100), 'escalate');
});

t.test('after a quiet run the delay is the minimum again', async (t) => {
  const supervisor = new Supervisor({ backoff: BACKOFF, intensity: 9, periodMs: 1e9 }, () => 0);
  t.equal(supervisor.failed(0), 100);
  supervisor.restarted(100);
  t.equal(supervisor.failed(60_099), 200);
  supervisor.restarted(60_300);
  t.equal(supervisor.failed(120_300), 100);
});

t.test('an intensity of 0 never restarts', async (t) => {
  t.equal(new Supervisor({ backoff: BACKOFF, intensity: 0, periodMs: 1000 }, () => 0).failed(0), 'escalate');
});
