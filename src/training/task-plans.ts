/**
 * The plan of each task of a training run, by strategy: what a configuration makes of the plans.
 *
 * Invariants: a plan gets the question of a problem, never its answer.
 */
import type { Config } from '../config/schema.js';
import type { Turn } from '../data/prompt.js';
import type { RewardRule, Role, Strategy, TaskAssign } from '../protocol/index.js';
import { Random } from '../random.js';
import type { AdvantageOptions } from '../rewards/advantages.js';
import { answersAgree } from '../rewards/answers/answer.js';
import { readFormedAnswer } from '../rollout/answers.js';
import type { MakePlan } from '../rollout/plan.js';
import type { SamplingSettings } from '../rollout/sample-and-score.js';
import { MIN_COMPLETION_TOKENS, SamplesPlan } from '../rollout/samples-plan.js';
import type { TaskPlan } from '../rollout/task-runner.js';
import { type DebateOptions, streamOf } from '../techniques/debate/debate.js';
import { DebatePlan } from '../techniques/debate/debate-plan.js';
import { debateEnded, turnTaken } from '../techniques/debate/telemetry.js';
import { nodeExpanded, treeEnded } from '../techniques/search/telemetry.js';
import { TreePlan } from '../techniques/search/tree-plan.js';

interface TaskPlanOptions {
  /** Makes the plans of the forward strategy in the place of the built-in one. */
  readonly ownPlan: MakePlan | null;
  /** Token ids of the prompt for a question: of a role, after what others said. */
  readonly encodePrompt: (question: string, role: Role, turns: readonly Turn[]) => Int32Array;
  readonly decode: (tokens: Int32Array) => string;
  readonly sampling: SamplingSettings;
  readonly debate: Config['debate'];
  readonly search: Config['search'];
  /** Word of the random key of a search. */
  readonly seed: number;
  readonly rules: Readonly<Record<string, RewardRule>>;
  /** Weights of the rewards that say whether an answer is right, by name. */
  readonly outcomeWeights: Readonly<Record<string, number>>;
  /** How rewards become advantages. */
  readonly advantages: AdvantageOptions;
}

/** What makes the plan of a task. Errors: DATA for a prompt that is too long. */
export function taskPlans(
  options: TaskPlanOptions,
): Readonly<Record<Strategy, (task: TaskAssign) => TaskPlan>> {
  return {
    forward: (task) =>
      options.ownPlan ? own(options.ownPlan, task, options) : alone('forward', task, options),
    backward: (task) => alone('backward', task, options),
    debate: (task) => debate(task, options),
    tree: (task) => tree(task, options),
  };
}

function own(
  makePlan: MakePlan,
  { update, promptIndex, problem, groupSize }: TaskAssign,
  options: TaskPlanOptions,
): TaskPlan {
  const { encodePrompt, decode, sampling } = options;
  // Of this task alone, so that what a plan draws differs from problem to problem.
  const seed = new Random(options.seed, 'plan', update, promptIndex).integer(0, 0xffff_ffff);
  const plan = makePlan({
    question: problem.question,
    samples: groupSize,
    budget: Number.POSITIVE_INFINITY,
    maxTokens: sampling.maxTokens,
    seed,
    encodePrompt: (role, turns) => encodePrompt(problem.question, role, turns),
    decode,
  });
  return { plan };
}

/** One prompt, all completions of the task in one request. */
function alone(role: Role, { problem, groupSize }: TaskAssign, options: TaskPlanOptions): TaskPlan {
  const plan = new SamplesPlan({
    role,
    promptTokens: options.encodePrompt(problem.question, role, []),
    samples: groupSize,
    samplesPerRequest: groupSize,
    firstStream: streamOf(role, 0),
    budget: Number.POSITIVE_INFINITY,
    maxTokens: options.sampling.maxTokens,
    atOnce: 1,
  });
  return { plan };
}

function debate({ taskId, problem, groupSize }: TaskAssign, options: TaskPlanOptions): TaskPlan {
  const { encodePrompt, sampling, outcomeWeights } = options;
  const plan = new DebatePlan({
    encodePrompt: (role, turns) => encodePrompt(problem.question, role, turns),
    readAnswer: readFormedAnswer,
    equivalent: (a, b) => answersAgree(a, b, problem),
    samplesPerTurn: halfOfGroup(groupSize),
    maxRounds: options.debate.maxRounds,
    withCredit: true,
    budget: Number.POSITIVE_INFINITY,
    maxTokens: sampling.maxTokens,
    capacity: Number.POSITIVE_INFINITY,
    outcomeWeights,
  });
  return {
    plan,
    telemetry: {
      happened: (event) => turnTaken(taskId, event),
      ended: (facts) => debateEnded(taskId, plan, facts, outcomeWeights),
    },
  };
}

/** Half of a task's completions for each turn, at least two: a group of one teaches nothing, one of two is dead four times in five. */
export function halfOfGroup(groupSize: number): DebateOptions['samplesPerTurn'] {
  const count = Math.max(2, Math.round(groupSize / 2));
  return { forward: count, backward: count, skeptic: count, synthesizer: count };
}

/** About what a group of the forward role costs: as many rollouts as it has completions, and never more tokens. */
function tree({ taskId, problem, groupSize }: TaskAssign, options: TaskPlanOptions): TaskPlan {
  const { encodePrompt, decode, sampling, search, seed, rules, advantages } = options;
  const { maxTokens } = sampling;
  const plan = new TreePlan({
    promptTokens: encodePrompt(problem.question, 'forward', []),
    decode,
    readAnswer: readFormedAnswer,
    search: {
      seed,
      selection: { formula: search.formula, exploration: search.exploration, parallel: 'wu-uct' },
      width: search.width,
      maxRollouts: groupSize,
      maxTokens: groupSize * maxTokens,
      maxCompletionTokens: maxTokens,
      minCompletionTokens: Math.min(MIN_COMPLETION_TOKENS, maxTokens),
    },
    workers: search.workers,
    scoring: { rules, advantages },
  });
  return {
    plan,
    telemetry: {
      happened: (event) => nodeExpanded(taskId, plan, event),
      ended: (facts) => treeEnded(taskId, plan, facts),
    },
  };
}
