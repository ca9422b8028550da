/**
 * The energy of giving each problem of a batch a strategy: what annealing minimises, each term worked out from reward or tokens.
 *
 * Invariants: the terms of a plan add up to its energy; problems of different contexts and groups share no edge.
 *
 * E(x) = − Σ_i [μ̂_i(x_i) + c·σ̂_i(x_i)]      field: optimism in the face of uncertainty (UCB) for each problem alone
 *        + Σ_{i<j similar} w(x_i)·[x_i = x_j]   coupling: a second pull of the same arm in one batch is worth less
 *        − η Σ_groups E[S²]                     signal: variance of rewards that GRPO can learn from
 *        + λ Σ_i cost(x_i)                      cost: tokens
 *
 * The weight is w = γ·c·(σ̂(n) − σ̂(n + 1)): what one pending observation takes off the bonus. This is the pairwise form of
 * GP-BUCB's hallucinated observations, and of the second-order expansion of information gain (w ∝ K_ij²).
 */
import { DialecticError } from '../../errors.js';
import type { StrategyPosterior } from './bandit.js';
import { type CategoricalProblem, createCategorical, type Edge, edgeEnergy } from './categorical.js';

/** What gets one strategy: a problem with its whole group of rollouts, or one rollout of a group. */
export interface BatchItem {
  /** Kind of problem. Items of the same context are similar: they share the posterior and are coupled. */
  readonly context: string;
  /** Set where strategies may differ inside a group: all items of the same group are its rollouts. */
  readonly group?: string;
}

export interface ObjectiveOptions {
  /** c: how much a standard deviation is worth. */
  readonly exploration: number;
  /** γ: 0 switches the coupling off, and each problem follows its own argmax. */
  readonly batchCoupling: number;
  /** η: reward that one unit of expected reward variance is worth; 0 ignores it. */
  readonly signalWeight: number;
  /**
   * `within`: only variance inside a strategy counts; right where the strategy is part of the prompt. `total`: differences
   * between strategies count too; right only where the policy itself writes the strategy down as part of its completion.
   */
  readonly signal: 'within' | 'total';
  /** λ: reward that one unit of cost is worth. */
  readonly costWeight: number;
  /** Tokens of each strategy, in any unit, for example relative to the cheapest. */
  readonly costs: readonly number[]; // [strategies]
}

/** Energies of one item's decision. An edge's energy is shared equally between its two ends. */
export interface EnergyTerms {
  readonly field: number;
  readonly coupling: number;
  readonly signal: number;
  readonly cost: number;
}

interface BatchObjective {
  readonly problem: CategoricalProblem;
  /** −(μ̂ + c·σ̂): the field of contextual UCB alone. */
  readonly fields: Float64Array; // [items, strategies]
  /** −η·(share of E[S²] that is linear). */
  readonly signals: Float64Array; // [items, strategies]
  /** λ·cost. */
  readonly costs: Float64Array; // [strategies]
  readonly couplingEdges: readonly Edge[];
  readonly signalEdges: readonly Edge[];
}

