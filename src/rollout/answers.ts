/**
 * What plans do with answers: read them, compare them, count votes.
 *
 * Invariants: an unreadable answer (null) equals nothing, not even another one, and has no vote.
 */
import { answersAgree } from '../rewards/answers/answer.js';
import { parseCompletion } from '../rewards/parse.js';

/** Whether two answers to a problem are the same one. */
export type Equivalence = (a: string, b: string) => boolean;

/** What a completion answered; null where that cannot be read. */
export type Answer = string | null;

/** An answer, and how many completions gave it. */
export interface Vote {
  /** In the first wording that was given. */
  readonly answer: string;
  readonly count: number;
}

/** The one answer of a completion; null where there is none. */
export function readAnswer(completion: string): Answer {
  return parseCompletion(completion).answer?.trim() || null;
}

/** The same, of completions that are well-formed as a whole: what training takes for an answer. */
export function readFormedAnswer(completion: string): Answer {
  return parseCompletion(completion).wellFormed ? readAnswer(completion) : null;
}

/** Whether two answers say the same, whichever is taken for the right one. */
export function sameAnswer(a: string, b: string): boolean {
  return answersAgree(a, b, {});
}

export function isSame(a: Answer, b: Answer, equivalent: Equivalence): boolean {
  return a !== null && b !== null && equivalent(a, b);
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

/** Distinct answers with their frequency, the first wording of each, most frequent first; unreadable answers have no vote. */
export function votesOf(answers: readonly Answer[]): Vote[] {
  const votes: { answer: string; count: number }[] = [];
  for (const answer of answers) {
    if (answer === null) continue;
    const same = votes.find((vote) => sameAnswer(vote.answer, answer));
    if (same) same.count++;
    else votes.push({ answer, count: 1 });
  }
  return votes.sort((a, b) => b.count - a.count);
}
