/**
 * The library: train, evaluate and ask a policy from a program, with rewards, data and techniques of its own.
 *
 * Invariants: what is not exported here, or from `testing`, is not public.
 */
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolveConfig, resolveModelPath } from './config/resolve.js';
import type { ConfigInput } from './config/schema.js';
import { DialecticError } from './errors.js';
import type { GivenProblems } from './evaluation/problems.js';
import { packageRoot } from './package-info.js';
import type { Event } from './protocol/index.js';
import type { RewardFunction } from './rewards/reward-functions.js';
import type { Solution } from './solve/solution.js';
import { type SolveListeners, Solver, type SolveSettings } from './solve/solve.js';
import { type RunHandle, startRun } from './training/run.js';

export type { Config, ConfigInput } from './config/schema.js';
export type { ProblemRow } from './data/dataset/given-rows.js';
export { DialecticError, type ErrorCode } from './errors.js';
export {
  type EvaluateOptions,
  type Evaluation,
  type EvaluationProblem,
  type EvaluationProgress,
  evaluate,
  type LoadedPolicy,
  loadPolicy,
} from './evaluation/evaluate.js';
export type { GivenProblems } from './evaluation/problems.js';
export type { LostCounts, RunSummary } from './evaluation/summary.js';
export type { EvaluationReward } from './evaluation/user-scores.js';
export {
  type ActorStatus,
  type Alarm,
  type EvaluationRecord,
  initialRunState,
  type RunPhase,
  type RunState,
  reduce,
} from './observe/run-state.js';
export type { Event, RewardKind, ScoringItem } from './protocol/index.js';
export type { RewardFunction } from './rewards/reward-functions.js';
export { type Answer, plurality, readAnswer, sameAnswer, type Vote, votesOf } from './rollout/answers.js';
export { completionsOf, joined } from './rollout/completions.js';
export type {
  EncodePrompt,
  MakePlan,
  Plan,
  PlannedGroup,
  PlanRequest,
  PlanResult,
  PlanSetting,
  ScoredCompletions,
  WholeCompletion,
} from './rollout/plan.js';
export type { PlanEvent, PlanStop } from './rollout/plan-events.js';
export type { Solution } from './solve/solution.js';
export {
  type PreparedQuestion,
  type Solved,
  type SolveListeners,
  Solver,
  type SolveSettings,
} from './solve/solve.js';
export type { RunHandle } from './training/run.js';

/** What `train` takes beside the configuration. */
export interface TrainOptions {
  /**
   * Rewards beside those of the configuration: functions of this process, or modules (paths, or `file:` URLs) that scoring threads import,
   * as in `rewards.files`. A function is called in the thread that called `train`: while it computes, that thread does nothing else.
   */
  readonly rewards?: readonly (RewardFunction | string | URL)[];
  /**
   * Problems in the place of the generated dataset or of `data.path`: a list, of which about a tenth is held out by the hash of each
   * problem's lineage, the same ones for every run, or the two parts. `data.domains` and `data.evaluationProblems` hold for them too.
   */
  readonly data?: GivenProblems;
  /**
   * A technique of one's own: a module (path, or `file:` URL) whose default export is a `MakePlan`. Rollout threads import it, and it makes
   * the plan of every task of the `forward` strategy.
   */
  readonly plan?: string | URL;
  /** Called with each event, after the files of the run have it; one that throws is not called again, and the run goes on. */
  readonly onEvent?: (event: Event) => void;
  /** Stops the run as `RunHandle.stop` does when it is aborted. */
  readonly signal?: AbortSignal;
  /** Folder that relative paths belong to: `model`, `runDir`, `data.path`, `rewards` (default: the working directory of the process). */
  readonly workingDirectory?: string;
  /** Where the judge's key is looked up by the name in `rewards.judge.keyVariable` (default: the environment of the process). */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Trains a policy with GRPO, as the command line does with the same configuration, and to the same bits for the same seed. Leaves a run
 * directory behind (`runDir`; `runs/<model>-seed<seed>-<counter>` where it is null). Returns at once; several runs may go on in one process.
 *
 * The handle's `summary` rejects with a DialecticError whose `code` says what kind it is: before anything is written CONFIG (all
 * problems of the configuration at once, and unknown keys are problems), DATA or MODEL_FILE; later TRAINING_STOPPED, TERMINATED, ENGINE or DISK.
 */
