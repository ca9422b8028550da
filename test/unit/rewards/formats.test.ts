import { readFileSync } from 'node:fs';
import t from 'tap';
import { completionText } from '../../../src/data/prompt.js';
import {
  checkAnswer,
  checkNumbers,
  formatApproximate,
  formatExact,
  isPartiallyRight,
  matchFormatApproximately,
  matchFormatExactly,
  tunixAnswer,
  tunixNumber,
} from '../../../src/rewards/formats.js';
import { fixture } from '../../kit/root.js';

type Row = readonly [
  completion: string,
  gold: string,
  exactly: number,
  approximately: number,
  answer: number,
  numbers: number,
];
const rows = JSON.parse(readFileSync(fixture('tunix-rewards.json'), 'utf8')) as Row[];

t.test("Tunix's four functions give the published values, worked out by Python", async (t) => {
  t.ok(rows.length >= 150, `${rows.length} rows`);
  for (const [completion, gold, exactly, approximately, answer, numbers] of rows) {
    t.same(
      [
        matchFormatExactly(completion),
        matchFormatApproximately(completion),
        checkAnswer(completion, gold),
        checkNumbers(completion, gold),
      ],
      [exactly, approximately, answer, numbers],
      `${JSON.stringify(completion)} for ${gold}`,
    );
  }
});

t.test('mended, they read separators, signs and a gold answer of 0; nothing else changes', async (t) => {
  // [given, gold, check_answer published -> mended, check_numbers published -> mended]
  const cases: readonly (readonly [string, string, number, number, number, number])[] = [
    ['1000', '1,000', -0.5, 1.5, 0, 1.5],
    ['1,000', '1000', -0.5, 1.5, 0, 1.5],
    ['1,000', '1,000', 3, 3, 0, 1.5],
    ['1,100', '1000', -0.5, 0.5, 0, 0],
    ['-4', '-4', 3, 3, 0, 1.5],
    ['-4', '4', -1, -1, 1.5, 0],
    ['-1,250.5', '-1250.5', -0.5, 1.5, 0, 1.5],
    ['0.0', '0', -0.5, 0.5, 1.5, 1.5],
    ['1', '0', -0.5, -1, 0, 0],
    ['36.', '36', 0.5, 0.5, 1.5, 1.5],
    ['36', '36', 3, 3, 1.5, 1.5],
    ['10,00', '1000', -0.5, -0.5, 0, 0],
    ['abc', '36', -0.5, -0.5, 0, 0],
  ];
  for (const [given, gold, answer, mendedAnswer, numbers, mendedNumbers] of cases) {
    const completion = completionText('a', given);
    t.same(
      [
        checkAnswer(completion, gold),
        checkAnswer(completion, gold, true),
        checkNumbers(completion, gold),
        checkNumbers(completion, gold, true),
      ],
      [answer, mendedAnswer, numbers, mendedNumbers],
      `${given} for ${gold}`,
    );
  }
});

t.test('partial accuracy is a ratio within a tenth', async (t) => {
  for (const [given, gold, expected] of [
    ['36', '36', true],
    ['33', '36', true],
    ['32', '36', false],
    ['39.6', '36', true],
    ['40', '36', false],
    ['-36', '36', false],
    ['1,000', '1,050', true],
    ['0', '0', true],
    ['0.01', '0', false],
    ['no', '36', false],
    ['36', 'Ben', null],
  ] as const) {
    t.equal(isPartiallyRight(completionText('a', given), gold), expected, `${given} for ${gold}`);
  }
});

t.test('the exact form is all or nothing, the approximate one counts tags that occur once', async (t) => {
  const whole = completionText('a', '36');
  t.same([formatExact(whole), formatApproximate(whole)], [1, 1]);
  const without = whole.replace('</answer>', '');
  t.same([formatExact(without), formatApproximate(without)], [0, 0.75]);
  // Stuffing more tags in never pays.
  t.same([formatExact(whole + whole), formatApproximate(whole + whole)], [0, 0]);
  t.same([formatExact(''), formatApproximate('')], [0, 0]);
});

t.test('long completions of any kind are read at once', async (t) => {
  // The published expression backtracks over these for longer than this file may run.
  const count = 100_000;
  for (const unit of [
    '<reasoning>',
    '</reasoning>',
    '<answer>',
    '</answer>',
    '\n',
    ' ',
    '9',
    '1,',
    '.',
    '<',
  ]) {
    for (const text of [unit.repeat(count), `<reasoning>a</reasoning><answer>${unit.repeat(count)}`]) {
      t.equal(tunixAnswer(text) === null || unit === '</answer>', true, unit);
      tunixNumber(text);
      checkAnswer(text, '36', true);
      checkNumbers(`${text}</answer>`, '36', true);
      checkAnswer(completionText('a', unit.repeat(count)), '36', true);
    }
  }
});
