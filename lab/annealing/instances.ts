/**
 * Problems whose answers are known or easily found, on which the annealers are checked and compared.
 *
 * Invariants: an instance is a pure function of its random source.
 */
import type { Random } from '../../src/random.js';
import { createIsing, type IsingProblem } from '../../src/techniques/annealing/ising.js';
import { type Replicas, startingAssignments } from '../../src/techniques/annealing/replicas.js';
import type { UniformStream } from '../../src/techniques/annealing/uniform-stream.js';

/** Kinds of random Ising problems: Gaussian couplings between all spins; ±1 between all; MaxCut on a random half of all edges. */
export const ISING_KINDS = ['sherrington-kirkpatrick', 'plus-minus', 'max-cut'] as const;

export function randomIsing(kind: (typeof ISING_KINDS)[number], size: number, random: Random): IsingProblem {
  const pairs: [number, number, number][] = [];
  for (let i = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++) {
      if (kind === 'max-cut') {
        if (random.uniform() < 0.5) pairs.push([i, j, 1]);
      } else {
        const coupling = kind === 'plus-minus' ? 2 * random.integer(0, 1) - 1 : random.normal();
        pairs.push([i, j, coupling / Math.sqrt(size)]);
      }
    }
  }
  return createIsing(new Float64Array(size), pairs);
}

/**
 * The Hamming-weight spike: E = number of 1s, plus a barrier of some height where exactly a quarter of the bits are 1.
 *
 * The ground state is all zeros. A tall thin barrier stops thermal hopping but not tunnelling (Farhi, Goldstone and Gutmann, 2002;
 * Crosson and Harrow, 2016). It is not quadratic: the annealers see it through `delta` alone.
 */
export class HammingSpike implements Replicas {
  readonly states = 2;
  readonly assignment: Uint8Array; // [count, variables]
  readonly energies: Float64Array; // [count]
  readonly #hammingWeights: Int32Array; // [count]

  constructor(
    readonly variables: number,
    private readonly height: number,
    readonly count: number,
    start: Uint8Array | UniformStream,
  ) {
    this.assignment = startingAssignments(count, variables, 2, start);
    this.#hammingWeights = Int32Array.from({ length: count }, (_, p) =>
      hammingWeight(this.assignment.subarray(p * variables, (p + 1) * variables)),
    );
    this.energies = Float64Array.from(this.#hammingWeights, (ones) => this.#energy(ones));
  }

  delta(replica: number, variable: number, to: number): number {
    if (this.assignment[replica * this.variables + variable] === to) return 0;
    const ones = this.#hammingWeights[replica]!;
    return this.#energy(to === 1 ? ones + 1 : ones - 1) - this.#energy(ones);
  }

  move(replica: number, variable: number, to: number, delta: number): void {
    const index = replica * this.variables + variable;
    this.#hammingWeights[replica]! += to - this.assignment[index]!;
    this.assignment[index] = to;
    this.energies[replica]! += delta;
  }

  energyOf(assignment: Uint8Array): number {
    return this.#energy(hammingWeight(assignment));
  }

  #energy(ones: number): number {
    return ones === Math.round(this.variables / 4) ? ones + this.height : ones;
  }
}

function hammingWeight(bits: Uint8Array): number {
  return bits.reduce((sum, bit) => sum + bit, 0);
}
