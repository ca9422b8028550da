/**
 * The bandit rules that choose one problem at a time, which a batch planner has to beat.
 *
 * Invariants: each sees the same posterior as the planner and nothing else; ties go to the first strategy where nothing else is said.
 */
import { Random } from '../../src/random.js';
import type { StrategyPosterior } from '../../src/techniques/annealing/bandit.js';
import {
  DEFAULT_PLAN_OPTIONS,
  type PlanOptions,
  planStrategies,
} from '../../src/techniques/annealing/plan.js';
import type { Chooser } from './regret.js';

/** Contextual UCB: argmax of μ̂ + c·σ̂ for every problem on its own. */
export function argmaxUcb(exploration: number): Chooser {
  return (contexts, posterior) =>
    contexts.map((context) => argmax(posterior.strategies, ucbScore(posterior, context, exploration)));
}

/** The same with ties broken at random: where nothing is known, that alone spreads a batch over all strategies. */
export function argmaxUcbRandomTies(exploration: number): Chooser {
  return (contexts, posterior, random) =>
    contexts.map((context) => {
      const scoreOf = ucbScore(posterior, context, exploration);
      const most = scoreOf(argmax(posterior.strategies, scoreOf));
      return random.pick(
        Array.from({ length: posterior.strategies }, (_, a) => a).filter((a) => scoreOf(a) === most),
      );
    });
}

function ucbScore(posterior: StrategyPosterior, context: string, exploration: number) {
  return (strategy: number) =>
    posterior.mean(context, strategy) + exploration * posterior.deviation(context, strategy);
}

/** GP-BUCB: problem after problem, each choice counted as a pending observation of the next ones (Desautels, Krause and Burdick, 2014). */
export function hallucinatedUcb(exploration: number): Chooser {
  return (contexts, posterior) => {
    const pending = new Map<string, number[]>();
    return contexts.map((context) => {
      const counts = pending.get(context) ?? new Array<number>(posterior.strategies).fill(0);
      pending.set(context, counts);
      const chosen = argmax(
        posterior.strategies,
        (a) => posterior.mean(context, a) + exploration * posterior.deviation(context, a, counts[a]),
      );
      counts[chosen]!++;
      return chosen;
    });
  };
}

/** UCB1: mean + c·sqrt(2 ln t / n) (Auer, Cesa-Bianchi and Fischer, 2002). */
export function ucb1(exploration: number): Chooser {
  return (contexts, posterior) =>
    contexts.map((context) => {
      const counts = Array.from({ length: posterior.strategies }, (_, a) => posterior.count(context, a));
      const total = counts.reduce((sum, count) => sum + count, 0);
      return argmax(posterior.strategies, (a) =>
        counts[a] === 0
          ? Number.POSITIVE_INFINITY
          : empiricalMean(posterior, context, a) +
            exploration * Math.sqrt((2 * Math.log(total)) / counts[a]!),
      );
    });
}

/** Thompson sampling: for every problem, argmax of one draw from each strategy's posterior (normal approximation). */
export function thompson(scale: number): Chooser {
  return (contexts, posterior, random) =>
    contexts.map((context) =>
      argmax(
        posterior.strategies,
        (a) => posterior.mean(context, a) + scale * posterior.deviation(context, a) * random.normal(),
      ),
    );
}

/** The batch planner itself. */
export function batchPlanner(options: Partial<PlanOptions> = {}): Chooser {
  return (contexts, posterior, random) =>
    planStrategies(
      contexts.map((context) => ({ context })),
      posterior,
      {
        ...DEFAULT_PLAN_OPTIONS,
        costs: new Array<number>(posterior.strategies).fill(0),
        maxExactStates: 0,
        ...options,
      },
      new Random(random.integer(0, 0xffffffff)),
    ).decisions.map(({ strategy }) => strategy);
}

function empiricalMean(posterior: StrategyPosterior, context: string, strategy: number): number {
  const [alpha] = posterior.shape(context, strategy);
  return (alpha - 1) / posterior.count(context, strategy);
}

function argmax(count: number, scoreOf: (index: number) => number): number {
  let [best, most] = [0, Number.NEGATIVE_INFINITY];
  for (let a = 0; a < count; a++) {
    const value = scoreOf(a);
    if (value > most) [best, most] = [a, value];
  }
  return best;
}
