/** What is the gold answer and what is not, by kind of answer. */
import type { AnswerCases } from './answer-row.js';
import { attacks } from './attacks.js';
import { code } from './code.js';
import { collections } from './collections.js';
import { latex } from './latex.js';
import { numbers } from './numbers.js';
import { text } from './text.js';
import { units } from './units.js';
import { unordered } from './unordered.js';

export const CODE_CASES: AnswerCases = code;

/** Answers to questions to which the order of a list does not matter. */
export const UNORDERED_CASES: AnswerCases = unordered;

const kinds = [numbers, latex, units, collections, text, attacks];

/** Answers to every question that is not about code. */
export const CASES: AnswerCases = {
  accepted: kinds.flatMap(({ accepted }) => accepted),
  rejected: kinds.flatMap(({ rejected }) => rejected),
};
