/** The learner's thread module in this thread: the real actor on the fixture's policy, told what a test likes. */
import { join } from 'node:path';
import { ActorSystem } from '../../src/actors/kernel/system.js';
import type { Clock } from '../../src/clock.js';
import { configSchema } from '../../src/config/schema.js';
import { parameterLayout } from '../../src/model/parameters.js';
import { createWeights } from '../../src/model/weights.js';
import type { Event, GroupCompleted, Message, UpdateCompleted } from '../../src/protocol/index.js';
import { until } from '../../src/testing/settle.js';
import { spawnProbe } from '../../src/testing/systems.js';
import { type LearnerThreadApi, start } from '../../src/training/learner-thread.js';
import { temporaryFolder } from './cli.js';
import { groupMessages } from './grpo-fixture.js';
import { fixture } from './root.js';
import { fixtureConfig } from './tiny-policies.js';

const MODEL = fixture('models', 'gemma2');

export interface LearnerHost {
  readonly system: ActorSystem;
  readonly events: Event[];
  /** What the samplers were told, by place. */
  readonly samplers: readonly Message[][];
  readonly api: LearnerThreadApi;
  readonly samplesPath: string;
  /** Sends as the dispatcher, or as another path. */
  send(message: Message, from?: string): void;
  /** Completed updates so far. */
  readonly updates: () => UpdateCompleted[];
  /** Begins an update, tells the groups, and gives its report. */
  run(update: number, groups: readonly GroupCompleted[]): Promise<UpdateCompleted>;
  /** The weights of a published version. */
  weightsOf(version: number): Float32Array;
}

/** `changes` are sections of the configuration. */
export async function hostLearner(
  t: { teardown(release: () => unknown): void },
  changes: Readonly<Record<string, unknown>> = {},
  samplerCount = 0,
  clock?: Clock,
): Promise<LearnerHost> {
  const { learner, sampling, ...rest } = changes as Record<string, object>;
  const config = configSchema.parse({
    model: MODEL,
    updates: 4,
    ...rest,
    sampling: { groupSize: 3, ...sampling },
    learner: { learningRate: 1e-2, warmupUpdates: 0, threads: 1, ...learner },
  });
  const system = new ActorSystem({ name: 'learner', ...(clock ? { clock } : {}) });
  const events: Event[] = [];
  system.events.subscribe((event) => void events.push(event), 1e5);
  const paths = Array.from({ length: samplerCount }, (_, i) => `learner/sampler-${i}`);
  const samplers = paths.map((path) => spawnProbe(system, path));
  const seen = spawnProbe(system, 'learner/dispatcher');

  const layout = parameterLayout(fixtureConfig('gemma2'));
  const buffers = [0, 1].map(() => new SharedArrayBuffer(layout.size * 4)) as [
    SharedArrayBuffer,
    SharedArrayBuffer,
  ];
  const samplesPath = temporaryFolder(t);
  const releases: (() => void | Promise<void>)[] = [];
  const data = { config, modelDirectory: MODEL, buffers, samplers: paths, samplesPath };
  const api = await start({ name: 'learner', data, system, onStop: (release) => releases.push(release) });
  t.teardown(async () => {
    await system.shutdown();
    for (const release of releases.reverse()) await release();
  });
  await api.begin();

  let seq = 0;
  const send = (message: Message, from = 'learner/dispatcher'): void =>
    void system.send({ from, to: 'learner', epoch: 0, seq: seq++, message });
  const updates = () =>
    seen.filter((message): message is UpdateCompleted => message.kind === 'update.completed');
  const run = async (update: number, groups: readonly GroupCompleted[]): Promise<UpdateCompleted> => {
    send({ kind: 'update.begin', update, taskCount: groups.length });
    for (const group of groups) send(group, 'learner/role');
    const report = () => updates().find((completed) => completed.update === update);
    await until(`update ${update}`, () => report() !== undefined);
    return report()!;
  };
  const weightsOf = (version: number) => createWeights(layout, buffers[version % 2]).flat.slice();
  return { system, events, samplers, api, samplesPath, send, updates, run, weightsOf };
}

/** The fixture's three groups for an update, each with an answer and a format reward, its last completion cut. */
export function batchOf(update: number, change: Partial<GroupCompleted> = {}): GroupCompleted[] {
  return groupMessages(1).map((group, i) => ({
    ...group,
    groupId: `u${update}-p${i}`,
    taskId: `u${update}-p${i}`,
    update,
    rewardNames: ['answer', 'format'],
    rewards: Float32Array.of(...group.rewards, 1, 0.5, 0),
    stopped: Uint8Array.of(1, 1, 0),
    ...change,
  }));
}

/** Path of the sample file. */
export const rollouts = (host: LearnerHost): string => join(host.samplesPath, 'rollouts.jsonl');
