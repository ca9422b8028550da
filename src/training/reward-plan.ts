/** Which rewards a run has: the built-in ones with the weights of the configuration, and those from files. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ResolvedConfig } from '../config/resolve.js';
import type { Config } from '../config/schema.js';
import { DialecticError } from '../errors.js';
import type { RewardRule } from '../protocol/index.js';
import { CODE_NAME } from '../rewards/code.js';
import { type ChatEndpoint, isUsableKey } from '../rewards/judge/endpoint.js';
import { JUDGE_NAME } from '../rewards/judge/judge.js';
import { describeUserRewards } from '../rewards/pool.js';
import type { RewardFunctionPlan } from '../rewards/reward-functions.js';
import { builtInRewards } from '../rewards/rewards.js';
import { EXPECTED_MODULE, type UserReward } from '../rewards/user-rewards.js';
import { CRITIQUE_REWARD } from '../techniques/debate/groups.js';

/** The judge of a run, without its key, which is never written anywhere. */
interface JudgePlan extends Pick<ChatEndpoint, 'url' | 'model'> {
  readonly keyVariable: string | null;
  readonly deadlineMs: number;
  readonly maxConcurrent: number;
}

/** How programs are run; null in a plan where none is. */
type SandboxPlan = Pick<Config['rewards']['sandbox'], 'timeoutMs' | 'memoryMegabytes'>;

/** What scorers call and how the learner counts it. */
export interface RewardPlan {
  /** Names of built-in rewards. */
  readonly builtIn: readonly string[];
  readonly user: readonly UserReward[];
  /** Functions of the process that started the run. */
  readonly functions: readonly RewardFunctionPlan[];
  /** Null where there is none. */
  readonly judge: JudgePlan | null;
  /** Null where no program is run. */
  readonly sandbox: SandboxPlan | null;
  /** By name. */
  readonly rules: Readonly<Record<string, RewardRule>>;
  readonly weights: Readonly<Record<string, number>>;
  /** Of the rewards that say whether an answer is right. */
  readonly outcomeWeights: Readonly<Record<string, number>>;
}

export function planRewards(
  { rewards, strategy }: Config,
  user: readonly UserReward[],
  functions: readonly RewardFunctionPlan[] = [],
): RewardPlan {
  const { tunix } = rewards;
  const suffix = rewards.tunixMended ? '_mended' : '';
  const optional: Record<string, number> = {
    quality: rewards.quality,
    match_format_exactly: tunix.matchFormatExactly,
    match_format_approximately: tunix.matchFormatApproximately,
    [`check_answer${suffix}`]: tunix.checkAnswer,
    [`check_numbers${suffix}`]: tunix.checkNumbers,
  };
  const wanted = Object.entries(optional).filter(([, weight]) => weight > 0);
  const weights: Record<string, number> = {
    answer: rewards.answer,
    format: rewards.format,
    ...Object.fromEntries(wanted),
  };
  const builtIn = Object.keys(weights);
  const rules: Record<string, RewardRule> = {};
  for (const { name, kind } of builtInRewards(builtIn)) rules[name] = { weight: weights[name]!, kind };
  for (const { name, weight, kind } of [...user, ...functions]) rules[name] = { weight, kind };
  const judge = judgeOf(rewards.judge);
  if (judge) rules[JUDGE_NAME] = { weight: rewards.judge.weight, kind: 'shaping' };
  const { weight: codeWeight, ...limits } = rewards.sandbox;
  const sandbox = codeWeight > 0 ? limits : null;
  if (sandbox) rules[CODE_NAME] = { weight: codeWeight, kind: 'outcome' };
  const outcomeWeights = Object.fromEntries(
    Object.entries(rules).flatMap(([name, { weight, kind }]) => (kind === 'outcome' ? [[name, weight]] : [])),
  );
  // A skeptic is paid for what its critique changes, not for an answer of its own.
  if (strategy === 'debate' || strategy === 'anneal') rules[CRITIQUE_REWARD] = { weight: 1, kind: 'outcome' };
  for (const [name, { weight }] of Object.entries(rules)) weights[name] = weight;
  return { builtIn, user, functions, judge, sandbox, rules, weights, outcomeWeights };
}

function judgeOf(judge: Config['rewards']['judge']): JudgePlan | null {
  const { url, model, keyVariable, deadlineMs, maxConcurrent } = judge;
  return url === null || model === null ? null : { url, model, keyVariable, deadlineMs, maxConcurrent };
}

/** Variables of an environment by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The key of a run's judge, null where there is no judge or it needs none. Errors: as `readJudgeKey`. */
export function judgeKeyOf({ rewards }: Pick<Config, 'rewards'>, environment: Environment): string | null {
  const judge = judgeOf(rewards.judge);
  return judge === null ? null : readJudgeKey(judge, environment);
}

/** The judge's key, null where it needs none. Errors: CONFIG naming the variable that is not set or holds no key; never its value. */
export function readJudgeKey(
  { keyVariable }: Pick<JudgePlan, 'keyVariable'>,
  environment: Environment,
): string | null {
  if (keyVariable === null) return null;
  const key = environment[keyVariable]?.trim() ?? '';
  if (isUsableKey(key)) return key;
  throw new DialecticError(
    'CONFIG',
    `rewards.judge.keyVariable: the environment variable ${keyVariable} ${key === '' ? 'is not set' : 'holds characters that no key has'}; export the key of the judge under this name, or set keyVariable to null`,
  );
}

/**
 * The rewards of `rewards.files`, which are looked up beside the configuration file that names them, then in the working directory,
 * and imported once, before anything is written. Errors: CONFIG naming the path and what was expected there.
 */
export async function readUserRewards(
  { config, sources }: ResolvedConfig,
  workingDirectory: string,
): Promise<UserReward[]> {
  const source = sources['rewards.files'] ?? '';
  const beside = source.startsWith('file ')
    ? [dirname(resolve(workingDirectory, source.slice('file '.length)))]
    : [];
  const urls = config.rewards.files.map((file) => {
    const places = [...new Set([...beside, workingDirectory].map((folder) => resolve(folder, file)))];
    const found = places.find((place) => existsSync(place));
    if (found !== undefined) return pathToFileURL(found).href;
    throw new DialecticError(
      'CONFIG',
      `rewards.files: there is no file at ${places.join(' nor at ')}; ${EXPECTED_MODULE} (docs/rewards.md)`,
    );
  });
  return describeUserRewards(urls);
}
