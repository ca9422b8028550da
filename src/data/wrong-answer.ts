/**
 * Answers that look right and are not: what a debater may claim in the warm start, so that roles learn to doubt.
 *
 * Invariants: never right; of the same form (a number for a number; for a list its parts in another order, or without one of them where
 * the order does not matter).
 */
import type { Random } from '../random.js';

const OPPOSITES: Readonly<Record<string, string>> = {
  yes: 'no',
  no: 'yes',
  unknown: 'yes',
  True: 'False',
  False: 'True',
};

/**
 * `others` are answers of the same kind of problem, one of which is taken where the answer holds no number. Null where no wrong
 * answer can be made. `unordered`: the answer is a list whose order does not matter.
 */
export function wrongAnswer(
  answer: string,
  others: readonly string[],
  random: Random,
  unordered = false,
): string | null {
  const opposite = OPPOSITES[answer];
  if (opposite !== undefined) return opposite;
  const digits = [...answer.matchAll(/[0-9]/g)].map(({ index }) => index);
  if (digits.length > 0) {
    const at = random.pick(digits);
    const shifted = (Number(answer[at]) + random.integer(1, 9)) % 10;
    // A leading zero would make another form, and possibly the same number.
    const digit =
      shifted === 0 && !/[0-9.]/.test(answer[at - 1] ?? ' ') ? (Number(answer[at]) % 9) + 1 : shifted;
    return answer.slice(0, at) + digit + answer.slice(at + 1);
  }
  const parts = answer.split(', ');
  if (parts.length > 1) {
    if (unordered) {
      const missing = random.integer(0, parts.length - 1);
      return parts.filter((_, i) => i !== missing).join(', ');
    }
    const rotated = [...parts.slice(1), parts[0]].join(', ');
    return rotated === answer ? parts[0]! : rotated;
  }
  const different = others.filter((other) => other !== answer);
  return different.length === 0 ? null : random.pick(different);
}
