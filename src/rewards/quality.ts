/**
 * Reasoning quality: how well a completion's reasoning is done, as a rubric of things that can be counted.
 *
 * | part        | weight | full marks                                                                      |
 * |-------------|--------|---------------------------------------------------------------------------------|
 * | steps       | 0.25   | two steps or more; a sentence that only states the answer is none               |
 * | arithmetic  | 0.30   | every equation written down holds; left out where there is none, except in math |
 * | consistency | 0.20   | the answer is what the reasoning arrives at; of a long open answer: half of the plan comes back in it |
 * | repetition  | 0.15   | no run of four words comes twice                                                |
 * | length      | 0.10   | 5 to 400 words                                                                  |
 *
 * Invariants: in [0, 1]; without one pair of reasoning tags 0; it does not know the gold answer, so that it cannot stand for it.
 */

import { isSame, parseNumber } from './answers/rational.js';
import { checkArithmetic } from './arithmetic.js';
import { parseCompletion } from './parse.js';
import { isFunctionWord, repeatedShare, sentencesOf, stemOf, wordsOf } from './text-measures.js';

interface ReasoningQuality {
  /** In [0, 1]. */
  readonly score: number;
  /** Each in [0, 1]; arithmetic is null where there was none to check. */
  readonly parts: {
    readonly steps: number;
    readonly arithmetic: number | null;
    readonly consistency: number;
    readonly repetition: number;
    readonly length: number;
  };
}

const WEIGHTS = { steps: 0.25, arithmetic: 0.3, consistency: 0.2, repetition: 0.15, length: 0.1 } as const;
const FEWEST_WORDS = 5;
const MOST_WORDS = 400;
/** Share of repeated runs of four words at which nothing is left of that part. */
const MOST_REPETITION = 0.5;
/** An open answer of more words is written after a plan rather than arrived at. */
const MOST_WORDS_ARRIVED_AT = 12;
/** Share of the plan that comes back in the answer at which that part has full marks, and the fewest words that are a plan. */
const FULL_PLAN = 0.5;
const SHORTEST_PLAN = 5;
const STATES_ANSWER = /^(?:so|therefore|thus|hence)?,? ?(?:the )?(?:final )?answer (?:is|:|=)/i;
const NO_QUALITY: ReasoningQuality = {
  score: 0,
  parts: { steps: 0, arithmetic: null, consistency: 0, repetition: 0, length: 0 },
};

/**
 * Whether the last results of sentences spell a whole number in columns: the last result, then the ones digits of those before it,
 * as in `5 + 8 = 13, carry 1. 7 + 5 + 1 = 13.`, which arrive at 133.
 */
function isSpelledInColumns(answer: string, sentences: readonly string[]): boolean {
  if (!/^[0-9]{2,20}$/.test(answer)) return false;
  const results = sentences.flatMap((sentence) => {
    const result = /^[^0-9]*([0-9]{1,20})/.exec(sentence.slice(sentence.lastIndexOf('=') + 1));
    return sentence.includes('=') && result ? [result[1]!] : [];
  });
  let spelled = results.pop() ?? '';
  while (results.length > 0 && spelled.length <= answer.length) {
    spelled += results.pop()!.at(-1)!;
    if (spelled.replace(/^0+/, '') === answer) return true;
  }
  return false;
}

/** Whether the answer is what the reasoning arrives at: a number in its last two sentences, or all words of the answer. */
function consistencyOf(answer: string, reasoning: string, sentences: readonly string[]): number {
  const given = answer.trim();
  const value = parseNumber(given);
  if (value) {
    const numbersIn = (text: string): string[] =>
      text.match(/-?[0-9][0-9,]*(?:\.[0-9]+)?(?:\/[0-9]+)?%?/g) ?? [];
    const has = (text: string): boolean =>
      numbersIn(text).some((each) => {
        const other = parseNumber(each.replace(/,$/, '')) ?? parseNumber(each.replace(/^-/, ''));
        return other !== null && isSame(other, value);
      });
    if (has(sentences.slice(-2).join(' ')) || isSpelledInColumns(given, sentences)) return 1;
    return has(reasoning.slice(0, 20_000)) ? 0.5 : 0;
  }
  const words = [...new Set(wordsOf(given))];
  const text = reasoning.slice(0, 20_000).toLowerCase();
  return words.length === 0 ? 0 : words.filter((word) => text.includes(word)).length / words.length;
}

/**
 * How far a long answer carries out the plan in the reasoning: the share of the plan's content words (stems, no function words) that
 * come back in it. A plan with more words than the answer can bring back only as many as the answer has.
 */
function carriedOut(answer: string, reasoning: string): number {
  const stemsOf = (text: string): Set<string> =>
    new Set(
      wordsOf(text)
        .filter((word) => !isFunctionWord(word))
        .map(stemOf),
    );
  const plan = stemsOf(reasoning);
  const given = stemsOf(answer);
  const back = [...plan].filter((stem) => given.has(stem)).length;
  const most = Math.max(SHORTEST_PLAN, Math.min(plan.size, given.size));
  return Math.min(1, back / most / FULL_PLAN);
}

function lengthScore(count: number): number {
  if (count < FEWEST_WORDS) return count / FEWEST_WORDS;
  return Math.max(0, Math.min(1, 2 - count / MOST_WORDS));
}

/** Scores one completion of a problem of some `type` (`math` must show equations), open or with one right answer. */
export function reasoningQuality(completion: string, type?: string, isOpen = false): ReasoningQuality {
  const { reasoning, answer } = parseCompletion(completion);
  if (reasoning === null || reasoning.trim() === '') return NO_QUALITY;
  const sentences = sentencesOf(reasoning);
  const stepCount = sentences.filter((sentence) => !STATES_ANSWER.test(sentence)).length;
  const words = wordsOf(reasoning);
  const { checked, wrong } = checkArithmetic(reasoning);
  const consistency = (given: string): number =>
    isOpen && wordsOf(given).length > MOST_WORDS_ARRIVED_AT
      ? carriedOut(given, reasoning)
      : consistencyOf(given, reasoning, sentences);
  const parts = {
    steps: Math.min(1, stepCount / 2),
    arithmetic: checked > 0 ? (checked - wrong) / checked : type === 'math' ? 0 : null,
    consistency: answer === null ? 0 : consistency(answer),
    repetition: Math.max(0, 1 - repeatedShare(words, 4) / MOST_REPETITION),
    length: lengthScore(reasoning.length > 20_000 ? MOST_WORDS * 2 : words.length),
  };
  let total = 0;
  let weightSum = 0;
  for (const [name, weight] of Object.entries(WEIGHTS)) {
    const part = parts[name as keyof typeof WEIGHTS];
    if (part === null) continue;
    total += weight * part;
    weightSum += weight;
  }
  return { score: total / weightSum, parts };
}
