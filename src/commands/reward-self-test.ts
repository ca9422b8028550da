/** Tests the rewards on problems: each gold answer must score full marks on its own problem, each perturbed one must not. */
import { scoreBatch } from '../actors/reward/rewards.js';
import { completionText } from '../data/prompt.js';
import { Random } from '../random.js';
import { heldOutItems } from './evaluation-items.js';

export interface SelfTest {
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
  const other = random.pick([...alphabet].filter((character) => character !== answer[at]));
  return answer.slice(0, at) + other + answer.slice(at + 1);
}

export function testRewards(count: number): SelfTest {
  const random = new Random('reward-self-test');
  const failures: string[] = [];
  const items = heldOutItems(count);
  for (const item of items) {
    const wrong = perturb(item.answer, random);
    const { values, scored } = scoreBatch([
      { ...item, completion: completionText('because', item.answer) },
      { ...item, completion: completionText('because', wrong) },
    ]);
    // Rows: answer, format; columns: gold, perturbed.
    if (scored.includes(0)) failures.push(`${item.id} was not scored`);
    else if (values[0] !== 1 || values[2] !== 1)
      failures.push(`${item.id}: its gold answer earns ${values[0]}`);
    else if (values[1] !== 0) failures.push(`${item.id}: "${wrong}" passes for "${item.answer}"`);
  }
  return { problems: items.length, perturbed: items.length, failures };
}
