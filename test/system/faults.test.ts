/** What a run does when something in it fails: nothing hangs, nothing is lost uncounted, nothing wrong is learned. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { withoutTimes } from '../../src/learner/metrics.js';
import { readSafetensors, writeSafetensors } from '../../src/model/safetensors.js';
import { until } from '../../src/testing/settle.js';
import { cli, digest, outcomeTotal, readLines, TINY, temporaryFolder } from '../kit/cli.js';
import { makeEngine, type TestEngine } from '../kit/engine.js';
import { packageRoot } from '../kit/root.js';

/** Ends a thread as soon as the next update is under way, and gives that update. */
async function killDuring(engine: TestEngine, update: number, ...names: string[]) {
  const running = engine.dispatcher.run(update);
  running.catch(() => {});
  await Promise.all(names.map((name) => engine.threads.get(name)!.terminate()));
  return running;
}

t.test('a sampler that dies costs nothing: another one does its requests, to the same bits', async (t) => {
  const unhurt = await makeEngine(t);
  await unhurt.dispatcher.run(0);
  const expected = await unhurt.dispatcher.run(1);
  await unhurt.stop();
  const engine = await makeEngine(t);
  await engine.dispatcher.run(0);
  const { metrics, outcomes } = await killDuring(engine, 1, 'sampler-1');
  t.equal(outcomes.cancelled, 0);
  t.equal(outcomeTotal(metrics), 1);
  t.strictSame(withoutTimes(metrics), withoutTimes(expected.metrics));

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
  t.equal(inHand?.outcomes.cancelled ?? 16, 16);
  await t.rejects(engine.dispatcher.run(2), { code: 'TERMINATED', message: /no sampler is left: killed/ });
});

t.test('a rollout thread that dies costs nothing: others do its tasks, to the same bits', async (t) => {
  const unhurt = await makeEngine(t, { threads: 2 });
  await unhurt.dispatcher.run(0);
  const expected = await unhurt.dispatcher.run(1);
  await unhurt.stop();
  const engine = await makeEngine(t, { threads: 2 });
  await engine.dispatcher.run(0);
  const { metrics, outcomes } = await killDuring(engine, 1, 'rollout-1');
  t.equal(outcomes.cancelled, 0);
  t.equal(outcomeTotal(metrics), 1);
  t.strictSame(withoutTimes(metrics), withoutTimes(expected.metrics));
  const next = await engine.dispatcher.run(2);
  t.equal(next.outcomes.cancelled, 0);
  await killDuring(engine, 3, 'rollout-0');
  await t.rejects(engine.dispatcher.run(4), {
    code: 'TERMINATED',
    message: 'no actor is left for the strategy forward',
  });
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

t.test('a learner that finds other weights in a sampler stops the run', async (t) => {
  const engine = await makeEngine(t);
  const { policyVersion: version } = await engine.dispatcher.run(0);
  engine.system.tell('learner', { kind: 'policy.loaded', version, probeHash: 'wrong' });
  await t.rejects(engine.dispatcher.run(1), {
    code: 'TERMINATED',
    message: /^the learner ended: .* holds other weights than policy version 1/,
  });
});

t.test('a policy whose numbers overflow teaches nothing: every group is dropped and shown', async (t) => {
  const cwd = temporaryFolder(t);
  const model = join(cwd, 'huge');
  cpSync(join(packageRoot, 'models', 'nano'), model, { recursive: true });
  const path = join(model, 'model.safetensors');
  const tensors = readSafetensors(path);
  // Finite weights, but queries times keys are not: ±1e74 in float32.
  for (const [name, { data }] of tensors)
    if (name.includes('input_layernorm')) (data as Float32Array).fill(1e37);
  writeSafetensors(path, tensors);

  const { code, stderr } = await cli([...TINY, '--set=model=huge', '--run-dir=run'], { cwd });
  t.equal(code, 0, stderr);
  t.match(
    stderr,
    /update 1: trajectories lost \(.*100\.0 % not scored or not finite\); events\.jsonl says why\n/,
  );
  const rows = readLines(cwd, 'run', 'metrics.jsonl');
  t.equal(rows.length, 2);
  for (const row of rows) t.match(row, { 'outcomes/scorer_error': 1, 'outcomes/applied': 0, grad_norm: 0 });
  const dropped = readLines(cwd, 'run', 'events.jsonl').filter(({ type }) => type === 'group.dropped');
  t.equal(dropped.length, 8);
  t.match(dropped[0], { outcome: 'scorer_error', detail: 'a log-probability is not finite' });
  const checkpoint = join(cwd, 'run', 'checkpoints', 'update-000002', 'model.safetensors');
  t.equal(digest(checkpoint), digest(path), 'the policy is untouched');
});
