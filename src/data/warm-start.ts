/**
 * What the warm start shows a policy: each problem with one of its two gold traces, quick or worked.
 *
 * The share of quick traces is the head-room that GRPO finds later: in families where quick traces prevail a greedy policy
 * guesses, although it has learned to work the answer out.
 *
 * Invariants: an example is a function of (seed, index); problems come from the pretrain split only.
 */
import { Random } from '../random.js';
import type { Problem } from './problem.js';
import { FAMILY_NAMES, generateProblem } from './splits.js';

/** Share of quick traces, by family: above one half a greedy policy guesses, below it works. */
export const QUICK_SHARE: Readonly<Record<string, number>> = Object.fromEntries(
  FAMILY_NAMES.map((name, i) => [name, i % 2 === 0 ? 0.65 : 0.35]),
);

export interface WarmStartExample {
  readonly problem: Problem;
  /** The text inside the reasoning tags. */
  readonly trace: string;
}

/** Example number `index` of the warm start. */
export function warmStartExample(seed: number, index: number): WarmStartExample {
  const problem = generateProblem(seed, 'pretrain', index);
  const isQuick = new Random(seed, 'trace-style', index).uniform() < (QUICK_SHARE[problem.family] ?? 0.5);
  return { problem, trace: isQuick ? problem.traces.quick : problem.traces.worked };
}
