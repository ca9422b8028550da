import t from 'tap';
import { generateDataset } from '../../../src/data/dataset/generate.js';
import { completionText } from '../../../src/data/prompt.js';
import { reasoningQuality } from '../../../src/rewards/quality.js';

t.test('traces of the dataset are of high quality, statements of the answer are not', async (t) => {
  let worst = 1;
  let best = 0;
  let sum = 0;
  const { evaluation } = generateDataset(31);
  for (const { reasoning_trace = '', answer, type, metadata } of evaluation) {
    const isOpen = metadata.constraints !== undefined;
    const { score } = reasoningQuality(completionText(reasoning_trace, answer), type, isOpen);
    const quick = reasoningQuality(completionText('The answer is clear.', answer), type, isOpen).score;
    worst = Math.min(worst, score);
    sum += score;
    best = Math.max(best, quick);
  }
  t.equal(evaluation.length, 200);
  t.ok(worst >= 0.6, `the worst trace has ${worst}`);
  t.ok(sum / evaluation.length >= 0.85, `the mean is ${sum / evaluation.length}`);
  t.ok(best <= 0.5, `the best statement has ${best}`);
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

t.test('a long open answer is consistent when half of its plan comes back in it', async (t) => {
  const answer =
    'Sofia climbed the ladder to the roof, where moss had grown over the bell, and she found a second shadow.';
  const consistency = (plan: string, isOpen = true): number =>
    reasoningQuality(completionText(plan, answer), 'creative', isOpen).parts.consistency;
  t.equal(consistency('Plan: Sofia, ladders, moss. She finds a shadow on the roof.'), 1);
  // Of ten words of the plan (use, moss, ladder, ink, harbour, copper, violin, kettle, glove, thread) two come back: 0.2 / 0.5.
  t.equal(consistency('Use moss, ladder, ink, harbour, copper, violin, kettle, glove, thread.'), 0.4);
  t.equal(consistency('A train goes to the harbour. There is a storm at sea.'), 0);
  // One word is no plan: 1 of at least 5, twice.
  t.equal(consistency('Moss.'), 0.4);
  // The answer has eleven words to bring a plan back with, however long that is.
  const long = Array.from({ length: 300 }, (_, i) => `word${i}`).join(' ');
  t.equal(consistency(`${answer} ${long}`), 1);
  t.ok(consistency('Plan: Sofia, ladders, moss. She finds a shadow on the roof.', false) < 0.6);
  const short = completionText('It begins with the moon.', 'Moon and sea');
  t.equal(reasoningQuality(short, 'creative', true).parts.consistency, 1 / 3);
});

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
