/**
 * What a debate does with answers: find agreement, pick who is quoted, and make a quotation of an answer.
 *
 * Invariants: a quotation has no blank line, so that no answer can pass for a turn of someone else or for the end of a prompt.
 */
import { VERDICTS, type Verdict } from '../../data/prompt.js';
import { type Answer, type Equivalence, isSame } from '../../rollout/answers.js';

/** Stands for an unreadable answer where others are told of it. */
const NO_ANSWER = 'no answer';
/** Longer answers are cut where they are quoted. */
const MAX_QUOTED_CHARACTERS = 600;

/** Whether all answers are readable and equal the first. */
export function isUnanimous(answers: readonly Answer[], equivalent: Equivalence): boolean {
  return answers.length > 0 && answers.every((answer) => isSame(answers[0]!, answer, equivalent));
}

/** Place of the first pair, in sample order, whose answers differ or cannot be read; 0 where there is none. */
export function firstDisagreement(
  forward: readonly Answer[],
  backward: readonly Answer[],
  equivalent: Equivalence,
): number {
  const pairs = Math.min(forward.length, backward.length);
  for (let i = 0; i < pairs; i++) if (!isSame(forward[i]!, backward[i]!, equivalent)) return i;
  return 0;
}

/** An answer as the others get to read it. */
export function quoted(answer: Answer): string {
  return answer === null ? NO_ANSWER : answer.replace(/\s*\n\s*/g, '\n').slice(0, MAX_QUOTED_CHARACTERS);
}

/** Null for anything but one of the four verdicts: such a critique is not passed on. */
export function verdictOf(answer: Answer): Verdict | null {
  return VERDICTS.find((verdict) => verdict === answer?.toLowerCase()) ?? null;
}
