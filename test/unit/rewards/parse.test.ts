import t from 'tap';
import { parseCompletion } from '../../../src/rewards/parse.js';
import { formatReward } from '../../../src/rewards/rewards.js';

const good = '<reasoning>a</reasoning><answer>b</answer>';

/** Completion, format reward, whether it is well-formed, the answer that is found. */
const TABLE: readonly (readonly [
  text: string,
  format: number,
  wellFormed: boolean,
  answer: string | null,
])[] = [
  [good, 1, true, 'b'],
  [` \n${good}\n `, 1, true, 'b'],
  ['<reasoning>\nStep 1.\nStep 2.\n</reasoning>\n\n<answer>\n36\n</answer>', 1, true, '\n36\n'],
  ['<reasoning>1 < 2 > 0 </ <answer</reasoning><answer>b</answer>', 1, true, 'b'],
  ['<reasoning>a</reasoning><answer>[1, 2]</answer>', 1, true, '[1, 2]'],
  // Blank parts.
  ['<reasoning></reasoning><answer>b</answer>', 0.5, false, 'b'],
  ['<reasoning> \n</reasoning><answer>b</answer>', 0.5, false, 'b'],
  ['<reasoning>a</reasoning><answer></answer>', 0.5, false, ''],
  ['<reasoning>a</reasoning><answer>  </answer>', 0.5, false, '  '],
  // Text outside.
  [`Sure! ${good}`, 0.5, false, 'b'],
  [`${good} Done.`, 0.5, false, 'b'],
  ['<reasoning>a</reasoning>so<answer>b</answer>', 0.5, false, 'b'],
  // Wrong order and nesting.
  ['<answer>b</answer><reasoning>a</reasoning>', 0.5, false, 'b'],
  ['</reasoning>a<reasoning><answer>b</answer>', 0.5, false, 'b'],
  ['<reasoning>a</reasoning></answer>b<answer>', 0.5, false, null],
  ['<reasoning>a<answer>b</answer></reasoning>', 0.5, false, 'b'],
  ['<answer><reasoning>a</reasoning>b</answer>', 0.5, false, '<reasoning>a</reasoning>b'],
  ['<reasoning>a<answer></reasoning>b</answer>', 0.5, false, '</reasoning>b'],
  // Missing tags.
  ['<reasoning>a</reasoning><answer>b', 0.375, false, null],
  ['<reasoning>a</reasoning>b</answer>', 0.375, false, null],
  ['<reasoning>a<answer>b</answer>', 0.375, false, 'b'],
  ['a</reasoning><answer>b</answer>', 0.375, false, 'b'],
  ['<answer>b</answer>', 0.25, false, 'b'],
  ['<reasoning>a</reasoning>', 0.25, false, null],
  ['<answer>', 0.125, false, null],
  ['36', 0, false, null],
  ['', 0, false, null],
  // Tags more than once: an answer among several is no answer.
  ['<reasoning>a</reasoning><answer>b</answer><answer>c</answer>', 0.25, false, null],
  ['<reasoning>a</reasoning><answer>b</answer></answer>', 0.375, false, null],
  ['<reasoning>a</reasoning><answer><answer>b</answer>', 0.375, false, null],
  ['<reasoning><reasoning>a</reasoning><answer>b</answer>', 0.375, false, 'b'],
  [good + good, 0, false, null],
  // Near misses of the tags themselves.
  ['<Reasoning>a</Reasoning><Answer>b</Answer>', 0, false, null],
  ['< reasoning>a</ reasoning><answer >b</answer >', 0, false, null],
  ['<reasoning>a<\u200b/reasoning><answer>b</answer>', 0.375, false, 'b'],
  ['＜answer＞b＜/answer＞', 0, false, null],
  ['<reasoning>a</reasoning><answer>b</answer\u0000>', 0.375, false, null],
];

for (const [text, format, wellFormed, answer] of TABLE) {
  t.test(`${JSON.stringify(text)} earns ${format}`, async (t) => {
    const parsed = parseCompletion(text);
    t.equal(parsed.wellFormed, wellFormed);
    t.equal(parsed.answer, answer);
    t.same(formatReward.score([{ completion: text, answer: 'b' }]), [format]);
  });
}

t.test('reasoning is what stands between its tags', async (t) => {
  t.equal(parseCompletion('<reasoning> a\nb </reasoning><answer>c</answer>').reasoning, ' a\nb ');
  t.equal(parseCompletion('<reasoning>a').reasoning, null);
});

t.test('200,000 characters of any pattern are parsed at once', async (t) => {
  // Several million would be needed for a linear scan to be felt; a backtracking one never ends on these.
  for (const unit of [
    '<',
    '<reasoning>',
    '<answer>',
    '</answer>',
    ' ',
    '<reasoning>a</reasoning>',
    '<a',
    '\n',
  ]) {
    const text = unit.repeat(200_000 / unit.length);
    for (const whole of [text, `<reasoning>${text}`, `${text}</answer>`, `<answer>${text}</answer>${text}`]) {
      t.equal(parseCompletion(whole).wellFormed, false);
    }
  }
  const inside = 'x '.repeat(100_000);
  t.equal(parseCompletion(`<reasoning>${inside}</reasoning><answer>b</answer>`).wellFormed, true);
});
