/**
 * Compact traces of number sequences: how a rule shows in the first numbers, and how the last one is continued by it.
 *
 * Invariants: every equation holds; the last equation gives the number that is asked for.
 */
import { addition, division, multiplication, subtraction } from '../columns.js';
import { changed, scaled } from './compact-work.js';

export type Rule = 'constant' | 'factor' | 'growing' | 'alternating' | 'sum' | 'affine' | 'interleaved';

/**
 * The numbers up to the `ahead`-th one after those `shown` (1 or 2); a and b are the numbers of the rule. The next number is
 * left out where the one after it does not need it.
 */
export function continued(
  rule: Rule,
  shown: readonly number[],
  a: number,
  b: number,
  ahead: 1 | 2,
): string[] {
  const at = (k: number): number => shown.at(k)!;
  const last = at(-1);
  const gap = (k: number): string[] => subtraction(at(k), at(k - 1));
  switch (rule) {
    case 'constant':
      return [...gap(1), ...gap(2), `add ${a}`, ...addition(last, a)];
    case 'factor':
      return [...division(at(1), at(0)), ...scaled(at(1), a), `times ${a}`, ...multiplication(last, a)];
    case 'sum':
      return [0, 1, shown.length - 2].flatMap((k) => addition(at(k), at(k + 1)));
    case 'alternating':
      return [...gap(1), ...gap(2), ...gap(3), `add ${a}, subtract ${b}`, ...subtraction(last, b)];
    case 'interleaved':
      return [
        ...subtraction(at(2), at(0)),
        ...subtraction(at(1), at(3)),
        ...subtraction(at(3), at(5)),
        `add ${a}, subtract ${b}`,
        ...subtraction(last, b),
      ];
    case 'growing': {
      // Gaps between the numbers shown that were not worked out above.
      const known = shown.length - 3;
      const work = [...gap(1), ...gap(2), ...changed(at(2) - at(1), '-', at(1) - at(0)), `add ${b}`];
      let difference = at(2) - at(1);
      let value = last;
      for (let k = 0; k < known + ahead; k++) {
        work.push(...changed(difference, '+', b));
        difference += b;
        if (k < known) continue;
        work.push(...addition(value, difference));
        value += difference;
      }
      return work;
    }
    case 'affine': {
      const differences = [at(1) - at(0), at(2) - at(1)] as const;
      const work = [...gap(1), ...gap(2), ...division(differences[1], differences[0])];
      work.push(...scaled(at(0), a), `${at(1)} - ${at(0) * a} = ${b}`, `times ${a}, add ${b}`);
      let value = last;
      for (let k = 0; k < ahead; k++) {
        work.push(...scaled(value, a), ...changed(value * a, '+', b));
        value = value * a + b;
      }
      return work;
    }
  }
}
