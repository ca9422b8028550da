/** Rewards as functions of the caller's process: what is refused before a run, and what a scorer is answered. */
import t from 'tap';
import type { ScoringItem } from '../../../src/protocol/index.js';
import {
  answerWith,
  checkRewardFunctions,
  type RewardFunction,
} from '../../../src/rewards/reward-functions.js';

const reward = (change: object = {}): RewardFunction => ({
  name: 'short',
  weight: 1,
  kind: 'shaping',
  score: (batch) => batch.map(({ completion }) => 1 / (1 + completion.length)),
  ...change,
});
const batch: ScoringItem[] = ['', 'abc'].map((completion) => ({ completion, answer: '' }));

t.test(
  'a function that lacks something, or has the name of another, is refused with its place',
  async (t) => {
    t.doesNotThrow(() => checkRewardFunctions([reward(), reward({ name: 'other' })], ['third']));
    const cases: [rewards: object[], taken: string[], says: RegExp][] = [
      [[{ name: 'no spaces' }], [], /rewards\[0\] cannot be used: its name is "no spaces"; expected name/],
      [[{}, { name: 'x', weight: Number.NaN }], [], /rewards\[1\] cannot be used: its weight is NaN/],
      [[{ kind: 'both' }], [], /its kind is "both"/],
      [[{ score: 1 }], [], /it has no function named score/],
      [[{ name: 'format' }], [], /"format" is that of a built-in reward/],
      [[{}, {}], [], /rewards\[1\] cannot be used: its name "short" is that of another reward/],
      [[{}], ['short'], /its name "short" is that of another reward/],
    ];
    for (const [changes, taken, says] of cases)
      t.throws(() => checkRewardFunctions(changes.map(reward), taken), { code: 'CONFIG', message: says });
  },
);

t.test('values come in order, from promises too; what is no finite number is NaN', async (t) => {
  t.same(await answerWith([reward()]).scoreWith('short', batch), [1, 0.25]);
  const odd = reward({ score: async () => [Number.POSITIVE_INFINITY, '1'] });
  t.same(await answerWith([odd]).scoreWith('short', batch), [Number.NaN, Number.NaN]);
});

t.test('a throw and a wrong number of values are errors', async (t) => {
  const wrong = answerWith([
    reward({ score: () => [1] }),
    reward({ name: 'nothing', score: () => undefined }),
  ]);
  await t.rejects(wrong.scoreWith('short', batch), {
    code: 'SCORER',
    message: /gave 1 values for 2 completions/,
  });
  await t.rejects(wrong.scoreWith('nothing', batch), { code: 'SCORER', message: /gave undefined for 2/ });
  const broken = reward({
    score: () => {
      throw new Error('no');
    },
  });
  await t.rejects(answerWith([broken]).scoreWith('short', batch), { message: 'no' });
});
