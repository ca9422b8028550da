/** Answers to questions about code: what a program prints is compared as Python would. */
import type { AnswerCases } from './answer-row.js';

export const code: AnswerCases = {
  accepted: [
    ['36', '36', ' 36\n', '36.0'],
    ['[0, 1, 4]', '[0,1,4]', '[ 0, 1, 4 ]'],
    ["['a']", '["a"]'],
    ['{1: 2}', '{ 1 : 2 }'],
    ['O(n)', 'O( n )'],
    ['True', 'True'],
    ['x = 5', 'x = 5'],
  ],
  rejected: [
    ['True', 'true', 'TRUE', '1', '0 or True'],
    ['x = 5', '5', 'x=5', 'x = 5.0'],
    ['a, b, c', 'a,b,c', '1. a 2. b 3. c', 'a → b → c'],
    ['{1, 2}', '1, 2', '{1.0, 2}', '[1, 2]'],
    ['5 m', '500 cm'],
    ['36', '\\boxed{36}', '$36$', '36 km'],
    ['B', '(B)', 'B) text'],
    ['[1/2]', '[0.5]'],
  ],
};
