/**
 * Rewards from files that a user names: imported in scoring threads, checked once, and called like the built-in ones.
 *
 * Invariants:
 * - a module that lacks something says so with its path before a run begins;
 * - whatever a reward does with its batch, no other reward sees it;
 * - a throw, a wrong length and a number that is not finite give NaN, "not scored"; hanging is for the pool's deadline to end.
 */
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import type { RewardKind, Rewards, ScoringItem } from '../protocol/index.js';
import { BUILT_IN_NAMES, type Reward, scoreBatch, unscored } from './rewards.js';

/** A user's reward as everyone but the scoring threads needs to know it. */
export interface UserReward {
  /** Where its module lies. */
  readonly url: string;
  readonly name: string;
  /** Factor in the sum. */
  readonly weight: number;
  readonly kind: RewardKind;
}

/** What a module must export, by name or as its default export. */
type RewardModule = Omit<Reward, 'score'> & {
  score(batch: readonly ScoringItem[]): readonly number[] | Promise<readonly number[]>;
};

export const EXPECTED_MODULE =
  "expected a module that exports name (letters, digits, _), weight (a number), kind ('outcome' or 'shaping') and score(batch), which gives one number for each item";

const NAME = /^[a-z][a-z0-9_]{0,39}$/i;

/** Control characters but newline and tab, and marks that change the direction of text. */
const UNSHOWN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Where a reward prints: standard error, because a program may read standard output line by line; without what could alter a terminal,
 * because completions are what one prints.
 */
const SHOWN = new Writable({
  decodeStrings: false,
  write(text: string, _encoding, done) {
    const shown = text.replaceAll(UNSHOWN, '\ufffd');
    process.stderr.write(shown, () => done());
  },
});

/** What is wrong with a reward, a module's exports or an object, or null. */
export function defectOf(module: Partial<Record<keyof RewardModule, unknown>>): string | null {
  const { name, weight, kind, score } = module;
  if (typeof name !== 'string' || !NAME.test(name)) return `its name is ${JSON.stringify(name) ?? 'missing'}`;
  if (BUILT_IN_NAMES.includes(name)) return `its name "${name}" is that of a built-in reward`;
  if (typeof weight !== 'number' || !Number.isFinite(weight)) return `its weight is ${String(weight)}`;
  if (kind !== 'outcome' && kind !== 'shaping') return `its kind is ${JSON.stringify(kind) ?? 'missing'}`;
  if (typeof score !== 'function') return 'it has no function named score';
  return null;
}

/** Imports a module. Throws an Error that says what is wrong with it. */
async function importReward(url: string): Promise<RewardModule> {
  globalThis.console = new Console(SHOWN);
  const namespace = (await import(url)) as { default?: unknown };
  const inner = namespace.default;
  const module = (typeof inner === 'object' && inner !== null ? inner : namespace) as RewardModule;
  const defect = defectOf(module);
  if (defect !== null) throw new Error(defect);
  return module;
}

/** Name, weight and kind of the reward in a module. Throws an Error that says what is wrong with it. */
export async function describeUserReward(url: string): Promise<UserReward> {
  const { name, weight, kind } = await importReward(url);
  return { url, name, weight, kind };
}

/** The values of one user's reward, NaN where there are none. */
async function valuesOf(url: string, batch: readonly ScoringItem[]): Promise<readonly unknown[]> {
  try {
    const module = await importReward(url);
    const scores: unknown = await module.score(batch.map((item) => ({ ...item })));
    return Array.isArray(scores) && scores.length === batch.length ? scores : [];
  } catch {
    // The failure is not lost: all of this reward's values stay NaN, which the learner counts.
    return [];
  }
}

/** Scores a batch under built-in rewards and then those of `urls`, in that order. */
export async function scoreWithUserRewards(
  batch: readonly ScoringItem[],
  builtIn: readonly Reward[],
  user: readonly UserReward[],
): Promise<Rewards> {
  const first = scoreBatch(batch, builtIn);
  if (user.length === 0) return first;
  const result = unscored([...first.names, ...user.map(({ name }) => name)], batch.length);
  result.values.set(first.values);
  result.scored.set(first.scored);
  for (const [k, { url }] of user.entries()) {
    const scores = await valuesOf(url, batch);
    for (let g = 0; g < batch.length; g++) {
      const score = scores[g];
      const isScored = typeof score === 'number' && Number.isFinite(score);
      if (isScored) result.values[(builtIn.length + k) * batch.length + g] = score;
      else result.scored[g] = 0;
    }
  }
  return result;
}
