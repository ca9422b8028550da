/**
 * Tests the rewards on problems: each gold answer must score full marks on its own problem, each perturbed one nothing. The example of
 * an open problem is perturbed by taking out a required keyword.
 */

import { completionText } from '../data/prompt.js';
import type { EvaluationItem } from '../evaluation/items.js';
import { heldOutProblems } from '../evaluation/problems.js';
import { Random } from '../random.js';
import { isOpen } from '../rewards/open/open-answer.js';
import { scoreBatch } from '../rewards/rewards.js';

interface SelfTest {
  readonly problems: number;
  readonly perturbed: number;
  /** What went wrong, with the problem; empty when all is well. */
  readonly failures: readonly string[];
}

/** Changes one character of an answer so that it is another answer. */
export function perturb(answer: string, random: Random): string {
  const places = [...answer].map((_, at) => at).filter((at) => /[A-Za-z0-9]/.test(answer[at]!));
  const at = places.length === 0 ? 0 : random.pick(places);
  const alphabet = /[0-9]/.test(answer[at]!) ? '123456789' : 'bcdfghjk';
  const other = random.pick([...alphabet].filter((character) => character !== answer[at]!.toLowerCase()));
  return answer.slice(0, at) + other + answer.slice(at + 1);
}

/** What an example of an open problem earns at least; others earn 1. */
const OPEN_FULL_MARKS = 0.95;

function perturbed({ answer, constraints }: EvaluationItem, random: Random): string {
  const keyword = constraints?.requiredKeywords[0];
  if (keyword === undefined) return constraints ? '' : perturb(answer, random);
  return answer.toLowerCase().split(keyword.toLowerCase()).join('');
}

/** Tests the rewards on the first `count` held-out problems. */
export function testRewards(count: number): SelfTest {
  return testRewardsOn(heldOutProblems(count));
}

export function testRewardsOn(items: readonly EvaluationItem[]): SelfTest {
  const random = new Random('reward-self-test');
  const failures: string[] = [];
  for (const item of items) {
    const wrong = perturbed(item, random);
    const { values, scored } = scoreBatch([
      { ...item, completion: completionText('because', item.answer) },
      { ...item, completion: completionText('because', wrong) },
    ]);
    // Rows: answer, format; columns: gold, perturbed.
    const isFull = isOpen(item) ? values[0]! >= OPEN_FULL_MARKS : values[0] === 1;
    if (scored.includes(0)) failures.push(`${item.id} was not scored`);
    else if (!isFull || values[2] !== 1) failures.push(`${item.id}: its gold answer earns ${values[0]}`);
    else if (values[1] !== 0) failures.push(`${item.id}: "${wrong}" passes for "${item.answer}"`);
  }
  return { problems: items.length, perturbed: items.length, failures };
}
