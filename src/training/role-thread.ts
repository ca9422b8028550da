/** The module of a role thread: roles, moderators and searchers, with the tokenizer they share and the scorers they ask. */
import { createBackwardRole } from '../actors/backward.js';
import { createForwardRole } from '../actors/forward.js';
import type { ActorFactory } from '../actors/kernel/actor.js';
import type { ThreadHost } from '../actors/kernel/threads/worker.js';
import { createModerator, halfOfGroup } from '../actors/moderator.js';
import type { SamplingSettings } from '../actors/role.js';
import { budgetOfGroup, createSearcher } from '../actors/searcher.js';
import { createSkepticRole } from '../actors/skeptic.js';
import { createSynthesizerRole } from '../actors/synthesizer.js';
import type { Config } from '../config/schema.js';
import type { Turn } from '../data/prompt.js';
import { DialecticError } from '../errors.js';
import { loadTokenizer } from '../model/tokenizer.js';
import type { Role } from '../protocol/index.js';
import { answersAgree } from '../rewards/answers/answer.js';
import { parseCompletion } from '../rewards/parse.js';
import { createPolicyText } from '../sampling/policy-text.js';
import type { RewardPlan } from './reward-plan.js';
import { ROLE_KINDS, type RoleKind } from './role-plan.js';
import { openScorer } from './thread-scorer.js';

export interface RoleThreadData {
  readonly modelDirectory: string;
  /** Paths of the actors of this thread, by kind. */
  readonly actors: Readonly<Record<RoleKind, readonly string[]>>;
  /** Paths of the actors of all role threads, by kind. */
  readonly everyone: Readonly<Record<RoleKind, readonly string[]>>;
  readonly samplers: readonly string[];
  readonly learner: string;
  readonly sampling: SamplingSettings;
  readonly maxPromptTokens: number;
  readonly debate: Config['debate'];
  readonly search: Config['search'];
  /** Word of the random key of a search. */
  readonly seed: number;
  /** How rewards become advantages. */
  readonly advantages: { readonly scale: 'group' | 'none'; readonly epsilon: number };
  /** How long one turn of a debate, or one continuation of a tree, may take. */
  readonly turnDeadlineMs: number;
  /** Threads that score for this one; 0 scores here. */
  readonly scorers: number;
  readonly scoringDeadlineMs: number;
  /** Those of every run where left out. */
  readonly rewards?: Pick<
    RewardPlan,
    'builtIn' | 'user' | 'functions' | 'judge' | 'sandbox' | 'rules' | 'outcomeWeights'
  >;
  /** Every how many updates the texts of groups go to a sample file. */
  readonly sampleEveryUpdates: number;
}

export type RoleThreadApi = {
  /** Spawns the actors; asked once the thread is linked to samplers and learner. */
  begin(): Promise<void>;
};

export async function start(host: ThreadHost<RoleThreadData>): Promise<RoleThreadApi> {
  const { data, system } = host;
  const factories = await createFactories(host);
  return {
    begin: async () => {
      for (const kind of ROLE_KINDS)
        for (const path of data.actors[kind]) system.spawn(path, factories[kind]);
    },
  };
}

/** What makes an actor of each kind. */
async function createFactories(host: ThreadHost<RoleThreadData>): Promise<Record<RoleKind, ActorFactory>> {
  const { data, system } = host;
  const { samplers, learner, sampling, everyone, turnDeadlineMs, sampleEveryUpdates } = data;
  const text = createPolicyText(loadTokenizer(data.modelDirectory));
  const encodePrompt = (question: string, role?: Role, turns?: readonly Turn[]): Int32Array => {
    const tokens = text.encodePrompt(question, role, turns);
    if (tokens.length <= data.maxPromptTokens) return tokens;
    throw new DialecticError(
      'DATA',
      `a prompt has ${tokens.length} tokens, sampling.maxPromptTokens is ${data.maxPromptTokens}: "${question.slice(0, 60)}"`,
    );
  };
  const { clock } = system;
  const common = {
    samplers,
    learner,
    sampling,
    encodePrompt,
    decode: text.decode,
    score: await openScorer(host),
    openEdge: system.openEdge.bind(system),
    deadline: { clock, ms: turnDeadlineMs },
    keepTexts: (update: number) => update % sampleEveryUpdates === 0,
  };
  const debateAndSearch = {
    clock,
    emit: system.emit.bind(system),
    readAnswer: (completion: string): string | null => {
      const { wellFormed, answer } = parseCompletion(completion);
      return wellFormed ? answer : null;
    },
  };
  const moderator = createModerator({
    ...common,
    ...debateAndSearch,
    actors: everyone,
    samplesPerTurn: halfOfGroup,
    maxRounds: data.debate.maxRounds,
    sameAnswer: answersAgree,
    outcomeWeights: data.rewards?.outcomeWeights ?? { answer: 1 },
    turnDeadlineMs,
  });
  const searcher = createSearcher({
    ...common,
    ...debateAndSearch,
    search: {
      seed: data.seed,
      selection: { formula: data.search.formula, exploration: data.search.exploration, parallel: 'wu-uct' },
      width: data.search.width,
    },
    budget: budgetOfGroup(sampling.maxTokens),
    workers: data.search.workers,
    rules: data.rewards?.rules ?? { answer: { weight: 1, kind: 'outcome' } },
    advantages: data.advantages,
    requestDeadlineMs: turnDeadlineMs,
  });
  return {
    forward: createForwardRole(common),
    backward: createBackwardRole(common),
    skeptic: createSkepticRole(common),
    synthesizer: createSynthesizerRole(common),
    moderator,
    searcher,
  };
}
