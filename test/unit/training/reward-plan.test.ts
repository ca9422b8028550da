/** From the configuration to the rewards of a run. */
import t from 'tap';
import { resolveConfig } from '../../../src/config/resolve.js';
import { planRewards, readJudgeKey } from '../../../src/training/reward-plan.js';

const planOf = (sets: readonly (readonly [string, string])[]) =>
  planRewards(resolveConfig({ sets }).config, [
    { url: 'file:///x.mjs', name: 'mine', weight: -1, kind: 'outcome' },
  ]);

t.test('the defaults are answer and format, then rewards of files', async (t) => {
  const plan = planOf([]);
  t.same(plan.builtIn, ['answer', 'format']);
  t.same(plan.rules, {
    answer: { weight: 1, kind: 'outcome' },
    format: { weight: 0.1, kind: 'shaping' },
    mine: { weight: -1, kind: 'outcome' },
  });
  t.same(plan.weights, { answer: 1, format: 0.1, mine: -1 });
  t.equal(plan.judge, null);
  t.equal(plan.sandbox, null);
});

t.test("what has a weight is worked out, Tunix's rewards mended unless asked otherwise", async (t) => {
  const sets = [
    ['rewards.answer', '0'],
    ['rewards.quality', '0.2'],
    ['rewards.tunix.matchFormatExactly', '1'],
    ['rewards.tunix.matchFormatApproximately', '0.5'],
    ['rewards.tunix.checkAnswer', '2'],
    ['rewards.tunix.checkNumbers', '3'],
  ] as const;
  t.same(planOf(sets).rules, {
    answer: { weight: 0, kind: 'outcome' },
    format: { weight: 0.1, kind: 'shaping' },
    quality: { weight: 0.2, kind: 'shaping' },
    match_format_exactly: { weight: 1, kind: 'shaping' },
    match_format_approximately: { weight: 0.5, kind: 'shaping' },
    check_answer_mended: { weight: 2, kind: 'outcome' },
    check_numbers_mended: { weight: 3, kind: 'outcome' },
    mine: { weight: -1, kind: 'outcome' },
  });
  const { builtIn } = planOf([...sets, ['rewards.tunixMended', 'false']]);
  t.same(builtIn.slice(-2), ['check_answer', 'check_numbers']);
});

t.test('the judge is planned without its key, which comes from the environment', async (t) => {
  const { judge, rules } = planOf([
    ['rewards.judge.url', 'http://localhost:1/v1'],
    ['rewards.judge.model', 'm'],
    ['rewards.judge.keyVariable', 'JUDGE_KEY'],
    ['rewards.judge.weight', '0.5'],
  ]);
  t.same(judge, {
    url: 'http://localhost:1/v1',
    model: 'm',
    keyVariable: 'JUDGE_KEY',
    deadlineMs: 30_000,
    maxConcurrent: 4,
  });
  t.same(rules.judge, { weight: 0.5, kind: 'shaping' });
  t.equal(readJudgeKey(judge!, { JUDGE_KEY: ' sk-1\n' }), 'sk-1');
  t.equal(readJudgeKey({ keyVariable: null }, {}), null);
  t.throws(() => readJudgeKey(judge!, {}), { code: 'CONFIG', message: /JUDGE_KEY is not set/ });
  t.throws(() => readJudgeKey(judge!, { JUDGE_KEY: 'se cret' }), {
    message: /^(?!.*se cret).*JUDGE_KEY holds/,
  });
});

t.test('programs are run only where that has a weight', async (t) => {
  const { sandbox, rules, builtIn } = planOf([
    ['rewards.sandbox.weight', '0.7'],
    ['rewards.sandbox.timeoutMs', '100'],
  ]);
  t.same(sandbox, { timeoutMs: 100, memoryMegabytes: 32 });
  t.same(rules.code, { weight: 0.7, kind: 'outcome' });
  t.same(builtIn, ['answer', 'format']);
});