/** Builds E(x) for a batch. Throws CONFIG where options do not fit the posterior. */
export function batchObjective(
  items: readonly BatchItem[],
  posterior: StrategyPosterior,
  options: ObjectiveOptions,
): BatchObjective {
  const { strategies } = posterior;
  if (options.costs.length !== strategies)
    throw new DialecticError(
      'CONFIG',
      `${options.costs.length} costs for ${strategies} strategies; expected one for each`,
    );
  const costs = Float64Array.from(options.costs, (cost) => options.costWeight * cost);
  const fields = new Float64Array(items.length * strategies);
  const signals = new Float64Array(items.length * strategies);
  const groups = indicesBy(items, ({ group }) => group);
  items.forEach(({ context, group }, i) => {
    const share = group === undefined ? 1 : 1 / groups.get(group)!.length;
    for (let a = 0; a < strategies; a++) {
      const [mean, deviation] = [posterior.mean(context, a), posterior.deviation(context, a)];
      fields[i * strategies + a] = -(mean + options.exploration * deviation);
      // E[p(1 − p)] over the posterior.
      signals[i * strategies + a] =
        -options.signalWeight * share * (mean * (1 - mean) - deviation * deviation);
    }
  });
  const couplingEdges = options.batchCoupling === 0 ? [] : couplings(items, posterior, options);
  const isBetweenCounted = options.signal === 'total' && options.signalWeight !== 0;
  const signalEdges: Edge[] = [];
  for (const [group, members] of isBetweenCounted ? groups : []) {
    if (group === undefined || members.length < 2) continue;
    const weight = -options.signalWeight / (members.length * (members.length - 1));
    const tables = new Map<string, Float64Array>();
    for (const [i, j] of pairsOf(members)) {
      const [first, second] = [items[i]!.context, items[j]!.context];
      const key = JSON.stringify([first, second]);
      const table = tables.get(key) ?? squaredDifferences(posterior, first, second);
      tables.set(key, table);
      signalEdges.push({ i, j, weight, table });
    }
  }
  const total = fields.map((field, index) => field + signals[index]! + costs[index % strategies]!);
  const problem = createCategorical(strategies, total, [...couplingEdges, ...signalEdges]);
  return { problem, fields, signals, costs, couplingEdges, signalEdges };
}

/** The energy of each item's decision, split by term. */
export function energyTerms(objective: BatchObjective, assignment: ArrayLike<number>): EnergyTerms[] {
  const { problem, fields, signals, costs, couplingEdges, signalEdges } = objective;
  const { variables, states } = problem;
  const coupling = halvesOf(couplingEdges, problem, assignment);
  const between = halvesOf(signalEdges, problem, assignment);
  return Array.from({ length: variables }, (_, i) => {
    const index = i * states + assignment[i]!;
    return {
      field: fields[index]!,
      coupling: coupling[i]!,
      signal: signals[index]! + between[i]!,
      cost: costs[assignment[i]!]!,
    };
  });
}

/** Edges between all items of a context, w(a) on the diagonal of their common table. */
function couplings(
  items: readonly BatchItem[],
  posterior: StrategyPosterior,
  { exploration, batchCoupling }: ObjectiveOptions,
): Edge[] {
  const { strategies } = posterior;
  const edges: Edge[] = [];
  for (const [context, members] of indicesBy(items, (item) => item.context)) {
    const table = new Float64Array(strategies * strategies);
    for (let a = 0; a < strategies; a++)
      table[a * strategies + a] = posterior.deviation(context, a) - posterior.deviation(context, a, 1);
    for (const [i, j] of pairsOf(members)) edges.push({ i, j, weight: batchCoupling * exploration, table });
  }
  return edges;
}

/** E[(p_a − p_b)²] over the posterior; the same arm of the same context has one p. */
function squaredDifferences(posterior: StrategyPosterior, first: string, second: string): Float64Array {
  const { strategies } = posterior;
  return new Float64Array(strategies * strategies).map((_, index) => {
    const [a, b] = [Math.floor(index / strategies), index % strategies];
    if (a === b && first === second) return 0;
    const difference = posterior.mean(first, a) - posterior.mean(second, b);
    return difference ** 2 + posterior.deviation(first, a) ** 2 + posterior.deviation(second, b) ** 2;
  });
}

function indicesBy<K>(items: readonly BatchItem[], keyOf: (item: BatchItem) => K): Map<K, number[]> {
  const indices = new Map<K, number[]>();
  items.forEach((item, i) => {
    const known = indices.get(keyOf(item));
    if (known) known.push(i);
    else indices.set(keyOf(item), [i]);
  });
  return indices;
}

function* pairsOf(members: readonly number[]): Generator<[number, number]> {
  for (let g = 0; g < members.length; g++)
    for (let h = g + 1; h < members.length; h++) yield [members[g]!, members[h]!];
}

function halvesOf(
  edges: readonly Edge[],
  { variables, states }: CategoricalProblem,
  assignment: ArrayLike<number>,
): Float64Array {
  const halves = new Float64Array(variables);
  for (const edge of edges) {
    const half = edgeEnergy(edge, states, assignment) / 2;
    halves[edge.i]! += half;
    halves[edge.j]! += half;
  }
  return halves;
}
