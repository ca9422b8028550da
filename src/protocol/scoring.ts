/** Words of scoring that several rooms share: what is scored, what comes of it, and how a reward counts. */
import type { RewardKind } from './names.js';
import type { OpenConstraints } from './task.js';

/** One completion to score, and what is known of its problem. */
export interface ScoringItem {
  readonly completion: string;
  /** The gold answer; of an open problem an example of a good one. */
  readonly answer: string;
  readonly question?: string;
  /** Kind of problem: `math`, `code`, `logic_puzzle`, `science`, `creative`, `summarization` … */
  readonly type?: string;
  readonly domain?: string;
  readonly difficulty?: string;
  /** The answer is a list whose order does not matter. */
  readonly unordered?: boolean | undefined;
  /** What a good open answer speaks of. */
  readonly keywords?: readonly string[] | undefined;
  /** What the question asks of any answer; a problem that has them is open. */
  readonly constraints?: OpenConstraints | undefined;
}

/** How a reward counts. */
export interface RewardRule {
  /** Factor in the sum. */
  readonly weight: number;
  readonly kind: RewardKind;
}

/** The rewards of G completions under K reward functions. */
export interface Rewards {
  readonly names: readonly string[]; // [K]
  /** Raw values, row k belongs to names[k]; NaN = not scored. */
  readonly values: Float32Array; // [K, G]
  /** 1 where every reward is a number. */
  readonly scored: Uint8Array; // [G]
}
