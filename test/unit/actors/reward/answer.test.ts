import t from 'tap';
import { answersMatch } from '../../../../src/actors/reward/answer.js';

/** Given answers that are the gold answer. */
const ACCEPTED: readonly (readonly [gold: string, ...given: string[]])[] = [
  ['36', '36', ' 36 ', '\n36\n', '36.0', '36.00', '+36', '72/2', '3600%', '36.000000000000000'],
  ['-4', '-4', ' -4', '-4.0', '-8/2', '-400%'],
  ['0', '0', '-0', '0.0', '0/7', '0%', '.0'],
  ['0.5', '0.5', '.5', '0.50', '1/2', '2/4', '50%', '50 %', '50.0%', '1 / 2'],
  ['1/3', '1/3', '2/6', '1 /3'],
  ['50%', '50%', '50 %', '0.5', '1/2'],
  ['1000', '1000', '1,000', '1,000.0', '1000.000'],
  ['1,234,567', '1234567', '1,234,567', '1,234,567.0'],
  ['-12,345.5', '-12345.5', '-12,345.50'],
  ['0.1', '0.10', '1/10', '10%'],
  ['[1, 2, 3]', '[1, 2, 3]', '[1,2,3]', '[ 1, 2, 3 ]', '[1 , 2 , 3]', '[1,\n 2,\n 3]', ' [1, 2, 3] '],
  ['[]', '[]', '[ ]'],
  ['[[1, 2], [3]]', '[[1, 2], [3]]', '[[1,2],[3]]'],
  ['[-1, 0.5]', '[-1, 0.5]', '[-1,0.5]'],
  ["['a', 'b c']", "['a', 'b c']", " ['a', 'b c'] "],
  ['Ben, Cal', 'Ben, Cal', '  Ben,  Cal ', 'Ben,\nCal'],
  ['Amy', 'Amy', ' Amy '],
  ['300 km', '300 km', '300  km'],
  ['True', 'True'],
  ['0x1F', '0x1F'],
  ['1e3', '1e3'],
  ['NaN', 'NaN'],
  ['x = 5', 'x = 5'],
];

