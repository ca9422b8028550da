/**
 * Ising problems: two-state variables with fields and pair couplings, the form that annealers and solvers exchange.
 *
 * Invariants: `couplings` is symmetric with a zero diagonal; every number is finite; a reported energy is the direct sum over the
 * reported spins, never the running value of a search.
 *
 * E(s) = offset + Σ_i h_i s_i + Σ_{i<j} J_ij s_i s_j, with s_i ∈ {−1, +1}.
 */
import { DialecticError } from '../../errors.js';

export interface IsingProblem {
  readonly size: number;
  /** h. */
  readonly fields: Float64Array; // [size]
  /** J. */
  readonly couplings: Float64Array; // [size, size]
  readonly offset: number;
}

/** Gray-code enumeration visits 2^size states; 2^24 take about a second. */
const MAX_BRUTE_FORCE_SPINS = 24;

/** An Ising problem from pairs `[i, j, J_ij]`; pairs that occur more than once add up. */
export function createIsing(
  fields: ArrayLike<number>,
  pairs: Iterable<readonly [number, number, number]>,
  offset = 0,
): IsingProblem {
  const size = fields.length;
  const couplings = new Float64Array(size * size);
  for (const [i, j, coupling] of pairs) {
    checkPair(i, j, size);
    checkFinite(coupling, `the coupling of ${i} and ${j}`);
    couplings[i * size + j]! += coupling;
    couplings[j * size + i]! += coupling;
  }
  for (let i = 0; i < size; i++) checkFinite(fields[i]!, `the field of ${i}`);
  checkFinite(offset, 'the offset');
  return { size, fields: Float64Array.from(fields), couplings, offset };
}

/** Throws SHAPE unless i and j are two different variables below `size`. */
export function checkPair(i: number, j: number, size: number): void {
  const isVariable = (index: number) => Number.isInteger(index) && index >= 0 && index < size;
  if (!isVariable(i) || !isVariable(j) || i === j)
    throw new DialecticError(
      'SHAPE',
      `a coupling joins ${i} and ${j}; expected two different variables from 0 to ${size - 1}`,
    );
}

/** Throws SHAPE for NaN and infinities: one of them would make every energy meaningless. */
export function checkFinite(value: number, what: string): void {
  if (!Number.isFinite(value))
    throw new DialecticError('SHAPE', `${what} is ${value}; expected a finite number`);
}

/** E(s) by direct summation. */
export function isingEnergy(problem: IsingProblem, spins: ArrayLike<number>): number {
  const { size, fields, couplings } = problem;
  let energy = problem.offset;
  for (let i = 0; i < size; i++) {
    let field = fields[i]!;
    for (let j = i + 1; j < size; j++) field += couplings[i * size + j]! * spins[j]!;
    energy += field * spins[i]!;
  }
  return energy;
}

/** A ground state by enumeration in Gray-code order, one flip a state. Throws SHAPE above `MAX_BRUTE_FORCE_SPINS`. */
export function bruteForceIsing(problem: IsingProblem): { spins: Int8Array; energy: number } {
  const { size, couplings } = problem;
  if (size > MAX_BRUTE_FORCE_SPINS)
    throw new DialecticError(
      'SHAPE',
      `brute force over ${size} spins; expected at most ${MAX_BRUTE_FORCE_SPINS}`,
    );
  const spins = new Int8Array(size).fill(1);
  const local = Float64Array.from(problem.fields);
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) local[i]! += couplings[i * size + j]!;
  const best = Int8Array.from(spins);
  let [energy, least] = [0, 0];
  for (let state = 1; state < 2 ** size; state++) {
    const flipped = 31 - Math.clz32(state & -state);
    const spin = spins[flipped]!;
    energy -= 2 * spin * local[flipped]!;
    spins[flipped] = -spin;
    for (let j = 0; j < size; j++) local[j]! -= 2 * spin * couplings[flipped * size + j]!;
    if (energy < least) {
      least = energy;
      best.set(spins);
    }
  }
  return { spins: best, energy: isingEnergy(problem, best) };
}
