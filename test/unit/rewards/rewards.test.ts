import t from 'tap';
import { generateDataset } from '../../../src/data/dataset/generate.js';
import { completionText } from '../../../src/data/prompt.js';
import type { ScoringItem } from '../../../src/protocol/index.js';
import { Random } from '../../../src/random.js';
import {
  answerReward,
  builtInRewards,
  formatReward,
  REWARDS,
  type Reward,
  scoreBatch,
  withRow,
} from '../../../src/rewards/rewards.js';
import { Checks } from '../../kit/checks.js';

const right: ScoringItem = { completion: completionText('15% of 240', '36'), answer: '36' };
const wrong: ScoringItem = { completion: completionText('15% of 240', '37'), answer: '36' };

function reward(name: string, score: (batch: readonly ScoringItem[]) => unknown): Reward {
  return { name, weight: 1, kind: 'outcome', score: score as Reward['score'] };
}

const { train } = generateDataset(21, { augment: true });
/** Problems of the dataset with one right answer, and a gold completion of each. */
const closed = train
  .filter(({ metadata }) => metadata.constraints === undefined)
  .map(({ reasoning_trace = '', answer, type }) => ({
    trace: reasoning_trace,
    answer,
    type,
    completion: completionText(reasoning_trace, answer),
  }));

t.test('the gold completions of 2,000 problems earn full marks', async (t) => {
  t.ok(closed.length >= 1900, `${closed.length} problems`);
  const { values, scored } = scoreBatch(closed);
  const short = closed.filter(
    (_, g) => values[g] !== 1 || values[closed.length + g] !== 1 || scored[g] !== 1,
  );
  t.same(short, []);
});

t.test(
  'a gold completion whose answer has one character changed, added or removed earns no answer reward',
  async (t) => {
    const random = new Random(22, 'perturbation');
    let tried = 0;
    for (const [index, { trace, answer, type }] of closed.entries()) {
      // Places of letters and digits: spaces and punctuation may be ignored.
      const places = [...answer].map((_, at) => at).filter((at) => /[A-Za-z0-9]/.test(answer[at]!));
      const at = random.pick(places);
      const other = random.pick([...'23456789'].filter((digit) => digit !== answer[at]));
      const given = random.pick([
        answer.slice(0, at) + other + answer.slice(at + 1),
        answer.slice(0, at + 1) + other + answer.slice(at + 1),
        // "minutes" without its s is the same unit, and so is "km1" for "km", hence no 1 above.
        ...(/^[0-9/.-]+$/.test(answer) ? [answer.slice(0, at) + answer.slice(at + 1)] : []),
      ]);
      if (Number(given) === Number(answer)) continue; // 12.50 and 12.5
      tried++;
      const completion = completionText(trace, given);
      const [value] = answerReward.score([{ completion, answer, type }]);
      if (value !== 0) t.fail(`seed 22, problem ${index}: ${given} was taken for ${answer}`);
    }
    t.ok(tried > 1900, `${tried} tried`);
  },
);

t.test(
  'a gold completion with a tag missing or doubled loses format, and loses its answer with an answer tag',
  async (t) => {
    const checks = new Checks();
    for (const { completion: whole, answer, type } of closed.slice(0, 500)) {
      for (const tag of ['<reasoning>', '</reasoning>', '<answer>', '</answer>']) {
        for (const completion of [whole.replace(tag, ''), whole.replace(tag, tag + tag)]) {
          const batch = [{ completion, answer, type }];
          checks.same(formatReward.score(batch), [0.375], completion);
          checks.same(answerReward.score(batch), [tag.includes('answer') ? 0 : 1], completion);
        }
      }
    }
    checks.report(t, { moreThan: 7999 });
  },
);

t.test('the gold answer outside the answer tags earns nothing', async (t) => {
  for (const completion of [
    '36',
    completionText('The answer is 36.', '37'),
    '<reasoning>36</reasoning>36',
    '<reasoning>a</reasoning><answer>36',
    '<reasoning>a</reasoning><answer>35</answer><answer>36</answer>',
    `${completionText('a', '35')}${completionText('a', '36')}`,
  ]) {
    t.same(answerReward.score([{ completion, answer: '36' }]), [0], completion);
  }
});

t.test('values are rows of rewards, each in the order of the batch', async (t) => {
  const { names, values, scored } = scoreBatch([right, wrong, { completion: '36', answer: '36' }]);
  t.same(names, ['answer', 'format']);
  t.same([...values], [1, 0, 0, 1, 1, 0]);
  t.same([...scored], [1, 1, 1]);
  t.same(
    REWARDS.map(({ name, weight, kind }) => [name, weight, kind]),
    [
      ['answer', 1, 'outcome'],
      ['format', 0.1, 'shaping'],
    ],
  );
});

t.test('a reward that fails is not scored, never 0, and does not touch the others', async (t) => {
  const failing: readonly [string, (batch: readonly ScoringItem[]) => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['returns too few', () => [1]],
    ['returns too many', () => [1, 1, 1]],
    ['returns no array', () => 1],
    ['returns nothing', () => undefined],
    ['returns NaN', () => [Number.NaN, Number.NaN]],
    ['returns infinity', () => [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
    ['returns text', () => ['1', '1']],
    ['leaves holes', () => new Array(2)],
  ];
  for (const [name, score] of failing) {
    const { values, scored } = scoreBatch([right, wrong], [answerReward, reward(name, score), formatReward]);
    t.same([...values], [1, 0, Number.NaN, Number.NaN, 1, 1], name);
    t.same([...scored], [0, 0], name);
  }
});

t.test('one completion that cannot be scored does not spoil its neighbours', async (t) => {
  const { values, scored } = scoreBatch([right, wrong], [reward('half', () => [Number.NaN, 0.5])]);
  t.same([...values], [Number.NaN, 0.5]);
  t.same([...scored], [0, 1]);
});

t.test("Tunix's functions are rewards by name, the last two as published and mended", async (t) => {
  const names = [
    'match_format_exactly',
    'match_format_approximately',
    'check_answer',
    'check_numbers',
    'check_answer_mended',
    'check_numbers_mended',
  ];
  const batch = [
    { completion: completionText('a', '1,000'), answer: '1,000' },
    { completion: completionText('a', '1000'), answer: '1,000' },
    { completion: '1000', answer: '1,000' },
  ];
  const rewards = builtInRewards(names);
  t.same(
    rewards.map(({ kind }) => kind),
    ['shaping', 'shaping', 'outcome', 'outcome', 'outcome', 'outcome'],
  );
  const { values, scored } = scoreBatch(batch, rewards);
  t.same(
    names.map((_, k) => [...values.subarray(3 * k, 3 * k + 3)]),
    [
      [3, 3, 0],
      [2, 2, -2],
      [3, -0.5, 0],
      [0, 0, 0],
      [3, 1.5, 0],
      [1.5, 1.5, 0],
    ],
  );
  t.same([...scored], [1, 1, 1]);
});

t.test('a row worked out elsewhere is added, and what it lacks is not scored', async (t) => {
  const { names, values, scored } = withRow(scoreBatch([right, wrong]), 'judge', [0.5, Number.NaN]);
  t.same(names, ['answer', 'format', 'judge']);
  t.same([...values], [1, 0, 1, 1, 0.5, Number.NaN]);
  t.same([...scored], [1, 0]);
});

t.test('an empty batch has no values', async (t) => {
  t.same(scoreBatch([]), {
    names: ['answer', 'format'],
    values: new Float32Array(0),
    scored: new Uint8Array(0),
  });
});
