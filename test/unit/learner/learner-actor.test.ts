/** The learner as an actor: what it waits for, what it counts, and when it must stop. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ManualClock } from '../../../src/clock.js';
import { readPolicy } from '../../../src/model/policy-files.js';
import {
  type GroupCancelled,
  type GroupCompleted,
  type Message,
  noOutcomes,
} from '../../../src/protocol/index.js';
import { settle, until } from '../../../src/testing/settle.js';
import { outcomeTotal, readLines, temporaryFolder } from '../../kit/cli.js';
import { batchOf, hostLearner, rollouts } from '../../kit/learner-host.js';
import { fixturePolicy, maxDifference } from '../../kit/tiny-policies.js';

const cancelled = (
  { taskId, update, promptIndex }: GroupCompleted,
  reason: GroupCancelled['reason'],
): Message => ({
  kind: 'group.cancelled',
  groupId: taskId,
  taskId,
  update,
  promptIndex,
  endsTask: true,
  reason,
  detail: `because of ${reason}`,
});

t.test('an update is reported once every sampler has proved that it holds the version', async (t) => {
  const host = await hostLearner(t, {}, 2);
  const groups = batchOf(0);
  host.send({ kind: 'update.begin', update: 0, taskCount: 3 });
  for (const group of groups) host.send(group);
  await until('the announcements', () => host.samplers.every((messages) => messages.length === 1));
  const [announced] = host.samplers[0] as [Extract<Message, { kind: 'policy.published' }>];
  t.match(announced, { version: 1, slot: 1 });
  const { version, probeHash } = announced;
  host.send({ kind: 'policy.loaded', version, probeHash }, 'learner/sampler-0');
  host.send({ kind: 'policy.loaded', version: 0, probeHash }, 'learner/sampler-1');
  await settle();
  t.same(host.updates(), [], 'one sampler still holds version 0');
  host.send({ kind: 'policy.loaded', version, probeHash }, 'learner/sampler-1');
  await settle();
  const [report] = host.updates();
  t.match(report, { update: 0, policyVersion: 1 });
  t.equal(outcomeTotal(report!.metrics), 1);
  t.same(
    host.events.flatMap((event) => (event.type === 'policy.loaded' ? [event.sampler] : [])),
    ['learner/sampler-0', 'learner/sampler-1'],
  );
});

t.test('a sampler that ends is not waited for', async (t) => {
  const host = await hostLearner(t, {}, 2);
  host.send({ kind: 'update.begin', update: 0, taskCount: 3 });
  for (const group of batchOf(0)) host.send(group);
  await until('the announcements', () => host.samplers.every((messages) => messages.length === 1));
  await host.system.stop('learner/sampler-0');
  const { version, probeHash } = host.samplers[1]![0] as Extract<Message, { kind: 'policy.published' }>;
  host.send({ kind: 'policy.loaded', version, probeHash }, 'learner/sampler-1');
  await until('the report', () => host.updates().length === 1);
  await host.system.stop('learner/sampler-1');
  t.match(await host.run(1, batchOf(1)), { policyVersion: 2 }, 'nor is one that ended before');
});

t.test('a sampler that proves nothing is named every half minute', async (t) => {
  const clock = new ManualClock();
  const host = await hostLearner(t, {}, 2, clock);
  host.send({ kind: 'update.begin', update: 0, taskCount: 3 });
  for (const group of batchOf(0)) host.send(group);
  await until('the announcements', () => host.samplers.every((messages) => messages.length === 1));
  const { version, probeHash } = host.samplers[1]![0] as Extract<Message, { kind: 'policy.published' }>;
  host.send({ kind: 'policy.loaded', version, probeHash }, 'learner/sampler-1');
  await settle();
  for (const milliseconds of [29_999, 1, 30_000]) clock.advance(milliseconds);
  await settle();
  const warnings = host.events.flatMap((event) => (event.type === 'warning' ? [event.detail] : []));
  t.same(
    warnings.filter((detail) => detail.includes('has not shown')),
    [30, 60].map((s) => `learner/sampler-0 has not shown for ${s} s that it holds policy version 1`),
  );
  host.send({ kind: 'policy.loaded', version, probeHash }, 'learner/sampler-0');
  await until('the report', () => host.updates().length === 1);
  t.equal(clock.timerCount, 0);
});

t.test('a sampler that holds other weights ends the learner', async (t) => {
  const host = await hostLearner(t, {}, 1);
  host.send({ kind: 'update.begin', update: 0, taskCount: 3 });
  for (const group of batchOf(0)) host.send(group);
  await until('the announcement', () => host.samplers[0]!.length === 1);
  host.send({ kind: 'policy.loaded', version: 1, probeHash: 'wrong' }, 'learner/sampler-0');
  await until('the end', () => host.events.some(({ type }) => type === 'actor.terminated'));
  t.match(host.events.at(-1), {
    type: 'actor.terminated',
    path: 'learner',
    reason: 'error',
    error: /sampler-0 holds other weights than policy version 1: probe wrong, expected [0-9a-f]{8}/,
  });
});

t.test('whatever becomes of the groups, the outcomes cover all trajectories', async (t) => {
  const host = await hostLearner(t);
  const [first, second, third] = batchOf(0) as [GroupCompleted, GroupCompleted, GroupCompleted];
  const notFinite = { ...first, logProbs: first.logProbs.map(() => Number.NaN) };
  const unscored = { ...second, scored: Uint8Array.of(1, 0, 1) };
  host.send({ kind: 'update.begin', update: 0, taskCount: 6 });
  const more = ['x', 'y', 'z'].map((taskId, i) => ({ ...third, taskId, promptIndex: 3 + i }));
  for (const message of [notFinite, unscored, third]) host.send(message);
  host.send(cancelled(more[0]!, 'scorer_error'));
  host.send(cancelled(more[1]!, 'actor_terminated'));
  host.send(cancelled(more[2]!, 'not_finite'));
  await until('the report', () => host.updates().length === 1);
  const { outcomes, metrics, policyVersion } = host.updates()[0]!;
  t.strictSame(outcomes, { ...noOutcomes(), applied: 2, truncated: 1, scorer_error: 12, cancelled: 3 });
  t.equal(outcomeTotal(metrics), 1);
  t.equal(policyVersion, 1, 'the one sound group was learned from');
  await settle();
  const dropped = host.events.flatMap((event) =>
    event.type === 'group.dropped' ? [`${event.promptIndex} ${event.outcome}: ${event.detail}`] : [],
  );
  t.same(dropped, [
    '0 scorer_error: a log-probability is not finite',
    '1 scorer_error: a completion was not scored',
    '3 scorer_error: because of scorer_error',
    '4 cancelled: because of actor_terminated',
    '5 scorer_error: because of not_finite',
  ]);
});

t.test('without a group to learn from the policy is untouched, and nothing is published', async (t) => {
  const host = await hostLearner(t, {}, 1);
  const [first, ...rest] = batchOf(0) as [GroupCompleted, ...GroupCompleted[]];
  const dead = rest.map((group) => ({ ...group, rewards: new Float32Array(6) }));
  host.send({ kind: 'update.begin', update: 0, taskCount: 3 });
  host.send({ ...first, rewards: first.rewards.map(() => Number.POSITIVE_INFINITY) });
  for (const group of dead) host.send(group);
  await until('the report', () => host.updates().length === 1);
  t.match(host.updates()[0], { policyVersion: 0, outcomes: { scorer_error: 3, dead_group: 6, applied: 0 } });
  t.same(host.samplers[0], []);
  const folder = join(temporaryFolder(t), 'checkpoint');
  await host.api.checkpoint(folder);
  const { weights } = readPolicy(folder);
  t.equal(maxDifference(weights.flat, fixturePolicy('gemma2').weights.flat), 0);
});

t.test('what comes late or twice is shown and changes nothing', async (t) => {
  const [once, twice] = [await hostLearner(t), await hostLearner(t)];
  await once.run(0, batchOf(0));
  for (const group of [...batchOf(0).slice(0, 1), ...batchOf(0).slice(0, 2)]) twice.send(group);
  twice.send({ kind: 'update.begin', update: 0, taskCount: 3 });
  twice.send(batchOf(0)[2]!);
  await until('the report', () => twice.updates().length === 1);
  twice.send(batchOf(0)[1]!);
  await settle();
  t.equal(maxDifference(once.weightsOf(1), twice.weightsOf(1)), 0);
  const warnings = twice.events.flatMap((event) => (event.type === 'warning' ? [event.detail] : []));
  t.same(
    warnings.filter((detail) => detail.endsWith('came late')),
    ['group.completed of u0-p0 came late', 'group.completed of u0-p1 came late'],
  );
});

t.test('texts that a role sends along are written to the sample file', async (t) => {
  const host = await hostLearner(t);
  const texts = ['one', 'two', 'three'];
  await host.run(0, batchOf(0, { texts }));
  await host.run(1, batchOf(1));
  const rows = readLines(rollouts(host));
  t.equal(rows.length, 9);
  t.match(rows[2], {
    update: 1,
    promptIndex: 0,
    completion: 'three',
    stopped: false,
    rewards: { format: 0 },
  });
});

t.test('a checkpoint is the policy of the last update, readable at once', async (t) => {
  const host = await hostLearner(t);
  await host.run(0, batchOf(0));
  await host.run(1, batchOf(1));
  const folder = join(temporaryFolder(t), 'deep', 'checkpoint');
  await host.api.checkpoint(folder);
  t.equal(maxDifference(readPolicy(folder).weights.flat, host.weightsOf(2)), 0);
  t.match(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')), { model_type: 'gemma2' });
});
