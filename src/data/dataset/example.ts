/**
 * One example of the dataset, in the JSON form in which it is written to disk, and what a topic must provide to make one.
 *
 * Invariants: an example is a function of three streams (parameters, scene, wording), so that a paraphrase, a scaled
 * variant and a transfer to another context each redraw one of them and work the answer out again.
 */
import type { Domain } from '../../protocol/index.js';
import type { Random } from '../../random.js';

export const DIFFICULTIES = ['easy', 'medium', 'hard'] as const;
export const AUGMENTATIONS = ['paraphrase', 'difficulty_scaling', 'domain_transfer'] as const;

export type ExampleDifficulty = (typeof DIFFICULTIES)[number];
export type Augmentation = (typeof AUGMENTATIONS)[number];

/** What can be checked of an answer that has no single right form. */
export interface Constraints {
  /** Words or phrases that the answer must contain, in any case. */
  readonly required_keywords: readonly string[];
  /** Length of the answer in words, both ends included. */
  readonly min_words: number;
  readonly max_words: number;
  /** Summarization: the text to be summarized. */
  readonly source_text?: string;
}

interface ExampleMetadata {
  readonly source: 'human_authored' | 'synthetic';
  readonly verification: 'verifiable' | 'non_verifiable';
  readonly keywords: readonly string[];
  /** What the splits are cut by; a variant has its parent's lineage. */
  readonly lineage: string;
  /** Unique within a file. */
  readonly id?: string;
  /** Topic within the type, e.g. `percentages`, and the form of problem within the topic. */
  readonly topic?: string;
  readonly form?: string;
  /** Variants only: how it was made, and the id of the example that it was made from. */
  readonly augmentation?: Augmentation;
  readonly parent?: string;
  /** True where the answer is a list, separated by commas, whose order does not matter to the question. */
  readonly unordered?: boolean;
  /** Present whenever `verification` is `non_verifiable` in generated data. */
  readonly constraints?: Constraints;
}

/** One line of a dataset file. */
export interface Example {
  readonly question: string;
  readonly answer: string;
  readonly reasoning_trace?: string | undefined;
  readonly type: Domain;
  readonly difficulty: ExampleDifficulty;
  readonly domain: string;
  readonly metadata: ExampleMetadata;
}

/** The text of an example before it gets its place in a dataset. */
export interface Written {
  readonly question: string;
  readonly answer: string;
  /** Sentences; each becomes one numbered step of the trace. */
  readonly steps: readonly string[];
  /**
   * The same reasoning in as few words as carry it, arithmetic worked in columns (columns.ts): what a very small policy is
   * taught. Sentences without their final full stop.
   */
  readonly work?: readonly string[];
  readonly keywords: readonly string[];
  /** True where the answer is a list whose order does not matter to the question. */
  readonly unordered?: boolean;
  /** Present when the answer is one of many good ones. */
  readonly constraints?: Constraints;
}

/** Parameters of a problem; `scene` chooses names and context, `wording` the phrases around them. */
export interface Drawn {
  readonly form: string;
  /** Canonical parameters, without scene and wording. */
  readonly parameters: string;
  write(scene: Random, wording: Random): Written;
}

/** Draws the parameters of one form of problem at a difficulty. */
export type DrawForm = (random: Random, difficulty: ExampleDifficulty) => Drawn;

export interface Topic {
  readonly name: string;
  readonly type: Domain;
  readonly domain: string;
  readonly draw: DrawForm;
}

/** A topic whose problems take one of several forms with equal probability. */
export function topicOf(name: string, type: Domain, domain: string, forms: readonly DrawForm[]): Topic {
  return { name, type, domain, draw: (random, difficulty) => random.pick(forms)(random, difficulty) };
}
