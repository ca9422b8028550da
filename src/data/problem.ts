/**
 * What a generated problem is, so that generators, prompts, rewards and evaluation agree on one shape.
 *
 * Invariants:
 * - `answer` is the one right answer and both traces lead to it;
 * - every quick trace begins with the same word, every worked trace with another one, whatever the family: the
 *   choice between guessing and working is one decision that all problems share;
 * - `lineage` names the problem up to wording: two wordings of one problem have the same lineage.
 */
import type { Random } from '../random.js';

export type ProblemType = 'math' | 'code' | 'logic_puzzle';
export type Difficulty = 'easy' | 'medium' | 'hard';

/** Which of the three disjoint sets of problems: supervised warm start, GRPO, or held out. */
export type Split = 'pretrain' | 'train' | 'evaluation';

/** One problem with its right answer and two gold traces (text inside the reasoning tags). */
export interface Problem {
  /** Unique within a run: family, split, seed and index. */
  readonly id: string;
  readonly family: string;
  readonly type: ProblemType;
  /** Sub-domain, e.g. 'algebra' or 'python'. */
  readonly domain: string;
  readonly difficulty: Difficulty;
  readonly question: string;
  readonly answer: string;
  /** Family and canonical parameters, without wording: what the splits are cut by. */
  readonly lineage: string;
  readonly traces: {
    /** States the answer at once. */
    readonly quick: string;
    /** Works the answer out; each step is a copy or a small look-up of what stands just before it. */
    readonly worked: string;
  };
}

/** A candidate written out: the text of the problem and the steps of its worked trace. */
export interface Rendering {
  readonly question: string;
  readonly answer: string;
  readonly difficulty: Difficulty;
  /** Sentences without their final full stop. */
  readonly steps: readonly string[];
}

/** Parameters drawn by a family; `render` is called only for candidates that fall in the wanted split. */
export interface Candidate {
  /** Canonical parameters, without the family's name. */
  readonly parameters: string;
  render(): Rendering;
}

/** A generator of problems of one kind. */
export interface Family {
  readonly name: string;
  readonly type: ProblemType;
  readonly domain: string;
  /** One candidate, a pure function of the stream it draws from. */
  draw(random: Random): Candidate;
}

/** The two gold traces of an answer and its steps. */
export function goldTraces(answer: string, steps: readonly string[]): Problem['traces'] {
  return {
    quick: `The answer is ${answer}.`,
    worked: steps.map((step, i) => `Step ${i + 1}: ${step}.`).join(' '),
  };
}
