/**
 * Builds the threads and actors of a run, links them, and takes them down again.
 *
 *   main: dispatcher, evaluator ──tasks──▶ rollout-i: forward actors ──requests──▶ sampler-j
 *                  ▲                            │      ▲──────────completions────────┘
 *                  └──────update done── learner ◀─groups┘         learner ──versions──▶ sampler-j
 *
 * Invariants: actors start only when every thread they talk to is linked; shutdown stops intake first, weights last.
 */

import { Dispatcher } from '../actors/dispatcher.js';
import { Evaluator } from '../actors/evaluator.js';
import type { ActorSystem } from '../actors/kernel/system.js';
import { connect, spawnThread, type ThreadHandle } from '../actors/kernel/threads/thread.js';
import type { Config } from '../config/schema.js';
import { TrainingOrder } from '../data/problem-set.js';
import { DialecticError } from '../errors.js';
import { createWeights } from '../model/weights.js';
import { answerWith, type RewardFunction } from '../rewards/reward-functions.js';
import type { UserReward } from '../rewards/user-rewards.js';
import { fixedStrategy, type StrategyPlanner } from '../rollout/planner.js';
import { AnnealingPlanner } from '../techniques/annealing/annealing-planner.js';
import type { LearnerThreadApi, LearnerThreadData } from './learner-thread.js';
import type { Prepared } from './preflight.js';
import { planRewards } from './reward-plan.js';
import type { RolloutThreadApi, RolloutThreadData } from './rollout-thread.js';
import type { SamplerThreadApi, SamplerThreadData } from './sampler-thread.js';
import { actorsOf, planThreads, strategiesOf, TASK_TAKERS } from './thread-plan.js';

export interface EngineOptions
  extends Pick<Prepared, 'config' | 'modelDirectory' | 'policy' | 'stopTokens' | 'capacity' | 'training'> {
  readonly system: ActorSystem;
  readonly samplesPath: string;
  /** `file:` URL of a module with a plan of one's own. */
  readonly planModule?: string | undefined;
  /** Rewards from files; none where left out. */
  readonly userRewards?: readonly UserReward[];
  /** Rewards that are functions of this process; none where left out. */
  readonly rewardFunctions?: readonly RewardFunction[];
  /** Key of the judge; null or left out where there is none or it asks for none. */
  readonly judgeKey?: string | null;
  readonly onEvaluationProgress: (done: number, total: number) => void;
}

export interface Engine {
  readonly dispatcher: Dispatcher;
  readonly evaluator: Evaluator;
  /** By name: rollout-i, sampler-j, learner. */
  readonly threads: ReadonlyMap<string, ThreadHandle<object>>;
  /** Writes the policy to a folder in Hugging Face layout. */
  checkpoint(directory: string): Promise<void>;
  stop(): Promise<void>;
}

const CHECKPOINT_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 5000;
/** A role or a sampler that takes longer for one turn of a debate is stuck. */
const TURN_DEADLINE_MS = 10 * 60_000;
/** Texts of every group of each tenth update go to samples/rollouts.jsonl. */
const SAMPLE_EVERY_UPDATES = 10;

