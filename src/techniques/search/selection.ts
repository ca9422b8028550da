/**
 * Which child a search descends into: UCB1 (Auer, Cesa-Bianchi and Fischer, 2002) or PUCT (Silver et al., 2017), with
 * the counts of several searchers at work.
 *
 * UCB1(child) = average + C · √(ln(parent's visits) / child's visits)
 * PUCT(child) = average + C · prior · √(parent's visits) / (1 + child's visits)
 *
 * With tickets under way, visits include them. `wu-uct` (Liu et al., 2020) takes the average over finished rollouts only;
 * `virtual-loss` counts the others as rewards of 0; `none` ignores them, which is there to show what they are good for.
 *
 * Invariants: under UCB1 a child that was never visited comes before all others; equal scores fall to the larger prior,
 * then to the smaller `order`; the ranking depends on nothing else.
 */
import type { SelectionFormula } from '../../protocol/index.js';

export type ParallelMode = 'wu-uct' | 'virtual-loss' | 'none';

export interface SelectionRule {
  readonly formula: SelectionFormula;
  /** C, at least 0; 0 is greedy. */
  readonly exploration: number;
  readonly parallel: ParallelMode;
}

/** What selection knows of a child. */
export interface ChildCounts {
  readonly visits: number;
  readonly valueSum: number;
  readonly inFlight: number;
  /** In [0, 1]. */
  readonly prior: number;
}

/** Visits as a parallel mode counts them. */
export function countedVisits(
  { visits, inFlight }: Pick<ChildCounts, 'visits' | 'inFlight'>,
  parallel: ParallelMode,
): number {
  return parallel === 'none' ? visits : visits + inFlight;
}

/** Score of a child; `parentVisits` counted in the same mode. Infinity for a child never visited, under UCB1. */
export function selectionScore(
  child: ChildCounts,
  parentVisits: number,
  { formula, exploration, parallel }: SelectionRule,
): number {
  const visits = countedVisits(child, parallel);
  const finished = parallel === 'virtual-loss' ? visits : child.visits;
  const average = finished > 0 ? child.valueSum / finished : 0;
  if (formula === 'puct')
    return average + (exploration * child.prior * Math.sqrt(parentVisits)) / (1 + visits);
  if (visits === 0) return Number.POSITIVE_INFINITY;
  return average + exploration * Math.sqrt(Math.log(Math.max(1, parentVisits)) / visits);
}

/** Indices of children, best first. `order(i)` breaks what ties the priors leave. */
export function rankChildren(
  children: readonly ChildCounts[],
  parentVisits: number,
  rule: SelectionRule,
  order: (index: number) => number,
): number[] {
  const scores = children.map((child) => selectionScore(child, parentVisits, rule));
  return scores
    .map((_, i) => i)
    .sort((a, b) => {
      if (scores[a] !== scores[b]) return scores[b]! - scores[a]!;
      return children[b]!.prior - children[a]!.prior || order(a) - order(b) || a - b;
    });
}
