/** Which strategy each problem of an update is worked on with. */
import type { GroupResult, Problem, Strategy } from '../protocol/index.js';

/** Chooses how each problem of an update is worked on. */
export interface StrategyPlanner {
  /** One strategy a problem, in their order. */
  choose(update: number, problems: readonly Problem[]): readonly Strategy[];
  /** What came of the choices of an update. */
  learn(update: number, groups: readonly GroupResult[]): void;
}

/** The same strategy for every problem with a right answer; an open one has no answers to debate and is worked on forwards then. */
export function fixedStrategy(strategy: Strategy): StrategyPlanner {
  const strategyOf = ({ constraints }: Problem): Strategy =>
    constraints && strategy === 'debate' ? 'forward' : strategy;
  return { choose: (_, problems) => problems.map(strategyOf), learn: () => {} };
}
