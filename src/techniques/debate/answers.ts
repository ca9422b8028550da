/**
 * What a debate does with answers: find agreement, pick who is quoted, and make a quotation of an answer.
 *
 * Invariants:
 * - an unreadable answer (null) equals nothing, not even another one;
 * - a quotation has no blank line, so that no answer can pass for a turn of someone else or for the end of a prompt.
 */
import { VERDICTS, type Verdict } from '../../data/prompt.js';

/** What a completion answered; null where that cannot be read. */
export type Answer = string | null;

export type Equivalence = (a: string, b: string) => boolean;

/** Stands for an unreadable answer where others are told of it. */
export const NO_ANSWER = 'no answer';
/** Longer answers are cut where they are quoted. */
const MAX_QUOTED_CHARACTERS = 600;

export function isSame(a: Answer, b: Answer, equivalent: Equivalence): boolean {
  return a !== null && b !== null && equivalent(a, b);
}

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

/** Place of the first answer of the largest class of equal ones, the earlier class on a tie; -1 where none is readable. */
export function plurality(answers: readonly Answer[], equivalent: Equivalence): number {
  const classes: { first: number; count: number }[] = [];
  answers.forEach((answer, i) => {
    if (answer === null) return;
    const found = classes.find(({ first }) => isSame(answers[first]!, answer, equivalent));
    if (found) found.count++;
    else classes.push({ first: i, count: 1 });
  });
  const largest = Math.max(...classes.map(({ count }) => count));
  return classes.find(({ count }) => count === largest)?.first ?? -1;
}

/** An answer as the others get to read it. */
export function quoted(answer: Answer): string {
  return answer === null ? NO_ANSWER : answer.replace(/\s*\n\s*/g, '\n').slice(0, MAX_QUOTED_CHARACTERS);
}

/** Null for anything but one of the four verdicts: such a critique is not passed on. */
export function verdictOf(answer: Answer): Verdict | null {
  return VERDICTS.find((verdict) => verdict === answer?.toLowerCase()) ?? null;
}
