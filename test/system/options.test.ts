/** Options of sampling, data and evaluation reach the threads that they are for, and change what happens there. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { ThreadHandle } from '../../src/actors/kernel/threads/thread.js';
import type { Message, UpdateCompleted } from '../../src/protocol/index.js';
import { until } from '../../src/testing/settle.js';
import { spawnProbe } from '../../src/testing/systems.js';
import type { SamplerThreadApi } from '../../src/training/sampler-thread.js';
import { cli, readLines, runAll, TINY, temporaryFolder } from '../kit/cli.js';
import { makeEngine } from '../kit/engine.js';

type Changes = Parameters<typeof makeEngine>[1];

/** One update of an engine, and what its samplers did for it. */
async function oneUpdate(t: { teardown(release: () => unknown): void }, changes: Changes) {
  const engine = await makeEngine(t, changes);
  const completed = await engine.dispatcher.run(0);
  let steps = 0;
  for (const [name, thread] of engine.threads) {
    if (!name.startsWith('sampler')) continue;
    const counters = await (thread as unknown as ThreadHandle<SamplerThreadApi>).control.ask('counters');
    steps = Math.max(steps, counters.steps);
  }
  const groupEvents = engine.events.filter((event) => event.type === 'group.completed');
  await engine.stop();
  return { ...completed, steps, groupEvents };
}

t.test('each option of sampling changes the update', async (t) => {
  const base = await oneUpdate(t, {});
  const numbers = ({ metrics }: UpdateCompleted) =>
    Object.fromEntries(Object.entries(metrics).filter(([key]) => !/time|per_second/.test(key)));

  const shorter = await oneUpdate(t, { sampling: { maxCompletionTokens: 10 } });
  t.equal(shorter.metrics['completions/max_length'], 10);
  t.ok(base.metrics['completions/max_length']! > 10);

  const larger = await oneUpdate(t, { sampling: { groupSize: 6, promptsPerUpdate: 2 } });
  t.match(larger.groupEvents, [{ groupSize: 6 }, { groupSize: 6 }]);
  t.equal(larger.groupEvents.length, 2);

  const wide = await oneUpdate(t, { sampling: { groupSize: 12 } });
  const narrow = await oneUpdate(t, { sampling: { groupSize: 12, slotsPerSampler: 2 } });
  t.strictSame(numbers(narrow), numbers(wide), 'the same numbers');
  t.ok(narrow.steps > 2 * wide.steps, `${narrow.steps} steps of 2 slots, ${wide.steps} of 64`);

  for (const [name, sampling] of Object.entries({
    'a lower temperature': { temperature: 0.2 },
    'the two likeliest tokens': { topK: 2 },
    'half of the mass': { topP: 0.5 },
  })) {
    const changed = await oneUpdate(t, { sampling });
    t.ok(changed.metrics.num_tokens !== base.metrics.num_tokens, name);
    t.ok(changed.metrics['sampling/sampling_logp_difference/max']! < 1e-4, 'log-probabilities are exact');
  }
});

t.test('the seed is part of the key of every draw', async (t) => {
  const drawn = async (seed: number): Promise<Int32Array> => {
    const { system, prepared } = await makeEngine(t, { seed, actors: { sampler: 1, forward: 1 } });
    const seen = spawnProbe(system, 'main/probe');
    const request = {
      requestId: 'r',
      purpose: 'rollout',
      update: 0,
      promptIndex: 0,
      stream: 0,
      sampleCount: 8,
    } as const;
    const all = { maxTokens: 40, temperature: 1, topK: 0, topP: 1 };
    const message = { kind: 'completions.request', ...request, ...all } as const;
    const promptTokens = prepared.prompts[0]!.slice();
    system.send({
      from: 'main/probe',
      to: 'sampler-0',
      epoch: 0,
      seq: 0,
      message: { ...message, promptTokens },
    });
    await until('the completions', () => seen.length === 1);
    return (seen[0] as Extract<Message, { kind: 'completions.sampled' }>).tokens;
  };
  const first = await drawn(1);
  t.same(await drawn(1), first);
  t.notSame(await drawn(2), first);
});

t.test('domains limit training and evaluation problems', async (t) => {
  const run = join(temporaryFolder(t), 'run');
  const args = [
    '--set=data.domains=["logic_puzzle"]',
    '--set=evaluation.maxCompletionTokens=5',
    '--updates=1',
  ];
  const { code } = await cli([...TINY, ...args, '--set=checkpoint.onExit=false', `--run-dir=${run}`]);
  t.equal(code, 0);
  const domains = (rows: readonly Readonly<Record<string, unknown>>[]) =>
    new Set(rows.map(({ domain }) => domain));
  const evaluated = readLines(run, 'samples', 'evaluation-000001.jsonl');
  const events = readLines(run, 'events.jsonl');
  t.same(new Set(evaluated.map(({ type }) => type)), new Set(['logic_puzzle']));
  t.equal(evaluated.length, 12);
  t.same(domains(events.filter(({ type }) => type === 'group.completed')), new Set(['logic_puzzle']));
  t.ok(
    evaluated.every(({ isFormatted }) => isFormatted === false),
    'five tokens are too few for an answer',
  );
  t.notOk(
    events.some(({ type }) => type === 'checkpoint.saved'),
    'no checkpoint was wanted',
  );
});

t.test('TensorFlow.js runs the same training', async (t) => {
  const folder = temporaryFolder(t);
  // So few tokens hold no answer; their length is what groups differ in.
  const reward = join(folder, 'length.mjs');
  writeFileSync(
    reward,
    `export const name = 'length', weight = 1, kind = 'outcome';
export const score = (batch) => batch.map(({ completion }) => completion.length / 100);`,
  );
  const small = [
    `--set=rewards.files=${JSON.stringify([reward])}`,
    '--updates=1',
    '--set=data.evaluationProblems=1',
    '--set=sampling.promptsPerUpdate=1',
    '--set=sampling.groupSize=4',
    '--set=sampling.slotsPerSampler=4',
    // The gradient of a token is 1 - p, which rounding eats where the policy is sure of it.
    '--set=sampling.temperature=3',
    '--set=sampling.maxCompletionTokens=24',
    '--set=evaluation.maxCompletionTokens=4',
    '--set=checkpoint.onExit=false',
    '--actors=forward=1,sampler=1,scorer=1',
    '--set=learner.maskTruncated=false',
  ];
  await runAll(folder, small, { cpu: ['--set=device=cpu'], tfjs: ['--set=device=tfjs'] });
  const rows = ['cpu', 'tfjs'].map((device) => readLines(folder, device, 'metrics.jsonl')[0]!);
  t.ok((rows[0]!.grad_norm as number) > 0, 'something was learned');
  for (const key of ['num_tokens', 'reward', 'loss', 'grad_norm', 'entropy']) {
    const [cpu, tfjs] = rows.map((row) => row[key] as number) as [number, number];
    t.ok(Math.abs(cpu - tfjs) <= 1e-4 * Math.max(1e-2, Math.abs(cpu)), `${key}: ${cpu} and ${tfjs}`);
  }
});