export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { system, config, modelDirectory, policy, capacity } = options;
  const names = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
  const samplerNames = names('sampler', config.actors.sampler);
  const { userRewards = [], rewardFunctions = [] } = options;
  const functionPlans = rewardFunctions.map(({ name, weight, kind }) => ({ name, weight, kind }));

  // ---- threads ------------------------------------------------------------------------------------------------------
  const buffers = [createWeights(policy.weights.layout), createWeights(policy.weights.layout)] as const;
  buffers[0].flat.set(policy.weights.flat);
  const shared = buffers.map(({ flat }) => flat.buffer) as unknown as [SharedArrayBuffer, SharedArrayBuffer];
  const samplers = samplerNames.map((name) =>
    spawn<SamplerThreadApi, SamplerThreadData>(system, name, 'sampler-thread.js', {
      device: config.device,
      decoder: policy.config,
      buffers: shared,
      slots: config.sampling.slotsPerSampler,
      capacity,
      stopTokens: options.stopTokens,
      seed: config.seed,
    }),
  );
  const learner = spawn<LearnerThreadApi, LearnerThreadData>(system, 'learner', 'learner-thread.js', {
    config,
    modelDirectory,
    buffers: shared,
    samplers: samplerNames,
    samplesPath: options.samplesPath,
    userRewards,
    rewardFunctions: functionPlans,
  });
  const plans = planThreads(config);
  const actors = actorsOf(plans);
  const answers = rewardFunctions.length > 0 ? answerWith(rewardFunctions) : undefined;
  const rollouts = plans.map(({ name, actors: own, scorers }) =>
    spawn<RolloutThreadApi, RolloutThreadData>(
      system,
      name,
      'rollout-thread.js',
      {
        modelDirectory,
        actors: own,
        everyone: actors,
        samplers: samplerNames,
        scorer: `${name}/scorer-0`,
        planModule: options.planModule ?? null,
        learner: 'learner',
        sampling: {
          maxTokens: config.sampling.maxCompletionTokens,
          temperature: config.sampling.temperature,
          topK: config.sampling.topK,
          topP: config.sampling.topP,
        },
        maxPromptTokens: config.sampling.maxPromptTokens,
        debate: config.debate,
        search: config.search,
        seed: config.seed,
        advantages: { scale: config.learner.scaleRewards, epsilon: config.learner.advantageEpsilon },
        turnDeadlineMs: TURN_DEADLINE_MS,
        scorers,
        scoringDeadlineMs: config.rewards.deadlineMs,
        rewards: planRewards(config, userRewards, functionPlans),
        judgeKey: options.judgeKey ?? null,
        sampleEveryUpdates: SAMPLE_EVERY_UPDATES,
      },
      answers,
    ),
  );
  const threads: ThreadHandle<object>[] = [...rollouts, ...samplers, learner];
  const stop = async (): Promise<void> => {
    for (const thread of threads) await thread.stop(STOP_TIMEOUT_MS);
    await system.shutdown(STOP_TIMEOUT_MS);
  };

  // ---- links, then actors -------------------------------------------------------------------------------------------
  try {
    await Promise.all(threads.map((thread) => thread.ready));
    for (const sampler of samplers) {
      await connect(learner, sampler);
      for (const rollout of rollouts) await connect(rollout, sampler);
    }
    for (const rollout of rollouts) await connect(rollout, learner);
    // Moderators talk to workers of every thread.
    for (const [i, rollout] of actors.moderator.length > 0 ? rollouts.entries() : [])
      for (const other of rollouts.slice(i + 1)) await connect(rollout, other);
    await learner.control.ask('begin');
    for (const rollout of rollouts) await rollout.control.ask('beginWorkers');
    for (const rollout of rollouts) await rollout.control.ask('beginModerators');
  } catch (error) {
    await stop();
    throw error;
  }

  const openEdge = system.openEdge.bind(system);
  const order = new TrainingOrder(config.seed, options.training.length);
  const dispatcher = new Dispatcher({
    routes: Object.fromEntries(strategiesOf(config).map((name) => [name, actors[TASK_TAKERS[name]]])),
    planner: plannerOf(config, system),
    learner: 'learner',
    promptsPerUpdate: config.sampling.promptsPerUpdate,
    groupSize: config.sampling.groupSize,
    problemAt: (index) => options.training[order.at(index)]!,
    openEdge,
  });
  const evaluator = new Evaluator({
    samplers: samplerNames,
    maxTokens: config.evaluation.maxCompletionTokens,
    openEdge,
    onProgress: options.onEvaluationProgress,
  });
  system.spawn('main/dispatcher', dispatcher.create);
  void Promise.all(samplers.map((sampler) => sampler.exited)).then(([exit]) =>
    dispatcher.fail(new DialecticError('TERMINATED', `no sampler is left: ${exit?.error ?? exit?.reason}`)),
  );
  system.spawn('main/evaluator', evaluator.create, {
    mailbox: { maxCount: 1_000_000, maxBytes: 1 << 30, overflow: 'refuse' },
  });
  return {
    dispatcher,
    evaluator,
    threads: new Map(threads.map((thread) => [thread.name, thread])),
    checkpoint: (directory) => learner.control.within(CHECKPOINT_TIMEOUT_MS).ask('checkpoint', directory),
    stop,
  };
}

function spawn<Api extends object, Data>(
  system: ActorSystem,
  name: string,
  module: string,
  data: Data,
  answers?: object,
): ThreadHandle<Api> {
  return spawnThread<Api>(system, {
    name,
    module: new URL(module, import.meta.url),
    data,
    ...(answers === undefined ? {} : { answers }),
  });
}

function plannerOf(config: Config, system: ActorSystem): StrategyPlanner {
  if (config.strategy !== 'anneal') return fixedStrategy(config.strategy);
  return new AnnealingPlanner({
    strategies: strategiesOf(config),
    seed: config.seed,
    onChoice: ({ terms, ...choice }) =>
      system.emit({ type: 'strategy.chosen', ...choice, update: choice.update + 1, terms: { ...terms } }),
  });
}
