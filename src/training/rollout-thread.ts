/** The module of a rollout thread: its workers, the tokenizer they share, and the scorer they ask. */
import { createBackward } from '../actors/backward.js';
import { createForward } from '../actors/forward.js';
import type { ActorFactory } from '../actors/kernel/actor.js';
import type { ThreadHost } from '../actors/kernel/threads/worker.js';
import { createModerator } from '../actors/moderator.js';
import { createScorer } from '../actors/scorer.js';
import { createSearcher } from '../actors/searcher.js';
import { createSkeptic } from '../actors/skeptic.js';
import { createSynthesizer } from '../actors/synthesizer.js';
import type { Config } from '../config/schema.js';
import { DialecticError } from '../errors.js';
import { loadTokenizer } from '../model/tokenizer.js';
import { ACTOR_KINDS, type ActorKind, type Strategy } from '../protocol/index.js';
import type { MakePlan } from '../rollout/plan.js';
import { importPlan } from '../rollout/plan-module.js';
import type { SamplingSettings } from '../rollout/sample-and-score.js';
import type { TaskOptions } from '../rollout/worker.js';
import { createPolicyText, type PolicyText } from '../sampling/policy-text.js';
import type { RewardPlan } from './reward-plan.js';
import { openScorer } from './scoring.js';
import { taskPlans } from './task-plans.js';

export interface RolloutThreadData {
  readonly modelDirectory: string;
  /** Paths of the actors of this thread, by kind. */
  readonly actors: Readonly<Record<ActorKind, readonly string[]>>;
  /** Paths of the actors of all rollout threads, by kind. */
  readonly everyone: Readonly<Record<ActorKind, readonly string[]>>;
  readonly samplers: readonly string[];
  /** Module whose default export makes the plan of each task of the forward strategy; null for the built-in one. */
  readonly planModule: string | null;
  /** Path of the scorer of this thread. */
  readonly scorer: string;
  readonly learner: string;
  readonly sampling: SamplingSettings;
  readonly maxPromptTokens: number;
  readonly debate: Config['debate'];
  readonly search: Config['search'];
  /** Word of the random key of a search. */
  readonly seed: number;
  /** How rewards become advantages. */
  readonly advantages: { readonly scale: 'group' | 'none'; readonly epsilon: number };
  /** How long a sampler, a scorer or an actor that takes a turn may take for one answer. */
  readonly turnDeadlineMs: number;
  /** Threads that score for this one; 0 scores here. */
  readonly scorers: number;
  readonly scoringDeadlineMs: number;
  /** Those of every run where left out. */
  readonly rewards?: Pick<
    RewardPlan,
    'builtIn' | 'user' | 'functions' | 'judge' | 'sandbox' | 'rules' | 'outcomeWeights'
  >;
  /** Key of the judge; null or left out where it asks for none. */
  readonly judgeKey?: string | null;
  /** Every how many updates the texts of groups go to a sample file. */
  readonly sampleEveryUpdates: number;
}

export type RolloutThreadApi = {
  /** Spawns its scorer and all workers but moderators; asked once the thread is linked to samplers and learner. */
  beginWorkers(): Promise<void>;
  /** Its moderators, which watch workers of every thread: asked once all of those are there. */
  beginModerators(): Promise<void>;
};

export async function start(host: ThreadHost<RolloutThreadData>): Promise<RolloutThreadApi> {
  const { data, system } = host;
  const ownPlan = data.planModule === null ? null : await importPlan(data.planModule);
  const factories = createFactories(host, createPolicyText(loadTokenizer(data.modelDirectory)), ownPlan);
  const score = await openScorer(host);
  const spawn = (kinds: readonly ActorKind[]): void => {
    for (const kind of kinds) for (const path of data.actors[kind]) system.spawn(path, factories[kind]);
  };
  return {
    beginWorkers: async () => {
      system.spawn(data.scorer, createScorer({ score }), { mailbox: SCORER_MAILBOX });
      spawn(ACTOR_KINDS.filter((kind) => kind !== 'moderator'));
    },
    beginModerators: async () => spawn(['moderator']),
  };
}

/** Each worker of the thread may have every task it holds with the scorer. */
const SCORER_MAILBOX = { maxCount: 100_000, maxBytes: 1 << 30, overflow: 'refuse' } as const;

/** What makes an actor of each kind. */
function createFactories(
  { data, system }: ThreadHost<RolloutThreadData>,
  text: PolicyText,
  ownPlan: MakePlan | null,
): Record<ActorKind, ActorFactory> {
  const { samplers, learner, sampling, turnDeadlineMs, sampleEveryUpdates } = data;
  const { clock } = system;
  const openEdge = system.openEdge.bind(system);
  const warn = (source: string, detail: string): void => system.emit({ type: 'warning', source, detail });
  const completion = {
    samplers,
    scorers: [data.scorer],
    sampling,
    decode: text.decode,
    clock,
    requestDeadlineMs: turnDeadlineMs,
    openEdge,
    warn,
  };
  const plans = taskPlans({
    ownPlan,
    encodePrompt: (question, role, turns) => {
      const tokens = text.encodePrompt(question, role, turns);
      if (tokens.length <= data.maxPromptTokens) return tokens;
      throw new DialecticError(
        'DATA',
        `a prompt has ${tokens.length} tokens, sampling.maxPromptTokens is ${data.maxPromptTokens}: "${question.slice(0, 60)}"`,
      );
    },
    decode: text.decode,
    sampling,
    debate: data.debate,
    search: data.search,
    seed: data.seed,
    rules: data.rewards?.rules ?? { answer: { weight: 1, kind: 'outcome' } },
    outcomeWeights: data.rewards?.outcomeWeights ?? { answer: 1 },
    advantages: data.advantages,
  });
  const tasksOf = (strategy: Strategy): TaskOptions => ({
    learner,
    openEdge,
    planOf: plans[strategy],
    emit: system.emit.bind(system),
    keepTexts: (update) => update % sampleEveryUpdates === 0,
  });
  return {
    forward: createForward(completion, tasksOf('forward')),
    backward: createBackward(completion, tasksOf('backward')),
    skeptic: createSkeptic(completion),
    synthesizer: createSynthesizer(completion),
    moderator: createModerator(
      { actors: data.everyone, clock, turnDeadlineMs, openEdge, warn },
      tasksOf('debate'),
    ),
    searcher: createSearcher(completion, tasksOf('tree')),
  };
}