/** Given answers that are not the gold answer, or not surely. */
const REJECTED: readonly (readonly [gold: string, ...given: string[]])[] = [
  // Another number, near or far.
  ['36', '35', '37', '-36', '360', '3.6', '036', '36.0000001', '35.9999999', '3 6', '36%', '0.36', '1/36'],
  [
    '1000',
    '1001',
    '999',
    '1009',
    '1e3',
    '1.000',
    '1 000',
    '1,00',
    '10,00',
    '1,0000',
    ',1000',
    '1000,',
    '01,000',
  ],
  ['0', '0.009', '-1', 'O', 'o', '', '0/0', '1/0', '00', '--0'],
  ['0.5', '0.51', '5', '0,5', '1/3', '5%', '.50.', '0.5%', '½'],
  ['1/3', '0.3333', '0.3333333333333333', '3/1', '1/3.0', '1//3', '1/-3', '-1/3', '33%'],
  ['-4', '4', '−4', '–4', '- 4', '--4', '(4)', '-4-'],
  // The gold answer inside more text.
  [
    '4',
    '14',
    '104',
    '1234567890',
    'The answer is 4',
    '4 apples',
    '4.',
    '=4',
    '$4',
    '4 or 5',
    '4, 5',
    '4 5',
    '4/1/1',
  ],
  [
    '4',
    '3 4',
    '1 2 3 4 5 6 7 8 9',
    '[4]',
    '(4)',
    '"4"',
    "'4'",
    '`4`',
    '\\boxed{4}',
    '\\boxed{3}\\boxed{4}',
    '4!',
    '4x',
  ],
  ['4', '{4}', '4=4', '2+2', '2 + 2', '2*2', '8-4', '4|5', '4;5', '4\u200b', '\u200b4', '4\u0000'],
  // Expressions that would be true, or the gold answer, if something executed them.
  [
    '4',
    '0 or True',
    'True',
    'true',
    '4 or True',
    '__import__("os")',
    '(lambda: 4)()',
    '4 if True else 5',
    'x',
  ],
  ['True', 'true', 'TRUE', '1', 'not False', '0 or True', '1 == 1'],
  // Not numbers, and numbers too large to be meant.
  [
    '4',
    'NaN',
    'nan',
    'Infinity',
    '-Infinity',
    'inf',
    'null',
    'undefined',
    'None',
    '4e0',
    '4E0',
    '0x4',
    '0b100',
    '4n',
  ],
  [
    '4',
    '4e999999999',
    '1e309',
    '9'.repeat(5000),
    `4.${'0'.repeat(5000)}`,
    `${'9'.repeat(5000)}/1`,
    '4_0',
    '4,',
  ],
  // Digits of other scripts and look-alikes.
  ['4', '４', '٤', '४', '④', '⁴', '四', 'four', 'IV', '𝟒'],
  ['36', '３６', '3６', '36\u0301', '3\u00a06', '3\u20606'],
  // Percentages.
  ['50%', '50', '5%', '%50', '50%%', '50 percent', '0.5%', '% 50', '50%.'],
  // Lists.
  [
    '[1, 2, 3]',
    '[1, 2]',
    '[3, 2, 1]',
    '[1, 2, 3, 4]',
    '1, 2, 3',
    '(1, 2, 3)',
    '{1, 2, 3}',
    '[1 2 3]',
    '[1, 2, 3',
  ],
  [
    '[1, 2, 3]',
    '[1, 2, 3]]',
    '[[1, 2, 3]]',
    '[1, 2, 3],',
    '[1, 2, 3] or [1]',
    '[1, 2, 3][1, 2, 3]',
    '[12, 3]',
  ],
  [
    '[1, 2, 3]',
    '[1.0, 2, 3]',
    '[01, 2, 3]',
    '[1, 2,, 3]',
    '[1, 2, 3,]',
    '[123]',
    '[1,2 3]',
    '[x for x in y]',
    '[]',
  ],
  ['[1]', '1', '[ [1] ]', '[1, 1]', '[11]'],
  ['[1, 23]', '[1, 2 3]', '[12, 3]', '[1,2,3]', '1,23', '123'],
  ["['a b']", "['ab']", "['a  b', ]", "[ 'a b' ]", '["a b"]'],
  // Names and text.
  ['Ben', 'ben', 'BEN', 'Benny', 'Ben, Cal', 'Ben or Cal', 'not Ben', 'Ben.', 'Cal', 'B en'],
  ['Ben, Cal', 'Cal, Ben', 'Ben', 'Cal', 'Ben and Cal', 'Ben, Cal, Amy', 'Ben Cal', 'Ben,, Cal'],
  ['300 km', '300', '300 m', '3000 km', '300.0 km', 'km 300'],
  // A gold answer that is empty is no answer.
  ['', '', ' ', 'x', '0'],
  [' ', '', ' '],
];

t.test('equal answers in another form are accepted', async (t) => {
  for (const [gold, ...givens] of ACCEPTED) {
    for (const given of givens)
      t.equal(answersMatch(gold, given), true, `${gold} is ${JSON.stringify(given)}`);
  }
});

t.test('every other answer is rejected', async (t) => {
  for (const [gold, ...givens] of REJECTED) {
    for (const given of givens) {
      t.equal(answersMatch(gold, given), false, `${gold} is not ${JSON.stringify(given.slice(0, 60))}`);
    }
  }
});

t.test('the table is long enough to mean something', async (t) => {
  const cases = [...ACCEPTED, ...REJECTED].reduce((sum, [, ...givens]) => sum + givens.length, 0);
  t.ok(cases >= 150, `${cases} cases`);
});

t.test('an answer matches itself, and no integer matches its neighbours', async (t) => {
  for (let value = -300; value <= 300; value++) {
    t.equal(answersMatch(String(value), String(value)), true);
    for (const change of [-100, -10, -1, 1, 10, 100]) {
      if (answersMatch(String(value), String(value + change))) t.fail(`${value} matched ${value + change}`);
    }
  }
});

t.test('long input of any kind is decided at once', async (t) => {
  // A test never asserts times; a quadratic comparison of these would outlast the file's own limit.
  const length = 2_000_000;
  for (const unit of ['9', '9,', ' ', '[', ',', '1/', '[1, ', '%', '-', ' ,', 'a ', '0.']) {
    const text = unit.repeat(length / unit.length);
    t.equal(answersMatch('36', text), false, `${unit} repeated`);
    t.equal(answersMatch('[1, 2]', `[${text}]`), false, `${unit} repeated in brackets`);
  }
});
