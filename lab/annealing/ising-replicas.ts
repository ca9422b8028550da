/**
 * Replicas of an Ising problem, for dense problems at full speed: one local field a spin instead of one a state.
 *
 * Invariants: as `Replicas`; state 0 is spin +1, state 1 is spin −1.
 */
import { type IsingProblem, isingEnergy } from '../../src/techniques/annealing/ising.js';
import { type Replicas, startingAssignments } from '../../src/techniques/annealing/replicas.js';
import type { UniformStream } from '../../src/techniques/annealing/uniform-stream.js';

export class IsingReplicas implements Replicas {
  readonly variables: number;
  readonly states = 2;
  readonly assignment: Uint8Array; // [count, size]
  readonly energies: Float64Array; // [count]
  /** h_i + Σ_j J_ij s_j; rows are padded with zeros to a multiple of four, so that `move` is one unrolled loop. */
  readonly #localFields: Float64Array; // [count, stride]
  readonly #couplings: Float64Array; // [size, stride]
  readonly #stride: number;

  constructor(
    private readonly problem: IsingProblem,
    readonly count: number,
    start: Uint8Array | UniformStream,
  ) {
    const { size, fields, couplings } = problem;
    this.variables = size;
    this.#stride = Math.ceil(size / 4) * 4;
    this.#couplings = new Float64Array(size * this.#stride);
    for (let i = 0; i < size; i++)
      this.#couplings.set(couplings.subarray(i * size, (i + 1) * size), i * this.#stride);
    this.assignment = startingAssignments(count, size, 2, start);
    this.energies = new Float64Array(count);
    this.#localFields = new Float64Array(count * this.#stride);
    for (let p = 0; p < count; p++) {
      const own = this.assignment.subarray(p * size, (p + 1) * size);
      this.energies[p] = this.energyOf(own);
      for (let i = 0; i < size; i++) {
        let field = fields[i]!;
        for (let j = 0; j < size; j++) field += couplings[i * size + j]! * (1 - 2 * own[j]!);
        this.#localFields[p * this.#stride + i] = field;
      }
    }
  }

  /** The local field of a spin, as kept up to date by the moves. */
  localField(replica: number, spin: number): number {
    return this.#localFields[replica * this.#stride + spin]!;
  }

  delta(replica: number, variable: number, to: number): number {
    const change = 2 * (this.assignment[replica * this.variables + variable]! - to);
    return change * this.#localFields[replica * this.#stride + variable]!;
  }

  move(replica: number, variable: number, to: number, delta: number): void {
    const [localFields, couplings, stride] = [this.#localFields, this.#couplings, this.#stride];
    const index = replica * this.variables + variable;
    // s changes from 1 − 2·from to 1 − 2·to.
    const change = 2 * (this.assignment[index]! - to);
    this.assignment[index] = to;
    this.energies[replica]! += delta;
    const fields = replica * stride;
    const row = variable * stride;
    for (let j = 0; j < stride; j += 4) {
      const [field, coupling] = [fields + j, row + j];
      localFields[field]! += change * couplings[coupling]!;
      localFields[field + 1]! += change * couplings[coupling + 1]!;
      localFields[field + 2]! += change * couplings[coupling + 2]!;
      localFields[field + 3]! += change * couplings[coupling + 3]!;
    }
  }

  energyOf(assignment: Uint8Array): number {
    return isingEnergy(this.problem, toSpins(assignment));
  }
}

/** State 0 is +1, state 1 is −1. */
export function toSpins(assignment: Uint8Array): Int8Array {
  return Int8Array.from(assignment, (state) => 1 - 2 * state);
}
