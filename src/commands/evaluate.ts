/** Held-out evaluation: greedy completions of problems that no training set shares, judged and counted by domain. */
import { answersMatch } from '../actors/reward/answer.js';
import { parseCompletion } from '../actors/reward/parse.js';
import type { Problem } from '../data/problem.js';
import { familyNamesOf, generateProblem } from '../data/splits.js';
import type { DomainTally, EvaluationTally } from '../observe/summary.js';

/** Key of the held-out problems: the same ones for every run, whatever its seed, so that runs can be compared. */
const EVALUATION_SEED = 7;

/** One judged completion, as it is written to the sample file. */
export interface JudgedCompletion {
  readonly problem: string;
  readonly domain: string;
  readonly family: string;
  readonly difficulty: string;
  readonly question: string;
  readonly gold: string;
  readonly completion: string | null;
  readonly answer: string | null;
  readonly isCorrect: boolean;
  readonly isFormatted: boolean;
}

export function heldOutProblems(count: number, domains: readonly Problem['type'][]): Problem[] {
  const families = familyNamesOf(domains);
  return Array.from({ length: count }, (_, i) => generateProblem(EVALUATION_SEED, 'evaluation', i, families));
}

/** Judges one completion; null, for a completion that never came, is wrong. */
export function judge(problem: Problem, completion: string | null): JudgedCompletion {
  const { wellFormed, answer } = parseCompletion(completion ?? '');
  return {
    problem: problem.id,
    domain: problem.type,
    family: problem.family,
    difficulty: problem.difficulty,
    question: problem.question,
    gold: problem.answer,
    completion,
    answer,
    isCorrect: wellFormed && answer !== null && answersMatch(problem.answer, answer, problem.type),
    isFormatted: wellFormed,
  };
}

/** Counts by domain, or by another field of a judged completion. */
export function tally(
  judged: readonly JudgedCompletion[],
  by: 'domain' | 'family' = 'domain',
): EvaluationTally {
  const counts: Record<string, DomainTally> = {};
  for (const each of judged) {
    const key = each[by];
    const { problems, correct, formatted } = counts[key] ?? { problems: 0, correct: 0, formatted: 0 };
    counts[key] = {
      problems: problems + 1,
      correct: correct + Number(each.isCorrect),
      formatted: formatted + Number(each.isFormatted),
    };
  }
  return counts;
}
