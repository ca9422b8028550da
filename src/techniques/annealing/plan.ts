/**
 * Chooses a strategy for every problem of a batch by annealing the batch's energy, and says how good the choice is.
 *
 * Invariants: the plan is a pure function of batch, posterior, options and random source; its energy is the direct sum of its terms;
 * the gap is measured against an exact optimum or is null.
 */
import type { Random } from '../../random.js';
import { anneal } from './anneal.js';
import type { StrategyPosterior } from './bandit.js';
import {
  type BatchItem,
  batchObjective,
  type EnergyTerms,
  energyTerms,
  type ObjectiveOptions,
} from './batch-objective.js';
import { type CategoricalProblem, categoricalEnergy } from './categorical.js';
import { descend } from './classical.js';
import { exactOptimum, MAX_ENUMERATED_STATES } from './exact.js';
import { pathIntegralSchedule } from './path-integral.js';
import { CategoricalReplicas } from './replicas.js';
import { UniformStream } from './uniform-stream.js';

export interface PlanOptions extends ObjectiveOptions {
  readonly slices: number;
  readonly sweeps: number;
  /** β·(energy scale of the batch); the scale is the mean difference between an item's best and worst field. */
  readonly relativeBeta: number;
  /** Γ at the start, in energy scales. */
  readonly relativeGamma: number;
  /** An exact optimum is looked for where at most this many states have to be visited; 0 never. */
  readonly maxExactStates: number;
}

export const DEFAULT_PLAN_OPTIONS: Omit<PlanOptions, 'costs'> = {
  exploration: 1,
  batchCoupling: 1,
  signalWeight: 0,
  signal: 'within',
  costWeight: 0,
  slices: 8,
  sweeps: 50,
  relativeBeta: 100,
  relativeGamma: 1,
  maxExactStates: MAX_ENUMERATED_STATES,
};

/** What was decided for one item. */
interface StrategyDecision {
  readonly strategy: number;
  readonly terms: EnergyTerms;
  /** What UCB alone would have done: the best field, without coupling, signal and cost. */
  readonly argmaxStrategy: number;
}

interface StrategyPlan {
  readonly decisions: readonly StrategyDecision[];
  readonly energy: number;
  /** Energy of UCB alone, under the same E(x). */
  readonly argmaxEnergy: number;
  /** The least energy there is, or null beyond the reach of enumeration. */
  readonly optimum: number | null;
  /** energy − optimum, at least 0 up to rounding; null where the optimum is. */
  readonly gap: number | null;
  readonly spinUpdates: number;
}

/** Plans a batch. */
export function planStrategies(
  items: readonly BatchItem[],
  posterior: StrategyPosterior,
  options: PlanOptions,
  random: Random,
): StrategyPlan {
  const objective = batchObjective(items, posterior, options);
  const { problem, fields } = objective;
  const uniforms = new UniformStream(random);
  const scale = energyScale(problem);
  const schedule = pathIntegralSchedule(problem.states, {
    slices: options.slices,
    sweeps: options.sweeps,
    beta: options.relativeBeta / scale,
    gammaStart: options.relativeGamma * scale,
    gammaEnd: 0,
  });
  const replicas = new CategoricalReplicas(problem, options.slices, uniforms);
  const annealed = anneal(replicas, schedule, uniforms);
  const { assignment, energy, spinUpdates } = descend(problem, annealed.best.assignment);
  const argmax = argmaxStrategies(fields, problem.states);
  const optimum = options.maxExactStates > 0 ? exactOptimum(problem, options.maxExactStates) : null;
  return {
    decisions: energyTerms(objective, assignment).map((terms, i) => ({
      strategy: assignment[i]!,
      terms,
      argmaxStrategy: argmax[i]!,
    })),
    energy,
    argmaxEnergy: categoricalEnergy(problem, argmax),
    optimum: optimum?.energy ?? null,
    gap: optimum ? energy - optimum.energy : null,
    spinUpdates: annealed.spinUpdates + spinUpdates,
  };
}

function argmaxStrategies(fields: Float64Array, states: number): Uint8Array {
  return Uint8Array.from({ length: fields.length / states }, (_, i) => {
    const own = fields.subarray(i * states, (i + 1) * states);
    return own.indexOf(Math.min(...own));
  });
}

/** Mean spread of a variable's fields, or the mean edge weight where all fields are equal, or 1. */
function energyScale({ variables, states, fields, edges }: CategoricalProblem): number {
  let sum = 0;
  for (let i = 0; i < variables; i++) {
    const own = fields.subarray(i * states, (i + 1) * states);
    sum += Math.max(...own) - Math.min(...own);
  }
  if (sum > 0) return sum / variables;
  const weights = edges.reduce((total, { weight }) => total + Math.abs(weight), 0);
  return weights > 0 ? weights / edges.length : 1;
}
