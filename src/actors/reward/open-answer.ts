/**
 * Scores answers that no one gold answer can check: stories, ideas, summaries.
 *
 * Hard constraints gate a rubric: an answer that breaks one earns 0, every other one 0.2 + 0.8 × rubric, so that what violates a
 * constraint is always worth less than what keeps them all.
 *
 * Constraints: a length near the example's; prose rather than a list of keywords; no repetition; not copied from the question.
 * Rubric: keywords covered, ROUGE-L against the example, numbers that the sources hold, variety of words.
 *
 * Invariants: in [0, 1]; time is bounded whatever the answer; a rubric is no judge of taste, and docs/rewards.md says so.
 */
import {
  copiedShare,
  isFunctionWord,
  repeatedShare,
  rougeL,
  sentencesOf,
  stemOf,
  wordsOf,
} from './text-measures.js';

/** What is known of an open problem. */
export interface OpenProblem {
  /** An example of a good answer. */
  readonly answer: string;
  readonly question?: string;
  readonly type?: string;
  readonly keywords?: readonly string[];
}

export interface OpenAssessment {
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

const OPEN_TYPES = new Set(['creative', 'creative_writing', 'summarization']);
const WEIGHTS = {
  creative: { keywords: 0.5, overlap: 0.15, numbers: 0, variety: 0.35 },
  summarization: { keywords: 0.35, overlap: 0.35, numbers: 0.15, variety: 0.15 },
} as const;
/** Lengths allowed, as multiples of the example's. */
const SHORTEST = 0.4;
const LONGEST = 2.5;
const FEWEST_WORDS = 5;
/** A numbered list of ideas repeats its frame; text that is there to be long repeats more. */
const MAX_REPEATED = 0.45;
const MAX_COPIED = 0.6;
/** A summary is shorter than what it sums up, where that is long. */
const MAX_COMPRESSION = 0.6;
const LONG_SOURCE_WORDS = 60;
const FEWEST_FUNCTION_WORDS = 0.15;
/** An overlap of half the words is as good as any: wordings differ. */
const FULL_OVERLAP = 0.5;
const FULL_VARIETY = 0.6;

export function isOpen(type: string | undefined): boolean {
  return type !== undefined && OPEN_TYPES.has(type);
}

function brokenConstraints(answer: string, problem: OpenProblem): string[] {
  const words = wordsOf(answer);
  const source = wordsOf(problem.question ?? '');
  const exampleWords = wordsOf(problem.answer).length;
  const broken: string[] = [];
  const longest = Math.max(30, LONGEST * exampleWords);
  if (words.length < Math.max(FEWEST_WORDS, SHORTEST * exampleWords)) broken.push('too short');
  const isTooLongForSource =
    problem.type === 'summarization' &&
    source.length > LONG_SOURCE_WORDS &&
    words.length > MAX_COMPRESSION * source.length;
  if (words.length > longest || answer.length > 20_000 || isTooLongForSource) broken.push('too long');
  const functionWords = words.filter(isFunctionWord).length;
  const isProse =
    functionWords >= FEWEST_FUNCTION_WORDS * words.length &&
    sentencesOf(answer).some((sentence) => wordsOf(sentence).length >= 4);
  if (!isProse) broken.push('no prose');
  if (repeatedShare(words, 3) > MAX_REPEATED) broken.push('repetition');
  if (copiedShare(words, source, 4) > MAX_COPIED) broken.push('copied');
  return broken;
}

/** The keywords given, or else the longer words of the example. */
function keywordsOf({ keywords, answer }: OpenProblem): string[] {
  if (keywords && keywords.length > 0) return keywords.flatMap((keyword) => wordsOf(keyword));
  return wordsOf(answer).filter((word) => word.length >= 5 && !isFunctionWord(word));
}

const isNumber = (word: string): boolean => /^[0-9]/.test(word);
const shareOf = <T>(items: readonly T[], test: (item: T) => boolean): number =>
  items.length === 0 ? 1 : items.filter(test).length / items.length;

/** The score of an answer with all that it is made of. */
export function assessOpenAnswer(answer: string, problem: OpenProblem): OpenAssessment {
  const words = wordsOf(answer);
  const stems = new Set(words.map(stemOf));
  const known = new Set(wordsOf(`${problem.question ?? ''} ${problem.answer}`));
  const wanted = [...new Set(keywordsOf(problem).map(stemOf))];
  const parts = {
    keywords: shareOf(wanted, (stem) => stems.has(stem)),
    overlap: Math.min(1, rougeL(words, wordsOf(problem.answer)) / FULL_OVERLAP),
    numbers: shareOf(words.filter(isNumber), (word) => known.has(word)),
    variety: Math.min(1, new Set(words).size / Math.max(1, words.length) / FULL_VARIETY),
  };
  const broken = brokenConstraints(answer, problem);
  const weights = problem.type === 'summarization' ? WEIGHTS.summarization : WEIGHTS.creative;
  let rubric = 0;
  for (const [name, weight] of Object.entries(weights)) rubric += weight * parts[name as keyof typeof parts];
  return { score: broken.length > 0 ? 0 : 0.2 + 0.8 * rubric, broken, parts };
}

/** The score alone. */
export function openScore(answer: string, problem: OpenProblem): number {
  return assessOpenAnswer(answer, problem).score;
}
