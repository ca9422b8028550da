import t from 'tap';
import { reasoningQuality } from '../../../../src/actors/reward/quality.js';
import { completionText } from '../../../../src/data/prompt.js';
import { generateProblem } from '../../../../src/data/splits.js';

t.test('worked traces are of high quality, quick ones are not', async (t) => {
  let worst = 1;
  let best = 0;
  for (let index = 0; index < 600; index++) {
    const { traces, answer, type } = generateProblem(31, 'train', index);
    const worked = reasoningQuality(completionText(traces.worked, answer), type).score;
    const quick = reasoningQuality(completionText(traces.quick, answer), type).score;
    worst = Math.min(worst, worked);
    best = Math.max(best, quick);
  }
  t.ok(worst >= 0.75, `the worst worked trace has ${worst}`);
  t.ok(best <= 0.7, `the best quick trace has ${best}`);
});

t.test('each part of the rubric costs what it should', async (t) => {
  const good = 'Convert 15% to a decimal: 15/100 = 0.15. Multiply by 240: 0.15 * 240 = 36.';
  const of = (trace: string, answer = '36') => reasoningQuality(completionText(trace, answer), 'math');
  t.equal(of(good).score, 1);
  t.match(of(good.replace('= 36', '= 35'), '35').parts, { arithmetic: 0.5, consistency: 1 });
  t.match(of(good, '40').parts, { consistency: 0, arithmetic: 1 });
  t.match(of('The answer is 36.').parts, { steps: 0, arithmetic: 0, consistency: 1 });
  t.match(of('One step only: 0.15 * 240 = 36.').parts, { steps: 0.5 });
  t.match(of(`${good} `.repeat(20)).parts, { repetition: 0 });
  t.match(of('36').parts, { length: 0.2 });
  const long = Array.from({ length: 600 }, (_, i) => `word${i}`).join(' ');
  // wordsOf reads 600 words: 2 − 600 / 400
  t.equal(of(`${good} ${long}`).parts.length, 0.5);
  // Column by column, 133 is spelled by the results.
  t.equal(of('5 + 8 = 13, carry 1. 7 + 5 + 1 = 13.', '133').parts.consistency, 1);
  t.equal(of('5 + 8 = 13, carry 1. 7 + 5 + 1 = 13.', '134').parts.consistency, 0);
});

t.test(
  'without reasoning there is no quality, with no arithmetic it is not asked for outside mathematics',
  async (t) => {
    for (const completion of ['', '36', '<answer>36</answer>', completionText('  ', '36'), '<reasoning>a']) {
      t.equal(reasoningQuality(completion).score, 0, completion);
    }
    const text = completionText('Amy says Ben lies. Ben is a knave, so Amy is a knight.', 'Amy');
    t.equal(reasoningQuality(text, 'logic_puzzle').parts.arithmetic, null);
    t.equal(reasoningQuality(text, 'logic_puzzle').score, 1);
    t.equal(reasoningQuality(text, 'math').score, 0.7);
  },
);

t.test('tricks earn less than honest work', async (t) => {
  const honest = reasoningQuality(
    completionText('12 * 3 = 36. So there are 36 of them.', '36'),
    'math',
  ).score;
  for (const trick of [
    '36 36 36 36 36 36 36 36 36 36 36 36 36 36 36 36',
    'step. step. step. step. step. step. step. step.',
    '1 = 1. 1 = 1. 1 = 1. 1 = 1. 1 = 1. 1 = 1.',
    'I think that it is obviously 36. Yes it is surely 36.',
    '12 * 3 = 37. 12 * 3 = 38. 12 * 3 = 36.',
  ]) {
    const score = reasoningQuality(completionText(trick, '36'), 'math').score;
    t.ok(score < honest - 0.1, `${trick}: ${score}, honest ${honest}`);
  }
});

t.test('long reasoning of any kind is read at once', async (t) => {
  for (const unit of ['a ', '. ', '1 = 1. ', '= ', '\n', '1+1=2, ']) {
    const { score } = reasoningQuality(completionText(unit.repeat(50_000), '36'), 'math');
    t.ok(score >= 0 && score <= 0.7, `${unit}: ${score}`);
  }
});
