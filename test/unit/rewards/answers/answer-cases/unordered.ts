/** Lists of problems to which the order does not matter. */
import type { AnswerCases } from './answer-row.js';

export const unordered: AnswerCases = {
  accepted: [
    ['Ada, Bo', 'Ada, Bo', 'Bo, Ada', 'Bo,Ada', ' Bo,  Ada ', 'Bo,\nAda', '\\text{Bo}, \\text{Ada}'],
    ['Ada, Bo, Cy', 'Ada, Cy, Bo', 'Bo, Ada, Cy', 'Bo, Cy, Ada', 'Cy, Ada, Bo', 'Cy, Bo, Ada'],
    ['Ada', 'Ada', ' Ada ', '\\text{Ada}'],
    ["Zoë, O'Brien", "O'Brien, Zoë"],
    ['the kind of paper, the weight of the nose', 'the weight of the nose, the kind of paper'],
    ['-4, 3', '3, -4', '3,−4', '3.0, -4'],
    ['1/2, 3', '3, 0.5', '3, \\frac{1}{2}'],
    ['1,000, 2', '2, 1,000', '2, 1000'],
    ['(1, 4), (3, 2)', '(3, 2), (1, 4)'],
    ["'a', 'b'", "'b', 'a'"],
    // What is no list, or has an order of its own, is compared as ever.
    ['Amy, Amy', 'Amy, Amy'],
    ['{1, 2}', '{2, 1}'],
    ['[1, 2]', '[1,2]'],
    ['90 min', '1.5 h'],
    ['yes', 'Yes'],
  ],
  rejected: [
    ['Ada, Bo', 'Ada', 'Bo', 'Ada, Bo, Cy', 'Bo, Cy', 'Ada, Ada', 'Bo, Bo', 'Ada, Bo, Bo', 'Bo, Ada, Bo'],
    [
      'Ada, Bo',
      'bo, Ada',
      'Bo Ada',
      'Bo and Ada',
      'Ada or Bo',
      'Bo, Ada,',
      ',Bo, Ada',
      'Bo,, Ada',
      'Bo; Ada',
    ],
    ['Ada, Bo', 'Bo], [Ada', '(Bo, Ada)', '[Bo, Ada]', 'A, da, Bo', 'Bo, not Ada', 'Bo, Ada or Cy', ''],
    ['Ada, Bo, Cy', 'Ada, Bo', 'Cy, Ada', 'Ada, Bo, Cy, Di', 'Cy, Bo, Bo', 'Ada, Bo, Di', 'Ada, Bo Cy'],
    ['Ada', 'Ada, Ada', 'Ada, Bo', 'Bo', ''],
    ['Amy, Amy', 'Amy'],
    ['-4, 3', '4, -3', '3, 4', '-4', '3, -4, 3', '3, -4, 0'],
    ['1,000, 2', '1, 2,000', '2, 000, 1', '2, 1, 000'],
    ['(1, 4), (3, 2)', '(1, 2), (3, 4)', '(4, 1), (2, 3)', '1, 4, 3, 2'],
    ["'a, b', 'c, d'", "'a, d', 'c, b'", "'c, b', 'a, d'"],
    ['[1, 2]', '[2, 1]', '2, 1'],
  ],
};
