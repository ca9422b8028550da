/**
 * Schedules the strategies of a run by annealing: learned value, uncertainty, similarity within the batch, signal and token cost.
 *
 * Invariants: choices are a function of the seed, the update and what was learned from earlier updates; every choice is told with
 * its energy terms, the gap to the exact optimum where that was found, and what UCB alone would have done.
 */

import type { GroupResult, Problem, Strategy } from '../../protocol/index.js';
import { Random } from '../../random.js';
import type { StrategyPlanner } from '../../rollout/planner.js';
import { StrategyPosterior } from './bandit.js';
import { DEFAULT_PLAN_OPTIONS, type PlanOptions, planStrategies } from './plan.js';

/** One choice, as observers see it. */
export interface StrategyChoice {
  readonly update: number;
  readonly promptIndex: number;
  readonly strategy: Strategy;
  readonly terms: Readonly<Record<string, number>>;
}

interface AnnealingOptions {
  /** The first is what open problems get: they have no answers to compare, and nothing is annealed for them. */
  readonly strategies: readonly Strategy[];
  readonly seed: number;
  readonly onChoice: (choice: StrategyChoice) => void;
}

/**
 * The policy changes: 33 updates are remembered. On simulated streams (lab/results-annealing.md) regret after a change is 0.64 of what it is
 * with a perfect memory, and without a change it is no higher. Remembering 20 updates costs 7 % there, 50 are too many after a change.
 */
export const DISCOUNT = 0.97;
const OBJECTIVE: Omit<PlanOptions, 'costs'> = { ...DEFAULT_PLAN_OPTIONS, signalWeight: 4, costWeight: 0.05 };

export class AnnealingPlanner implements StrategyPlanner {
  readonly #posterior: StrategyPosterior;
  /** Sampled tokens and tasks of each strategy so far, discounted. */
  readonly #spent: { tokens: number; tasks: number }[];
  #chosen: { readonly promptIndex: number; readonly context: string; readonly strategy: number }[] = [];

  constructor(private readonly options: AnnealingOptions) {
    this.#posterior = new StrategyPosterior({ strategies: options.strategies.length, discount: DISCOUNT });
    this.#spent = options.strategies.map(() => ({ tokens: 0, tasks: 0 }));
  }

  choose(update: number, problems: readonly Problem[]): Strategy[] {
    const { strategies, seed, onChoice } = this.options;
    const chosen = problems.map(() => strategies[0]!);
    const places = problems.flatMap(({ constraints }, i) => (constraints ? [] : [i]));
    this.#chosen = [];
    if (places.length === 0) return chosen;
    const items = places.map((i) => ({ context: `${problems[i]!.type}/${problems[i]!.difficulty}` }));
    const options = { ...OBJECTIVE, costs: this.#costs() };
    const plan = planStrategies(items, this.#posterior, options, new Random(seed, 'strategies', update));
    plan.decisions.forEach(({ strategy, terms, argmaxStrategy }, i) => {
      const promptIndex = places[i]!;
      this.#chosen.push({ promptIndex, context: items[i]!.context, strategy });
      chosen[promptIndex] = strategies[strategy]!;
      const isArgmax = Number(strategy === argmaxStrategy);
      const batch = { batchEnergy: plan.energy, argmaxEnergy: plan.argmaxEnergy };
      const gap = plan.gap === null ? {} : { gap: plan.gap };
      const all = { ...terms, isArgmax, ...batch, ...gap };
      onChoice({ update, promptIndex, strategy: strategies[strategy]!, terms: all });
    });
    return chosen;
  }

  learn(_update: number, groups: readonly GroupResult[]): void {
    this.#posterior.age();
    for (const spent of this.#spent) {
      spent.tokens *= DISCOUNT;
      spent.tasks *= DISCOUNT;
    }
    this.#chosen.forEach(({ promptIndex, context, strategy }) => {
      const own = groups.filter((group) => group.promptIndex === promptIndex);
      const value = taskValue(own);
      if (value === null) return; // cancelled: nothing was learned
      this.#posterior.observe(context, strategy, value);
      const spent = this.#spent[strategy]!;
      spent.tokens += own.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
      spent.tasks++;
    });
    this.#chosen = [];
  }

  /** Mean tokens of a task, relative to the cheapest strategy; 1 for what was never tried. */
  #costs(): number[] {
    const means = this.#spent.map(({ tokens, tasks }) => (tasks > 0 ? tokens / tasks : null));
    const cheapest = Math.min(...means.flatMap((mean) => mean ?? []));
    return means.map((mean) => (mean === null || cheapest === 0 ? 1 : mean / cheapest));
  }
}

/** Mean outcome reward of those who answer the problem, in [0, 1]; a skeptic is paid for a difference, not for an answer. */
function taskValue(groups: readonly GroupResult[]): number | null {
  const answering = groups.filter(({ role, sampleCount }) => role !== 'skeptic' && sampleCount > 0);
  const samples = answering.reduce((sum, { sampleCount }) => sum + sampleCount, 0);
  if (samples === 0) return null;
  const total = answering.reduce((sum, { outcomeMean, sampleCount }) => sum + outcomeMean * sampleCount, 0);
  return Math.min(1, Math.max(0, total / samples));
}
