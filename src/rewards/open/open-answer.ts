/**
 * Scores answers that no one gold answer can check: stories, ideas, explanations, summaries.
 *
 * Hard constraints gate a rubric: an answer that breaks one earns 0, every other one 0.2 + 0.8 × rubric, so that what violates a
 * constraint is always worth less than what keeps them all.
 *
 * Constraints: the problem's own (required keywords, length in words), else a length near the example's; prose rather than a list
 * of keywords; no repetition; not copied from the question or the source.
 * Rubric: keywords covered, ROUGE-L against the example, numbers that the sources hold, variety of words.
 *
 * Invariants: in [0, 1]; time is bounded whatever the answer; a rubric is no judge of taste, and docs/rewards.md says so.
 */
import type { OpenConstraints } from '../../protocol/index.js';
import {
  copiedShare,
  isFunctionWord,
  MAX_WORDS,
  repeatedShare,
  rougeL,
  sentencesOf,
  stemOf,
  wordsOf,
} from '../text-measures.js';

/** What is known of an open problem. */
export interface OpenProblem {
  /** An example of a good answer. */
  readonly answer: string;
  readonly question?: string;
  readonly type?: string;
  readonly keywords?: readonly string[] | undefined;
  readonly constraints?: OpenConstraints | undefined;
}

interface OpenAssessment {
  /** In [0, 1]; 0 where a constraint is broken. */
  readonly score: number;
  /** Names of broken constraints. */
  readonly broken: readonly string[];
  /** Each in [0, 1]. */
  readonly parts: {
    readonly keywords: number;
    readonly overlap: number;
    readonly numbers: number;
    readonly variety: number;
  };
}

/** Types whose problems are open although they state no constraints. */
const OPEN_TYPES = new Set(['creative', 'creative_writing', 'summarization']);
const WEIGHTS = {
  creative: { keywords: 0.5, overlap: 0.15, numbers: 0, variety: 0.35 },
  summary: { keywords: 0.35, overlap: 0.35, numbers: 0.15, variety: 0.15 },
  explanation: { keywords: 0.45, overlap: 0.35, numbers: 0.05, variety: 0.15 },
} as const;
/** Lengths allowed, as multiples of the example's, where the problem states none. */
const SHORTEST = 0.4;
const LONGEST = 2.5;
const FEWEST_WORDS = 5;
const MAX_LENGTH = 20_000;
/** Punctuation alone fills no length, and hyphens do not shorten it: words as a reader sees them may differ from runs by this much. */
const FEWEST_READ = 0.8;
const MOST_READ = 1.5;
/** A numbered list of ideas repeats its frame; text that is there to be long repeats more. */
const MAX_REPEATED = 0.45;
const MAX_COPIED = 0.6;
/** A summary is shorter than what it sums up, where that is long. */
const MAX_COMPRESSION = 0.6;
const LONG_SOURCE_WORDS = 60;
const FEWEST_FUNCTION_WORDS = 0.15;
/** An overlap of half the words is as good as any: wordings differ. */
const FULL_OVERLAP = 0.5;
/** Distinct words of all, unless the example itself (a list) has fewer. */
const FULL_VARIETY = 0.6;

/** Whether any good answer counts, rather than one: the problem states constraints, or is of a type that is always open. */
export function isOpen({ type, constraints }: Pick<OpenProblem, 'type' | 'constraints'>): boolean {
  return constraints !== undefined || (type !== undefined && OPEN_TYPES.has(type));
}

function kindOf({ type, constraints }: OpenProblem): keyof typeof WEIGHTS {
  if (type === 'summarization' || constraints?.sourceText !== undefined) return 'summary';
  return type === undefined || OPEN_TYPES.has(type) ? 'creative' : 'explanation';
}

// ---- constraints --------------------------------------------------------------------------------------------------

/** Whether a text contains a phrase as whole words, in any case; `300 crowns` is not in `1,300 crowns`. */
function contains(text: string, phrase: string): boolean {
  const words = phrase
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const whole = `(?<![\\p{L}\\p{N}]|[0-9][.,])${words.join(' ')}(?![\\p{L}\\p{N}]|[.,][0-9])`;
  return new RegExp(whole, 'iu').test(text);
}

