/** `evaluate` as a program calls it. */
import { join } from 'node:path';
import t from 'tap';
import { type EvaluateOptions, evaluate, loadPolicy } from '../../../src/evaluation/evaluate.js';
import { packageRoot } from '../../kit/root.js';

const FOLDER = join(packageRoot, 'models', 'nano');
const policy = loadPolicy(FOLDER);
const problems = [3, 4, 5].map((n) => ({ question: `What is ${n} + 8?`, answer: String(n + 8) }));
const small = { policy, problems, maxTokens: 24, threads: 1 } satisfies EvaluateOptions;

t.test('a report adds up over completions, which come in the order of problems', async (t) => {
  const progress: string[] = [];
  const evaluation = await evaluate({
    ...small,
    samples: 4,
    onProgress: ({ mode, done, total }) => progress.push(`${mode} ${done}/${total}`),
  });
  t.match(evaluation, {
    problems: 3,
    promptsTooLong: 0,
    samples: 4,
    temperature: 1,
    seed: 42,
    maxTokens: 24,
  });
  const { greedy, sampled, completions } = evaluation;
  t.equal(greedy.all.formatCompliance.count, 3);
  t.equal(sampled!.all.formatCompliance.count, 12);
  t.same(
    completions.map(({ mode, item, sample }) => `${mode} ${item} ${sample}`),
    [
      ...[0, 1, 2].map((item) => `greedy ${item} 0`),
      ...[0, 1, 2].flatMap((item) => [0, 1, 2, 3].map((sample) => `sampled ${item} ${sample}`)),
    ],
  );
  const right = completions.filter(({ mode, isCorrect }) => mode === 'greedy' && isCorrect).length;
  t.equal(greedy.all.accuracy!.value, right / 3);
  t.ok(completions.every(({ tokens }) => tokens > 0 && tokens <= 24));
  t.same(
    progress,
    ['greedy', 'sampled'].flatMap((mode) => [1, 2, 3].map((done) => `${mode} ${done}/3`)),
  );
});

t.test('a folder is read as the policy that it holds; one sample is the greedy one alone', async (t) => {
  const texts = async (options: EvaluateOptions): Promise<readonly (string | null)[]> =>
    (await evaluate(options)).completions.map(({ completion }) => completion);
  const expected = await texts(small);
  t.equal(expected.length, 3);
  t.same(await texts({ ...small, policy: FOLDER, seed: 7 }), expected, 'greedy completions know no seed');
});

t.test('functions are rewards: what throws or gives no number is not scored', async (t) => {
  const reward = (name: string, score: (text: string) => number) => ({
    name,
    weight: 1,
    kind: 'shaping' as const,
    score: (batch: readonly { readonly completion: string }[]) =>
      batch.map(({ completion }) => score(completion)),
  });
  const rewards = [
    reward('characters', (text) => text.length),
    reward('never', () => Number.NaN),
    reward('broken', () => {
      throw new Error('no');
    }),
  ];
  const { greedy, completions } = await evaluate({ ...small, rewards });
  t.match(greedy.rewards, {
    characters: { scored: 3, notScored: 0 },
    never: { mean: null, scored: 0, notScored: 3 },
    broken: { mean: null, scored: 0, notScored: 3 },
  });
  for (const row of completions) t.match(row.rewards, { characters: row.completion!.length, never: null });
  await t.rejects(evaluate({ ...small, rewards: [rewards[0]!, rewards[0]!] }), {
    code: 'CONFIG',
    message: /"characters" is that of another/,
  });
});

t.test('a prompt that is too long counts as wrong, and is counted', async (t) => {
  const long = { question: 'long '.repeat(2000), answer: 'x' };
  const { promptsTooLong, greedy, completions } = await evaluate({
    ...small,
    problems: [long, problems[0]!],
  });
  t.equal(promptsTooLong, 1);
  t.equal(greedy.all.accuracy!.count, 2);
  t.match(completions[0], { item: 0, completion: null, tokens: 0, isCorrect: false });
});

t.test('a signal stops it with its reason', async (t) => {
  const controller = new AbortController();
  const work = evaluate({
    ...small,
    samples: 4,
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('enough')),
  });
  await t.rejects(work, { message: 'enough' });
});

t.test('what cannot be evaluated is refused, with what was expected', async (t) => {
  const refused: [Partial<EvaluateOptions>, string, RegExp][] = [
    [{ samples: 0 }, 'CONFIG', /samples is 0; expected an integer from 1/],
    [{ temperature: Number.NaN }, 'CONFIG', /temperature is NaN; expected a number/],
    [{ problems: 1.5 }, 'CONFIG', /problems is 1\.5/],
    [{ problems: [] }, 'DATA', /problems is empty/],
    [
      { problems: [problems[0]!, { question: ' ', answer: '1' }] },
      'DATA',
      /problems\[1\]\.question is wrong/,
    ],
    [{ policy: join(packageRoot, 'docs') }, 'MODEL_FILE', /config\.json is missing/],
  ];
  for (const [change, code, message] of refused) {
    await t.rejects(evaluate({ ...small, ...change }), { code, message }, String(message));
  }
});
