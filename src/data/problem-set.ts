/**
 * The problems of a run: which examples it trains on and in which order, and which it is tested on.
 *
 * Invariants:
 * - the held-out problems and their order do not depend on the run's seed, so that runs can be compared;
 * - training problem number i is a function of (seed, i); every example comes once before any comes twice.
 */
import type { Domain } from '../protocol/index.js';
import type { OpenConstraints, Problem } from '../protocol/task.js';
import { Random } from '../random.js';
import type { Constraints, Example } from './dataset/example.js';

/** Key of the dataset that runs use by default, and whose evaluation items the shipped policy has never been near. */
export const DATASET_SEED = 42;

/** The first `count` examples of some types in a fixed random order, in which any prefix has about the shares of the whole. */
export function heldOut(evaluation: readonly Example[], types: readonly Domain[], count: number): Example[] {
  return new Random('held-out')
    .shuffle(evaluation)
    .filter(({ type }) => types.includes(type))
    .slice(0, count);
}

/** The order of training: a permutation of `count` examples for every pass over them. */
export class TrainingOrder {
  #pass = -1;
  #permutation: readonly number[] = [];

  constructor(
    private readonly seed: number,
    private readonly count: number,
  ) {}

  /** The example at place `index` (from 0) of an endless training. */
  at(index: number): number {
    const pass = Math.floor(index / this.count);
    if (pass !== this.#pass) {
      const all = Array.from({ length: this.count }, (_, i) => i);
      this.#permutation = new Random(this.seed, 'training-order', pass).shuffle(all);
      this.#pass = pass;
    }
    return this.#permutation[index % this.count]!;
  }
}

/** An example as work for an actor; a row of a file without an id is known by its lineage. */
export function problemOf({ question, answer, type, difficulty, domain, metadata }: Example): Problem {
  const { id = metadata.lineage, topic: family = domain, keywords, constraints, unordered } = metadata;
  return {
    id,
    question,
    answer,
    type,
    difficulty,
    domain,
    family,
    ...(unordered ? { unordered } : {}),
    ...(keywords.length > 0 ? { keywords: [...keywords] } : {}),
    ...(constraints ? { constraints: constraintsOf(constraints) } : {}),
  };
}

function constraintsOf(given: Constraints): OpenConstraints {
  return {
    requiredKeywords: [...given.required_keywords],
    minWords: given.min_words,
    maxWords: given.max_words,
    ...(given.source_text === undefined ? {} : { sourceText: given.source_text }),
  };
}
