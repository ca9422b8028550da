/**
 * Several copies of one problem's variables, with what a single change would cost kept up to date, for every annealer here.
 *
 * Invariants: `energies` and the local fields follow the assignment through every move; `energyOf` sums from scratch, so that a
 * reported energy carries no rounding of a long walk.
 */
import { type CategoricalProblem, categoricalEnergy } from './categorical.js';
import type { UniformStream } from './uniform-stream.js';

/** What an annealer needs of a problem. Any energy will do, quadratic or not, that can say what a change costs. */
export interface Replicas {
  readonly variables: number;
  readonly states: number;
  readonly count: number;
  readonly assignment: Uint8Array; // [count, variables]
  readonly energies: Float64Array; // [count]
  /** E after minus E before, if `variable` of `replica` took state `to`. */
  delta(replica: number, variable: number, to: number): number;
  /** Makes the change whose `delta` was just asked for. */
  move(replica: number, variable: number, to: number, delta: number): void;
  /** The energy of one assignment by direct summation. */
  energyOf(assignment: Uint8Array): number;
}

/** Replicas of a categorical problem, with local fields L[p, i, a] = f_i[a] + Σ_j c_ij T_ij[a, x_j]: `delta` is one subtraction. */
export class CategoricalReplicas implements Replicas {
  readonly variables: number;
  readonly states: number;
  readonly assignment: Uint8Array; // [count, variables]
  readonly energies: Float64Array; // [count]
  readonly localFields: Float64Array; // [count, variables, states]
  readonly #starts: Int32Array;
  readonly #neighbours: Int32Array;
  readonly #weights: Float64Array;
  readonly #tableStarts: Int32Array;
  readonly #tables: Float64Array;
  readonly #hasTables: boolean;

  /** `start` is copied into every replica, or is a stream to draw each of them at random from. */
  constructor(
    readonly problem: CategoricalProblem,
    readonly count: number,
    start: Uint8Array | UniformStream,
  ) {
    this.variables = problem.variables;
    this.states = problem.states;
    this.#starts = problem.starts;
    this.#neighbours = problem.neighbours;
    this.#weights = problem.weights;
    this.#tableStarts = problem.tableStarts;
    this.#tables = problem.tables;
    this.#hasTables = problem.edges.some(({ table }) => table !== undefined);
    this.assignment = startingAssignments(count, problem.variables, problem.states, start);
    this.energies = new Float64Array(count);
    this.localFields = new Float64Array(count * problem.variables * problem.states);
    for (let replica = 0; replica < count; replica++) {
      const own = this.assignment.subarray(replica * this.variables, (replica + 1) * this.variables);
      this.energies[replica] = categoricalEnergy(problem, own);
      this.localFields.set(computeLocalFields(problem, own), replica * problem.variables * problem.states);
    }
  }

  delta(replica: number, variable: number, to: number): number {
    const index = replica * this.variables + variable;
    const base = index * this.states;
    return this.localFields[base + to]! - this.localFields[base + this.assignment[index]!]!;
  }

  move(replica: number, variable: number, to: number, delta: number): void {
    const { variables, states, localFields, assignment } = this;
    const [weights, neighbours, tableStarts, tables] = [
      this.#weights,
      this.#neighbours,
      this.#tableStarts,
      this.#tables,
    ];
    const index = replica * variables + variable;
    const from = assignment[index]!;
    assignment[index] = to;
    this.energies[replica]! += delta;
    const end = this.#starts[variable + 1]!;
    for (let entry = this.#starts[variable]!; entry < end; entry++) {
      const weight = weights[entry]!;
      const base = (replica * variables + neighbours[entry]!) * states;
      if (this.#hasTables) {
        const before = tableStarts[entry]! + from * states;
        const after = tableStarts[entry]! + to * states;
        for (let a = 0; a < states; a++)
          localFields[base + a]! += weight * (tables[after + a]! - tables[before + a]!);
      } else {
        localFields[base + from]! -= weight;
        localFields[base + to]! += weight;
      }
    }
  }

  energyOf(assignment: Uint8Array): number {
    return categoricalEnergy(this.problem, assignment);
  }
}

/** L[i, a] from scratch. */
export function computeLocalFields(problem: CategoricalProblem, assignment: ArrayLike<number>): Float64Array {
  const { variables, states, starts, neighbours, weights, tableStarts, tables } = problem;
  const local = Float64Array.from(problem.fields); // [variables, states]
  for (let i = 0; i < variables; i++) {
    for (let entry = starts[i]!; entry < starts[i + 1]!; entry++) {
      const other = assignment[neighbours[entry]!]!;
      for (let a = 0; a < states; a++)
        local[i * states + a]! += weights[entry]! * tables[tableStarts[entry]! + a * states + other]!;
    }
  }
  return local;
}

/** Copies of `start`, or uniform draws. */
export function startingAssignments(
  count: number,
  variables: number,
  states: number,
  start: Uint8Array | UniformStream,
): Uint8Array {
  const assignment = new Uint8Array(count * variables);
  for (let index = 0; index < assignment.length; index++)
    assignment[index] =
      start instanceof Uint8Array ? start[index % variables]! : Math.floor(start.next() * states);
  return assignment;
}
