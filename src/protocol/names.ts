/**
 * The names that configuration, messages and several rooms have in common. Each list stands here and nowhere else; the type of a
 * name is derived from its list. A list's order is the one in which people read it.
 */

/** Kinds of problem. */
export const DOMAINS = ['math', 'code', 'logic_puzzle', 'science', 'creative', 'summarization'] as const;
export type Domain = (typeof DOMAINS)[number];

/** Layouts of the rows of a user's file. */
export const DATA_FORMATS = ['own', 'gsm8k', 'messages'] as const;
export type DataFormat = (typeof DATA_FORMATS)[number];

/** What a bad row of a file does: end the reading, or be left out and counted. */
export const BAD_ROW_RULES = ['fail', 'skip'] as const;
export type BadRowRule = (typeof BAD_ROW_RULES)[number];

/** Kinds of debate actor. */
export const ROLES = ['forward', 'backward', 'skeptic', 'synthesizer'] as const;
export type Role = (typeof ROLES)[number];

/** Kinds of actor that work in rollout threads. */
export const ACTOR_KINDS = [...ROLES, 'moderator', 'searcher'] as const;
export type ActorKind = (typeof ACTOR_KINDS)[number];

/** Ways to turn a problem into trajectory groups, or to answer a question. */
export const STRATEGIES = ['forward', 'backward', 'debate', 'tree'] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** What a run may be told: a strategy, or to choose one for each problem. */
export const RUN_STRATEGIES = [...STRATEGIES, 'anneal'] as const;
export type RunStrategy = (typeof RUN_STRATEGIES)[number];

/** How a tree chooses where to go on. */
export const SELECTION_FORMULAS = ['ucb1', 'puct'] as const;
export type SelectionFormula = (typeof SELECTION_FORMULAS)[number];

/** Policy-gradient losses. */
export const LOSSES = ['dapo', 'grpo', 'dr_grpo', 'bnpo', 'gspo', 'cispo'] as const;
export type LossName = (typeof LOSSES)[number];

/** Estimators of the divergence from the reference policy. */
export const KL_ESTIMATORS = ['unbiased', 'k2', 'k3'] as const;
export type KlEstimator = (typeof KL_ESTIMATORS)[number];

/** What the learning rate does after the warm-up. */
export const SCHEDULES = ['constant', 'cosine'] as const;
export type Schedule = (typeof SCHEDULES)[number];

/** What advantages are divided by: the standard deviation of their group, or nothing (Dr. GRPO). */
export const REWARD_SCALES = ['group', 'none'] as const;
export type RewardScale = (typeof REWARD_SCALES)[number];

/** Outcome: was the problem solved. Shaping: form only; differences in it alone never make a group worth learning. */
export const REWARD_KINDS = ['outcome', 'shaping'] as const;
/** What a reward says of a completion: `outcome`, whether the problem was solved; `shaping`, its form alone. */
export type RewardKind = (typeof REWARD_KINDS)[number];

/** Runtimes that execute the graphs; `auto` is the first of the others that works. */
export const DEVICES = ['auto', 'cpu', 'tfjs'] as const;
export type Device = (typeof DEVICES)[number];
