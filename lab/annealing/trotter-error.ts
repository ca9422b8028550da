/**
 * How far P slices are from the quantum system they stand for, exactly, on problems small enough to write out.
 *
 * Invariants: nothing is sampled; both distributions add up to 1.
 */
import { DialecticError } from '../../src/errors.js';
import { type IsingProblem, isingEnergy } from '../../src/techniques/annealing/ising.js';
import { pathIntegralSettings } from '../../src/techniques/annealing/path-integral.js';
import { toSpins } from './ising-replicas.js';

const MAX_SPINS = 6;
/** exp(X) = exp(X / 2^20)^(2^20): the Taylor series then needs few terms. */
const SQUARINGS = 20;
const TAYLOR_TERMS = 12;

/** Total variation distance between one slice's distribution and the diagonal of exp(−βH) / Z, H = E − Γ Σ_i σ^x_i. */
export function trotterError(problem: IsingProblem, slices: number, beta: number, gamma: number): number {
  const sliced = sliceDistribution(problem, slices, beta, gamma);
  const quantum = quantumDistribution(problem, beta, gamma);
  return sliced.reduce((sum, p, state) => sum + Math.abs(p - quantum[state]!), 0) / 2;
}

/** Distribution of one slice among P, by powers of the transfer matrix. Bit i of a state is variable i; 0 is spin +1. */
export function sliceDistribution(
  problem: IsingProblem,
  slices: number,
  beta: number,
  gamma: number,
): Float64Array {
  const energies = allEnergies(problem);
  const { beta: sliceBeta, coupling } = pathIntegralSettings(2, slices, beta, gamma);
  const size = energies.length;
  const transfer = new Float64Array(size * size);
  for (let a = 0; a < size; a++) {
    for (let b = 0; b < size; b++) {
      const equal = problem.size - bitCount(a ^ b);
      transfer[a * size + b] = Math.exp(
        -sliceBeta * (energies[a]! - Math.min(...energies)) + coupling * (equal - problem.size),
      );
    }
  }
  let power: Float64Array = transfer;
  for (let slice = 1; slice < slices; slice++) power = product(power, transfer, size);
  return normalisedDiagonal(power, size);
}

/** The diagonal of exp(−βH) / Z: the measured distribution of the quantum system in equilibrium. */
export function quantumDistribution(problem: IsingProblem, beta: number, gamma: number): Float64Array {
  const energies = allEnergies(problem);
  const size = energies.length;
  const scaled = new Float64Array(size * size); // −βH / 2^SQUARINGS
  for (let a = 0; a < size; a++) {
    scaled[a * size + a] = (-beta * (energies[a]! - Math.min(...energies))) / 2 ** SQUARINGS;
    for (let i = 0; i < problem.size; i++)
      scaled[a * size + (a ^ (1 << i))] = (beta * gamma) / 2 ** SQUARINGS;
  }
  let term = identity(size);
  let exponential = identity(size);
  for (let order = 1; order <= TAYLOR_TERMS; order++) {
    term = product(term, scaled, size).map((value) => value / order);
    exponential = exponential.map((value, index) => value + term[index]!);
  }
  for (let i = 0; i < SQUARINGS; i++) exponential = product(exponential, exponential, size);
  return normalisedDiagonal(exponential, size);
}

function allEnergies(problem: IsingProblem): number[] {
  if (problem.size > MAX_SPINS)
    throw new DialecticError('SHAPE', `${problem.size} spins; expected at most ${MAX_SPINS}`);
  return Array.from({ length: 2 ** problem.size }, (_, state) =>
    isingEnergy(problem, toSpins(Uint8Array.from({ length: problem.size }, (_, i) => (state >> i) & 1))),
  );
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function identity(size: number): Float64Array {
  return new Float64Array(size * size).map((_, index) => (index % (size + 1) === 0 ? 1 : 0));
}

function product(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const result = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let k = 0; k < size; k++)
      for (let j = 0; j < size; j++) result[i * size + j]! += a[i * size + k]! * b[k * size + j]!;
  return result;
}

function normalisedDiagonal(matrix: Float64Array, size: number): Float64Array {
  const diagonal = Float64Array.from({ length: size }, (_, i) => matrix[i * (size + 1)]!);
  const trace = diagonal.reduce((sum, value) => sum + value, 0);
  return diagonal.map((value) => value / trace);
}
