/** The module of the learner thread: the update loop behind one actor, and the checkpoints it is asked for. */
import { join } from 'node:path';
import { DEFAULT_SUPERVISION } from '../actors/kernel/supervisor.js';
import type { ThreadHost } from '../actors/kernel/threads/worker.js';
import type { Config } from '../config/schema.js';
import { Learner } from '../learner/learner.js';
import { createLearnerActor } from '../learner/learner-actor.js';
import { Publication } from '../learner/publication.js';
import { parameterLayout } from '../model/parameters.js';
import { readPolicy, writePolicy } from '../model/policy-files.js';
import { createWeights } from '../model/weights.js';
import { JsonlSink } from '../observe/jsonl.js';
import { sampleRows } from '../observe/samples.js';
import type { RewardFunctionPlan } from '../rewards/reward-functions.js';
import type { UserReward } from '../rewards/user-rewards.js';
import { openRuntime } from '../tensor/device.js';
import { planRewards } from './reward-plan.js';

export interface LearnerThreadData {
  readonly config: Config;
  readonly modelDirectory: string;
  /** The two shared buffers of policy versions. */
  readonly buffers: readonly [SharedArrayBuffer, SharedArrayBuffer];
  readonly samplers: readonly string[];
  readonly samplesPath: string;
  /** Rewards from files; none where left out. */
  readonly userRewards?: readonly UserReward[];
  /** Functions of the process that started the run; none where left out. */
  readonly rewardFunctions?: readonly RewardFunctionPlan[];
}

export type LearnerThreadApi = {
  /** Spawns the actor; asked once the thread is linked to the samplers. */
  begin(): Promise<void>;
  /** Writes the policy to a folder in Hugging Face layout. */
  checkpoint(directory: string): Promise<void>;
};

export async function start(host: ThreadHost<LearnerThreadData>): Promise<LearnerThreadApi> {
  const { config, modelDirectory, buffers, samplers, samplesPath } = host.data;
  const { userRewards = [], rewardFunctions = [] } = host.data;
  const rewards = planRewards(config, userRewards, rewardFunctions);
  const { learner: settings, sampling, seed } = config;
  const policy = readPolicy(modelDirectory);
  const layout = parameterLayout(policy.config);
  const runtime = await openRuntime(config.device, settings.threads);
  const learner = new Learner({
    runtime,
    config: policy.config,
    weights: policy.weights,
    batch: {
      loss: settings.loss,
      scale: settings.scaleRewards,
      epsilon: settings.advantageEpsilon,
      rewards: rewards.rules,
      maskTruncated: settings.maskTruncated,
      maxCompletionTokens: sampling.maxCompletionTokens,
      shuffleSeed: settings.shuffleRewards ? seed : null,
    },
    loss: settings,
    adam: {
      beta1: settings.adamBeta1,
      beta2: settings.adamBeta2,
      epsilon: settings.adamEpsilon,
      weightDecay: settings.weightDecay,
      maxGradNorm: settings.maxGradNorm,
    },
    schedule: settings,
    updates: config.updates,
    iterations: settings.iterations,
    temperature: sampling.temperature,
    tokensPerMicroBatch: settings.tokensPerMicroBatch,
  });
  host.onStop(() => learner.release());
  const publication = new Publication(policy.weights, [
    createWeights(layout, buffers[0]),
    createWeights(layout, buffers[1]),
  ]);
  const samples = new JsonlSink(join(samplesPath, 'rollouts.jsonl'));
  host.onStop(() => samples.close());
  return {
    begin: async () => {
      const actor = createLearnerActor({
        learner,
        publication,
        samplers,
        groupSize: sampling.groupSize,
        rewardWeights: rewards.weights,
        outcomeRewards: new Set(
          Object.entries(rewards.rules).flatMap(([name, { kind }]) => (kind === 'outcome' ? [name] : [])),
        ),
        emit: (event) => host.system.emit(event),
        now: () => performance.now(),
        clock: host.system.clock,
        onGroups: (update, groups) => {
          for (const row of groups.flatMap((group) => sampleRows(update + 1, group))) samples.write(row);
          samples.flush();
        },
      });
      // What the learner knows is in its weights and moments: an actor that lost track of an update must not go on.
      host.system.spawn(host.name, actor, {
        mailbox: { maxCount: 100_000, maxBytes: 1 << 30, overflow: 'refuse' },
        supervision: { ...DEFAULT_SUPERVISION, intensity: 0 },
      });
    },
    checkpoint: async (directory) => writePolicy(directory, policy.weights, modelDirectory),
  };
}
