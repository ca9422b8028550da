/** Which rewards a run has: the built-in ones with the weights of the configuration, and those from files. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeUserRewards } from '../actors/reward/pool.js';
import { EXPECTED_MODULE, type UserReward } from '../actors/reward/user-rewards.js';
import type { ResolvedConfig } from '../config/resolve.js';
import type { Config } from '../config.js';
import { DialecticError } from '../protocol/errors.js';

/** What scorers call and how the learner counts it. */
export interface RewardPlan {
  /** Names of built-in rewards. */
  readonly builtIn: readonly string[];
  readonly user: readonly UserReward[];
  /** By name. */
  readonly rules: Readonly<Record<string, { readonly weight: number; readonly kind: 'outcome' | 'shaping' }>>;
  readonly weights: Readonly<Record<string, number>>;
}

export function planRewards({ rewards }: Config, user: readonly UserReward[]): RewardPlan {
  const rules: Record<string, { weight: number; kind: 'outcome' | 'shaping' }> = {
    answer: { weight: rewards.answer, kind: 'outcome' },
    format: { weight: rewards.format, kind: 'shaping' },
  };
  if (rewards.quality > 0) rules.quality = { weight: rewards.quality, kind: 'shaping' };
  const builtIn = Object.keys(rules);
  for (const { name, weight, kind } of user) rules[name] = { weight, kind };
  const weights = Object.fromEntries(Object.entries(rules).map(([name, { weight }]) => [name, weight]));
  return { builtIn, user, rules, weights };
}

/**
 * The rewards of `rewards.files`: looked up beside the configuration file that names them, then in the working directory. Errors:
 * CONFIG naming the path and what was expected there.
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
