/** What a run does when something in it fails: nothing hangs, nothing is lost uncounted, nothing wrong is learned. */
import t from 'tap';
import { outcomeTotal } from '../kit/cli.js';
import { makeEngine, type TestEngine } from '../kit/engine.js';
import { until } from '../kit/settle.js';

/** Ends a thread as soon as the next update is under way, and gives that update. */
async function killDuring(engine: TestEngine, update: number, ...names: string[]) {
  const running = engine.dispatcher.run(update);
  running.catch(() => {});
  await Promise.all(names.map((name) => engine.threads.get(name)!.terminate()));
  return running;
}

t.test('a sampler that dies costs the groups it was sampling; the run goes on with the others', async (t) => {
  const engine = await makeEngine(t);
  await engine.dispatcher.run(0);
  const { metrics, outcomes } = await killDuring(engine, 1, 'sampler-1');
  t.equal(outcomes.cancelled, 8, 'two of four groups');
  t.equal(outcomeTotal(metrics), 1);
  const dropped = () => engine.of('group.dropped').filter(({ outcome }) => outcome === 'cancelled');
  await until('both drops to be shown', () => dropped().length === 2);
  t.same(
    dropped().map(({ promptIndex }) => promptIndex),
    [1, 3],
  );
  t.match(dropped()[0]!.detail, /sampler-1 ended: killed/);

  const next = await engine.dispatcher.run(2);
  t.match(next, { outcomes: { cancelled: 0 }, policyVersion: 3 }, 'all groups from the other sampler');
  const loaded = () => engine.of('policy.loaded').filter(({ version }) => version === 3);
  await until('version 3 to be loaded', () => loaded().length > 0);
  t.match(loaded(), [{ sampler: 'sampler-0' }]);
  const completions = await engine.evaluator.complete(engine.prepared.prompts);
  t.notOk(completions.includes(null), 'evaluation too');
});

t.test('an evaluation goes on with the samplers that are left, and is the same', async (t) => {
  const engine = await makeEngine(t);
  const before = await engine.evaluator.complete(engine.prepared.prompts);
  const again = engine.evaluator.complete(engine.prepared.prompts);
  await engine.threads.get('sampler-0')!.terminate();
  t.same(await again, before);
  const last = engine.evaluator.complete(engine.prepared.prompts);
  await engine.threads.get('sampler-1')!.terminate();
  await t.rejects(last, { code: 'TERMINATED', message: /no sampler is left/ });
  await t.rejects(engine.evaluator.complete(engine.prepared.prompts), { code: 'TERMINATED' });
});

t.test('without a sampler the run ends with an error, at once', async (t) => {
  const engine = await makeEngine(t);
  await engine.dispatcher.run(0);
  // The update in hand may still end, with every group cancelled.
  const inHand = await killDuring(engine, 1, 'sampler-0', 'sampler-1').catch(() => null);
  if (inHand) t.equal(inHand.outcomes.cancelled, 16);
  await t.rejects(engine.dispatcher.run(2), { code: 'TERMINATED', message: /no sampler is left: killed/ });
});

t.test('a role thread that dies costs its tasks; the others take the next ones', async (t) => {
  const engine = await makeEngine(t, { threads: 2 });
  await engine.dispatcher.run(0);
  const { metrics, outcomes } = await killDuring(engine, 1, 'roles-1');
  t.equal(outcomes.cancelled, 8, 'the tasks of forward-1 and forward-3');
  t.equal(outcomeTotal(metrics), 1);
  const cancelled = () => engine.of('group.dropped').filter(({ outcome }) => outcome === 'cancelled');
  await until('both drops to be shown', () => cancelled().length === 2);
  t.match(cancelled()[0], { detail: /^roles-1\/forward-\d ended: thread roles-1 is gone/ });
  const next = await engine.dispatcher.run(2);
  t.equal(next.outcomes.cancelled, 0);
  await killDuring(engine, 3, 'roles-0');
  await t.rejects(engine.dispatcher.run(4), { code: 'TERMINATED', message: 'no forward actor is left' });
});

t.test('a learner that dies ends the run, during an update or between two', async (t) => {
  const engine = await makeEngine(t);
  await t.rejects(killDuring(engine, 0, 'learner'), {
    code: 'TERMINATED',
    message: /the learner ended: thread learner is gone/,
  });
  await t.rejects(engine.checkpoint('/nowhere'), { code: 'TERMINATED' });

  const other = await makeEngine(t);
  await other.dispatcher.run(0);
  await other.threads.get('learner')!.terminate();
  await t.rejects(other.dispatcher.run(1), { code: 'TERMINATED', message: /the learner ended/ });
});