export function train(config: ConfigInput = {}, options: TrainOptions = {}): RunHandle {
  const { rewards = [], data, onEvent, signal } = options;
  // The one place outside src/cli that asks the process: a program that says both itself depends on neither.
  const workingDirectory = resolve(options.workingDirectory ?? process.cwd());
  const environment = options.environment ?? process.env;
  const functions = rewards.filter((reward): reward is RewardFunction => !isModule(reward));
  return startRun({
    resolve: () =>
      resolveConfig({ object: withPlaces(config, options, workingDirectory) }, functions.length > 0),
    argv: [],
    workingDirectory,
    environment,
    rewards: functions,
    planModule: options.plan === undefined ? undefined : urlOf(options.plan, workingDirectory),
    data,
    onEvent,
    signal,
  });
}

/** What `solve` takes beside the question. */
export interface SolveOptions extends SolveSettings, SolveListeners {
  /** Folder of the policy in Hugging Face layout; looked up in the working directory, then in the package ('models/nano'). */
  readonly model?: string;
  /** Folder that a relative `model` belongs to (default: the working directory of the process). */
  readonly workingDirectory?: string;
}

/**
 * Answers one question with a policy: alone, by debate, by a tree, or by a plan of one's own. The same policy, options and seed give the
 * same answer. `Solver` keeps a policy for several questions.
 *
 * Rejects with a DialecticError: CONFIG for an option out of range or a question that leaves no room for a completion, MODEL_FILE for a folder that is no policy,
 * ENGINE where the runtime cannot execute it.
 */
export async function solve(question: string, options: SolveOptions = {}): Promise<Solution> {
  const {
    model = 'models/nano',
    workingDirectory = process.cwd(),
    onEvent,
    onToken,
    signal,
    ...settings
  } = options;
  const solver = new Solver(resolveModelPath(model, resolve(workingDirectory), packageRoot));
  const { solution } = await solver.prepare(question, settings).run({
    ...(onEvent ? { onEvent } : {}),
    ...(onToken ? { onToken } : {}),
    ...(signal ? { signal } : {}),
  });
  return solution;
}

function urlOf(module: string | URL, workingDirectory: string): string {
  // A URL of another kind is for the import to refuse: whatever is wrong rejects the summary.
  return isUrl(module) ? String(module) : pathToFileURL(resolve(workingDirectory, module)).href;
}

function isModule(reward: RewardFunction | string | URL): reward is string | URL {
  return typeof reward === 'string' || reward instanceof URL;
}

/** The configuration with the modules of the options, and with a data path that does not depend on the process. */
function withPlaces(
  config: ConfigInput,
  { rewards = [], data }: TrainOptions,
  workingDirectory: string,
): ConfigInput {
  // What is no object at all is for the schema to refuse.
  if (typeof config !== 'object' || config === null || Array.isArray(config)) return config;
  const path = config.data?.path;
  if (typeof path === 'string' && data !== undefined)
    throw new DialecticError(
      'CONFIG',
      'data.path with data: both say where problems come from; give one of them.',
    );
  const modules = rewards.filter(isModule).map(pathOf);
  const files = config.rewards?.files ?? [];
  return {
    ...config,
    ...(typeof path === 'string' ? { data: { ...config.data, path: resolve(workingDirectory, path) } } : {}),
    ...(modules.length > 0 && Array.isArray(files)
      ? { rewards: { ...config.rewards, files: [...files, ...modules] } }
      : {}),
  };
}

function pathOf(module: string | URL): string {
  return isUrl(module) ? fileURLToPath(module) : module;
}

function isUrl(module: string | URL): module is URL {
  return module instanceof URL || module.startsWith('file:');
}