function brokenLength(answer: string, wordCount: number, problem: OpenProblem): string[] {
  const { constraints } = problem;
  const broken: string[] = [];
  if (constraints) {
    const runs = answer.slice(0, MAX_LENGTH).match(/\S+/g)?.length ?? 0;
    const fewest = FEWEST_READ * Math.min(constraints.minWords, MAX_WORDS);
    if (runs < constraints.minWords || wordCount < fewest) broken.push('too short');
    if (runs > constraints.maxWords || wordCount > MOST_READ * constraints.maxWords) broken.push('too long');
  } else {
    const exampleWords = wordsOf(problem.answer).length;
    if (wordCount < Math.max(FEWEST_WORDS, SHORTEST * exampleWords)) broken.push('too short');
    if (wordCount > Math.max(30, LONGEST * exampleWords)) broken.push('too long');
  }
  const source = wordsOf(constraints?.sourceText ?? problem.question ?? '').length;
  const isSummary = kindOf(problem) === 'summary' && source > LONG_SOURCE_WORDS;
  const isTooLong = answer.length > MAX_LENGTH || (isSummary && wordCount > MAX_COMPRESSION * source);
  return isTooLong && !broken.includes('too long') ? [...broken, 'too long'] : broken;
}

function brokenConstraints(answer: string, problem: OpenProblem): string[] {
  const words = wordsOf(answer);
  const broken = brokenLength(answer, words.length, problem);
  const text = answer.slice(0, MAX_LENGTH).replace(/\s+/g, ' ');
  const required = problem.constraints?.requiredKeywords ?? [];
  if (!required.every((phrase) => contains(text, phrase))) broken.push('a keyword is missing');
  const functionWords = words.filter(isFunctionWord).length;
  const isProse =
    functionWords >= FEWEST_FUNCTION_WORDS * words.length &&
    sentencesOf(answer).some((sentence) => wordsOf(sentence).length >= 4);
  if (!isProse) broken.push('no prose');
  if (repeatedShare(words, 3) > MAX_REPEATED) broken.push('repetition');
  const sources = [problem.question, problem.constraints?.sourceText];
  if (sources.some((source) => copiedShare(words, wordsOf(source ?? ''), 4) > MAX_COPIED)) {
    broken.push('copied');
  }
  return broken;
}

// ---- rubric -------------------------------------------------------------------------------------------------------

/**
 * Stems that a good answer holds. A dataset's keywords may be labels of the task (`fiction`): where there are constraints, only
 * those count that the example holds too. They are joined by what the example takes up from the question (creative work, where
 * all else is free) or by the example's longer words.
 */
function wantedStems(problem: OpenProblem): ReadonlySet<string> {
  const { keywords = [], answer, question = '', constraints } = problem;
  const given = keywords.flatMap(wordsOf).map(stemOf);
  if (!constraints && given.length > 0) return new Set(given);
  const longer = wordsOf(answer).filter((word) => word.length >= 5 && !isFunctionWord(word));
  if (!constraints) return new Set(longer.map(stemOf));
  const example = new Set(wordsOf(answer).map(stemOf));
  const asked = wordsOf(question).filter((word) => !isFunctionWord(word) && example.has(stemOf(word)));
  const isTopical = kindOf(problem) === 'creative' && asked.length > 0;
  return new Set([...given.filter((stem) => example.has(stem)), ...(isTopical ? asked : longer).map(stemOf)]);
}

/** Distinct words among all; 1 of none. */
const varietyOf = (words: readonly string[]): number =>
  words.length === 0 ? 1 : new Set(words).size / words.length;

const isNumber = (word: string): boolean => /^[0-9]/.test(word);
const shareOf = <T>(items: readonly T[], test: (item: T) => boolean): number =>
  items.length === 0 ? 1 : items.filter(test).length / items.length;

/** The score of an answer with all that it is made of. */
export function assessOpenAnswer(answer: string, problem: OpenProblem): OpenAssessment {
  const words = wordsOf(answer);
  const stems = new Set(words.map(stemOf));
  const known = new Set(
    [problem.question, problem.constraints?.sourceText, problem.answer].flatMap((text) =>
      wordsOf(text ?? ''),
    ),
  );
  const parts = {
    keywords: shareOf([...wantedStems(problem)], (stem) => stems.has(stem)),
    overlap: Math.min(1, rougeL(words, wordsOf(problem.answer)) / FULL_OVERLAP),
    numbers: shareOf(words.filter(isNumber), (word) => known.has(word)),
    variety: Math.min(1, varietyOf(words) / Math.min(FULL_VARIETY, varietyOf(wordsOf(problem.answer)))),
  };
  const broken = brokenConstraints(answer, problem);
  const weights = WEIGHTS[kindOf(problem)];
  let rubric = 0;
  for (const [name, weight] of Object.entries(weights)) rubric += weight * parts[name as keyof typeof parts];
  return { score: broken.length > 0 ? 0 : 0.2 + 0.8 * rubric, broken, parts };
}

/** The score alone. */
export function openScore(answer: string, problem: OpenProblem): number {
  return assessOpenAnswer(answer, problem).score;
}
