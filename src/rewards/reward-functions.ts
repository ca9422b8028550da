/**
 * Rewards that are functions of the process that started a run: checked once, and called where they are when a scorer asks.
 *
 * Invariants:
 * - each call gets a batch of its own, so that what a reward does with it no other reward sees;
 * - a throw or a wrong number of values is an error that names the reward; a value that is no finite number is NaN, "not scored".
 */
import { DialecticError } from '../errors.js';
import type { RewardKind, ScoringItem } from '../protocol/index.js';
import { defectOf } from './user-rewards.js';

/** A reward as a plain function of the caller's process. */
export interface RewardFunction {
  /** Letters, digits and `_`, at most 40; none of the built-in names. Metrics are called `rewards/<name>/mean` and `/std`. */
  readonly name: string;
  /** Factor in the sum of rewards; finite. */
  readonly weight: number;
  /** `outcome` says whether a problem was solved; `shaping` alone never makes a group worth learning from. */
  readonly kind: RewardKind;
  /**
   * One number for each completion, in order. Anything that is not a finite number, a wrong count, a throw, and an answer after
   * `rewards.deadlineMs` milliseconds are "not scored": the completion is left out of the update and counted, never taken for 0.
   */
  score(batch: readonly ScoringItem[]): readonly number[] | Promise<readonly number[]>;
}

/** A reward function as other threads know it. */
export type RewardFunctionPlan = Pick<RewardFunction, 'name' | 'weight' | 'kind'>;

/** What a thread asks of the process that holds the functions. */
export type RewardFunctionsApi = {
  /** The values of the reward `name` for a batch; NaN = not scored. */
  scoreWith(name: string, batch: readonly ScoringItem[]): Promise<number[]>;
};

/** Errors: CONFIG naming the function that lacks something or has a name in `taken`, which is added to. */
export function checkRewardFunctions(rewards: readonly RewardFunction[], taken: readonly string[]): void {
  const names = new Set(taken);
  for (const [i, reward] of rewards.entries()) {
    const defect = names.has(reward.name)
      ? `its name "${reward.name}" is that of another reward`
      : defectOf(reward);
    if (defect !== null) {
      throw new DialecticError(
        'CONFIG',
        `rewards[${i}] cannot be used: ${defect}; expected name (letters, digits, _), weight (a number), kind ('outcome' or 'shaping') and score(batch), which gives one number for each item`,
      );
    }
    names.add(reward.name);
  }
}

/** Answers the asks of scorers with the functions. */
export function answerWith(rewards: readonly RewardFunction[]): RewardFunctionsApi {
  const byName = new Map(rewards.map((reward) => [reward.name, reward]));
  return {
    scoreWith: async (name, batch) => {
      const values: unknown = await byName.get(name)!.score(batch);
      if (Array.isArray(values) && values.length === batch.length)
        return values.map((value) =>
          typeof value === 'number' && Number.isFinite(value) ? value : Number.NaN,
        );
      const given = Array.isArray(values) ? `${values.length} values` : typeof values;
      throw new DialecticError(
        'SCORER',
        `the reward "${name}" gave ${given} for ${batch.length} completions, expected an array of one number each`,
      );
    },
  };
}
