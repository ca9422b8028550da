/**
 * Problems over variables with k states each, "which strategy for which problem", where every assignment is feasible by construction.
 *
 * Invariants: every number is finite; an edge is stored once per direction and its energy is counted once; a reported energy is the
 * direct sum over the reported assignment.
 *
 * E(x) = offset + Σ_i f_i[x_i] + Σ_{edges i<j} c_ij · T_ij[x_i, x_j]. The usual table T is [x_i = x_j] (Potts).
 */
import { DialecticError } from '../../errors.js';
import { checkFinite, checkPair, type IsingProblem } from './ising.js';

/** A pair energy `weight · table[x_i, x_j]`; without a table, `weight` where the two states are equal. */
export interface Edge {
  readonly i: number;
  readonly j: number;
  readonly weight: number;
  /** Energies [states, states], row x_i. Edges that share one array share its memory. */
  readonly table?: Float64Array;
}

export interface CategoricalProblem {
  readonly variables: number;
  readonly states: number;
  readonly fields: Float64Array; // [variables, states]
  readonly offset: number;
  readonly edges: readonly Edge[];
  /** Both directions of every edge: those of variable i are entries starts[i] to starts[i + 1] − 1. */
  readonly starts: Int32Array; // [variables + 1]
  readonly neighbours: Int32Array; // [2 · edges]
  readonly weights: Float64Array; // [2 · edges]
  /** Where each entry's table begins in `tables`. */
  readonly tableStarts: Int32Array; // [2 · edges]
  /** All tables, row = state of the entry's own variable. */
  readonly tables: Float64Array; // [tables, states, states]
}

/** A problem from fields [variables, states] and edges; throws SHAPE where sizes disagree or a number is not finite. */
export function createCategorical(
  states: number,
  fields: ArrayLike<number>,
  edges: readonly Edge[],
  offset = 0,
): CategoricalProblem {
  const variables = fields.length / states;
  if (!Number.isInteger(states) || states < 1 || states > 256 || !Number.isInteger(variables))
    throw new DialecticError(
      'SHAPE',
      `${fields.length} fields for ${states} states; expected 1 to 256 states and as many fields for every variable`,
    );
  for (let i = 0; i < fields.length; i++) checkFinite(fields[i]!, `field ${i}`);
  checkFinite(offset, 'the offset');
  const starts = new Int32Array(variables + 1);
  for (const { i, j, weight } of edges) {
    checkPair(i, j, variables);
    checkFinite(weight, `the weight of edge ${i}, ${j}`);
    starts[i + 1]!++;
    starts[j + 1]!++;
  }
  for (let i = 0; i < variables; i++) starts[i + 1]! += starts[i]!;
  const [neighbours, tableStarts] = [new Int32Array(2 * edges.length), new Int32Array(2 * edges.length)];
  const weights = new Float64Array(2 * edges.length);
  const next = starts.slice();
  const tables = new TableStore(states);
  for (const { i, j, weight, table } of edges) {
    const [forward, backward] = tables.add(table);
    for (const [from, to, tableStart] of [[i, j, forward] as const, [j, i, backward] as const]) {
      const entry = next[from]!++;
      neighbours[entry] = to;
      weights[entry] = weight;
      tableStarts[entry] = tableStart;
    }
  }
  return {
    variables,
    states,
    fields: Float64Array.from(fields),
    offset,
    edges,
    starts,
    neighbours,
    weights,
    tableStarts,
    tables: Float64Array.from(tables.values),
  };
}

/** Keeps each table once, and its transpose for the other direction. */
class TableStore {
  readonly values: number[] = [];
  readonly #starts = new Map<Float64Array | undefined, readonly [number, number]>();

  constructor(private readonly states: number) {}

  add(table: Float64Array | undefined): readonly [forward: number, backward: number] {
    const known = this.#starts.get(table);
    if (known) return known;
    const { states, values } = this;
    if (table && table.length !== states * states)
      throw new DialecticError(
        'SHAPE',
        `a table has ${table.length} energies; expected ${states} × ${states}`,
      );
    const start = values.length;
    const valueAt = (a: number, b: number) => (table ? table[a * states + b]! : a === b ? 1 : 0);
    for (const transposed of table ? [false, true] : [false]) {
      for (let a = 0; a < states; a++) {
        for (let b = 0; b < states; b++) {
          const value = transposed ? valueAt(b, a) : valueAt(a, b);
          checkFinite(value, `table entry ${a}, ${b}`);
          values.push(value);
        }
      }
    }
    const pair = [start, table ? start + states * states : start] as const;
    this.#starts.set(table, pair);
    return pair;
  }
}

/** E(x) by direct summation. */
export function categoricalEnergy(problem: CategoricalProblem, assignment: ArrayLike<number>): number {
  const { variables, states, fields, edges } = problem;
  let energy = problem.offset;
  for (let i = 0; i < variables; i++) energy += fields[i * states + assignment[i]!]!;
  for (const edge of edges) energy += edgeEnergy(edge, states, assignment);
  return energy;
}

/** What one edge adds to E(x). */
export function edgeEnergy(edge: Edge, states: number, assignment: ArrayLike<number>): number {
  const [a, b] = [assignment[edge.i]!, assignment[edge.j]!];
  return edge.weight * (edge.table ? edge.table[a * states + b]! : a === b ? 1 : 0);
}

/** Each variable's best state by its field alone (ties: the first). */
export function fieldArgmin({ variables, states, fields }: CategoricalProblem): Uint8Array {
  return Uint8Array.from({ length: variables }, (_, i) => {
    let best = 0;
    for (let a = 1; a < states; a++) if (fields[i * states + a]! < fields[i * states + best]!) best = a;
    return best;
  });
}

/** The same energies with two states: state 0 is spin +1, state 1 is spin −1; s s' = 2·[s = s'] − 1. */
export function isingToCategorical({ size, fields, couplings, offset }: IsingProblem): CategoricalProblem {
  const [edges, doubled]: [Edge[], number[]] = [[], []];
  let constant = offset;
  for (let i = 0; i < size; i++) {
    doubled.push(fields[i]!, -fields[i]!);
    for (let j = i + 1; j < size; j++) {
      const coupling = couplings[i * size + j]!;
      if (coupling === 0) continue;
      edges.push({ i, j, weight: 2 * coupling });
      constant -= coupling;
    }
  }
  return createCategorical(2, doubled, edges, constant);
}
