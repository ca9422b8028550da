/**
 * Writes a categorical problem as a QUBO with one bit for each (variable, state), for solvers that know nothing but bits.
 *
 * Invariants: a one-hot assignment has the same energy in both forms; the penalty is large enough that every minimum is one-hot.
 *
 * The annealer here never uses this form: single flips would have to cross the penalty's barrier at every change of state.
 */
import { type CategoricalProblem, categoricalEnergy } from '../../src/techniques/annealing/categorical.js';
import { createQubo, type QuboProblem } from './qubo.js';

export interface OneHotQubo {
  readonly qubo: QuboProblem; // bit of (i, a) is i · states + a
  /** A of the term A · (Σ_a x_ia − 1)² of every variable. */
  readonly penalty: number;
}

/**
 * The QUBO with penalty A > max_i (field gap of i + Σ_j max_a Σ_b |c_ij T_ij[a, b]|).
 *
 * The fields of a variable are first lowered to a least value of 0; the constant goes to the offset. Without that no bound on gaps
 * could work: with large equal fields, leaving all bits at 0 would pay. With it, setting the best bit of an empty variable, or
 * clearing a bit of a crowded one, always lowers the energy by more than the couplings can raise it.
 */
export function oneHotQubo(problem: CategoricalProblem): OneHotQubo {
  const { variables, states, fields, edges } = problem;
  const linear = new Float64Array(variables * states);
  const bound = new Float64Array(variables);
  let offset = problem.offset;
  for (let i = 0; i < variables; i++) {
    const own = fields.subarray(i * states, (i + 1) * states);
    const least = Math.min(...own);
    offset += least;
    for (let a = 0; a < states; a++) linear[i * states + a] = own[a]! - least;
    bound[i] = Math.max(...own) - least;
  }
  const pairs: [number, number, number][] = [];
  for (const { i, j, weight, table } of edges) {
    const [rows, columns] = [new Float64Array(states), new Float64Array(states)];
    for (let a = 0; a < states; a++) {
      for (let b = 0; b < states; b++) {
        const energy = weight * (table ? table[a * states + b]! : a === b ? 1 : 0);
        if (energy !== 0) pairs.push([i * states + a, j * states + b, energy]);
        rows[a]! += Math.abs(energy);
        columns[b]! += Math.abs(energy);
      }
    }
    bound[i]! += Math.max(...rows);
    bound[j]! += Math.max(...columns);
  }
  const largest = bound.reduce((most, value) => Math.max(most, value), 0);
  const penalty = largest * 1.001 + 1e-6;
  // A (Σ x − 1)² = A − A Σ x + 2A Σ_{a<b} x_a x_b, since x² = x.
  for (let i = 0; i < variables; i++) {
    offset += penalty;
    for (let a = 0; a < states; a++) {
      linear[i * states + a]! -= penalty;
      for (let b = a + 1; b < states; b++) pairs.push([i * states + a, i * states + b, 2 * penalty]);
    }
  }
  return { qubo: createQubo(linear, pairs, offset), penalty };
}

/** Bits of an assignment. */
export function toOneHot(
  { variables, states }: CategoricalProblem,
  assignment: ArrayLike<number>,
): Uint8Array {
  const bits = new Uint8Array(variables * states);
  for (let i = 0; i < variables; i++) bits[i * states + assignment[i]!] = 1;
  return bits;
}

/** The assignment that the bits stand for, or null unless every variable has exactly one bit. */
export function fromOneHot(
  problem: CategoricalProblem,
  bits: ArrayLike<number>,
): { assignment: Uint8Array; energy: number } | null {
  const { variables, states } = problem;
  const assignment = new Uint8Array(variables);
  for (let i = 0; i < variables; i++) {
    let count = 0;
    for (let a = 0; a < states; a++) {
      if (bits[i * states + a] === 0) continue;
      assignment[i] = a;
      count++;
    }
    if (count !== 1) return null;
  }
  return { assignment, energy: categoricalEnergy(problem, assignment) };
}
