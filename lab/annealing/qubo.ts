/**
 * QUBO problems: the same quadratic energies as Ising's over x ∈ {0, 1}, which most solvers read.
 *
 * Invariants: the two conversions keep the energy of every assignment (x = 1 ⇔ s = +1) and are inverse to each other up to rounding.
 *
 * E(x) = offset + Σ_i a_i x_i + Σ_{i<j} Q_ij x_i x_j, with x = (1 + s) / 2.
 */
import { createIsing, type IsingProblem } from '../../src/techniques/annealing/ising.js';

export interface QuboProblem {
  readonly size: number;
  /** a. */
  readonly linear: Float64Array; // [size]
  /** Q, symmetric with a zero diagonal. */
  readonly quadratic: Float64Array; // [size, size]
  readonly offset: number;
}

/** A QUBO problem from pairs `[i, j, Q_ij]`; pairs that occur more than once add up. */
export function createQubo(
  linear: ArrayLike<number>,
  pairs: Iterable<readonly [number, number, number]>,
  offset = 0,
): QuboProblem {
  const { size, fields, couplings } = createIsing(linear, pairs, offset);
  return { size, linear: fields, quadratic: couplings, offset };
}

/** E(x) by direct summation. */
export function quboEnergy(problem: QuboProblem, bits: ArrayLike<number>): number {
  const { size, linear, quadratic } = problem;
  let energy = problem.offset;
  for (let i = 0; i < size; i++) {
    if (bits[i] === 0) continue;
    energy += linear[i]!;
    for (let j = i + 1; j < size; j++) energy += quadratic[i * size + j]! * bits[j]!;
  }
  return energy;
}

/** J = Q/4, h = a/2 + Σ_j Q_ij/4, offset + Σ a/2 + Σ_{i<j} Q_ij/4. */
export function quboToIsing({ size, linear, quadratic, offset }: QuboProblem): IsingProblem {
  const fields = linear.map((bias) => bias / 2);
  let constant = offset;
  for (let i = 0; i < size; i++) {
    constant += linear[i]! / 2;
    for (let j = 0; j < size; j++) {
      fields[i]! += quadratic[i * size + j]! / 4;
      if (i < j) constant += quadratic[i * size + j]! / 4;
    }
  }
  return { size, fields, couplings: quadratic.map((weight) => weight / 4), offset: constant };
}

/** Q = 4J, a = 2h − 2 Σ_j J_ij, offset − Σ h + Σ_{i<j} J_ij. */
export function isingToQubo({ size, fields, couplings, offset }: IsingProblem): QuboProblem {
  const linear = fields.map((field) => 2 * field);
  let constant = offset;
  for (let i = 0; i < size; i++) {
    constant -= fields[i]!;
    for (let j = 0; j < size; j++) {
      linear[i]! -= 2 * couplings[i * size + j]!;
      if (i < j) constant += couplings[i * size + j]!;
    }
  }
  return { size, linear, quadratic: couplings.map((coupling) => 4 * coupling), offset: constant };
}
