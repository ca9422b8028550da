import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { completionText } from '../../../src/data/prompt.js';
import type { ScoringItem } from '../../../src/protocol/index.js';
import { createScorerPool, describeUserRewards } from '../../../src/rewards/pool.js';
import { scoreBatch } from '../../../src/rewards/rewards.js';
import type { UserReward } from '../../../src/rewards/user-rewards.js';

const folder = mkdtempSync(join(tmpdir(), 'dialectic-rewards-'));
t.teardown(() => rmSync(folder, { recursive: true }));

function module(file: string, text: string): string {
  writeFileSync(join(folder, file), text);
  return pathToFileURL(join(folder, file)).href;
}
const withScore = (name: string, body: string, head = ''): UserReward => ({
  url: module(
    `${name}.mjs`,
    `${head}export const name = '${name}', weight = 0.5, kind = 'shaping';\nexport async function score(batch) { ${body} }`,
  ),
  name,
  weight: 0.5,
  kind: 'shaping',
});
const batch: readonly ScoringItem[] = [
  { completion: completionText('a', '36'), answer: '36', question: 'What?' },
  { completion: completionText('a', '37'), answer: '36', question: 'What?' },
];

t.test(
  'a reward from a file is scored behind the built-in ones, whatever it does to its batch',
  async (t) => {
    const spoiler = withScore('spoiler', "batch[0].completion = ''; batch.length = 0; return [1, 2];");
    const length = withScore(
      'length',
      'return batch.map((item) => item.completion.length + item.question.length);',
    );
    const user = await describeUserRewards([spoiler.url, length.url]);
    t.same(user, [spoiler, length]);
    const pool = createScorerPool({ threads: 1, deadlineMs: 10_000, user });
    t.teardown(() => pool.close());
    const { names, values, scored } = await pool.score(batch);
    t.same(names, ['answer', 'format', 'spoiler', 'length']);
    const size = batch[0]!.completion.length + 5;
    t.same([...values], [1, 0, 1, 1, 1, 2, size, size]);
    t.same([...scored], [1, 1]);
  },
);

t.test('a default export will do, and so will a CommonJS module', async (t) => {
  const urls = [
    module(
      'default.mjs',
      "export default { name: 'a', weight: -1, kind: 'outcome', score: (batch) => batch.map(() => 1) };",
    ),
    module(
      'common.cjs',
      "module.exports = { name: 'b', weight: 2, kind: 'shaping', score: (batch) => batch.map(() => 2) };",
    ),
  ];
  const user = await describeUserRewards(urls);
  t.match(user, [
    { name: 'a', weight: -1, kind: 'outcome' },
    { name: 'b', weight: 2, kind: 'shaping' },
  ]);
  const pool = createScorerPool({ threads: 1, deadlineMs: 10_000, builtIn: ['answer'], user });
  t.teardown(() => pool.close());
  t.same([...(await pool.score(batch)).values], [1, 0, 1, 1, 2, 2]);
});

t.test(
  'a reward that throws, miscounts or gives no number is not scored, never 0, and spoils nothing else',
  async (t) => {
    const failing: readonly (readonly [string, string, number[]])[] = [
      ['throws', "throw new Error('broken');", [Number.NaN, Number.NaN]],
      ['too_few', 'return [1];', [Number.NaN, Number.NaN]],
      ['too_many', 'return [1, 2, 3];', [Number.NaN, Number.NaN]],
      ['nothing', '', [Number.NaN, Number.NaN]],
      ['one_nan', 'return [NaN, 0.25];', [Number.NaN, 0.25]],
      ['infinite', "return [Infinity, '1'];", [Number.NaN, Number.NaN]],
    ];
    for (const [name, body, expected] of failing) {
      const pool = createScorerPool({ threads: 1, deadlineMs: 10_000, user: [withScore(name, body)] });
      const { values, scored } = await pool.score(batch);
      t.same([...values], [1, 0, 1, 1, ...expected], name);
      t.same(
        [...scored],
        expected.map((value) => (Number.isNaN(value) ? 0 : 1)),
        name,
      );
      t.same(pool.counts().scored, 1);
      await pool.close();
    }
  },
);

t.test('a reward that hangs costs its batch the deadline, and the pool goes on', async (t) => {
  const hangs = withScore('hangs', 'if (batch[0].answer === "hang") for (;;); return batch.map(() => 1);');
  const waits = withScore(
    'waits',
    'if (batch[0].answer === "wait") await new Promise(() => {}); return [1, 1];',
  );
  const pool = createScorerPool({ threads: 1, deadlineMs: 1500, user: [hangs, waits] });
  t.teardown(() => pool.close());
  for (const answer of ['hang', 'wait']) {
    const { values, scored } = await pool.score(batch.map((item) => ({ ...item, answer })));
    t.ok(values.length === 8 && values.every(Number.isNaN), answer);
    t.same([...scored], [0, 0], answer);
    t.same([...(await pool.score(batch)).values], [1, 0, 1, 1, 1, 1, 1, 1], `after ${answer}`);
  }
  t.match(pool.counts(), { scored: 2, deadline: 2 });
});

t.test(
  'a module that is no reward is a configuration error with its path and what was expected',
  async (t) => {
    const good = "export const name = 'x', weight = 1, kind = 'shaping'; export const score = () => [];";
    const bad: readonly (readonly [string, string, RegExp])[] = [
      ['syntax.mjs', 'export const = ;', /Unexpected token/],
      ['throwing.mjs', "throw new Error('at once');", /at once/],
      ['empty.mjs', '', /its name is missing/],
      ['name.mjs', good.replace("'x'", "'a b'"), /its name is "a b"/],
      ['taken.mjs', good.replace("'x'", "'answer'"), /built-in/],
      ['weight.mjs', good.replace('weight = 1', 'weight = NaN'), /its weight is NaN/],
      ['kind.mjs', good.replace("'shaping'", "'both'"), /its kind is "both"/],
      ['score.mjs', good.replace('() => []', '1'), /no function named score/],
      ['import.mjs', "import './not-there.mjs';", /not-there/],
    ];
    for (const [file, text, reason] of bad) {
      const url = module(file, text);
      await t.rejects(describeUserRewards([url]), { code: 'CONFIG', message: reason }, file);
      await t.rejects(describeUserRewards([url]), { message: new RegExp(`${file} cannot be used`) });
      await t.rejects(describeUserRewards([url]), { message: /expected a module that exports name/ });
    }
    const urls = ['one.mjs', 'two.mjs'].map((file) => module(file, good));
    await t.rejects(describeUserRewards(urls), { code: 'CONFIG', message: /two\.mjs.*that of another file/ });
  },
);

t.test('without files nothing starts, and a direct call gives the same rewards', async (t) => {
  t.same(await describeUserRewards([]), []);
  const pool = createScorerPool({ threads: 1, deadlineMs: 10_000 });
  t.teardown(() => pool.close());
  t.same(await pool.score(batch), scoreBatch(batch));
});

t.test('what a reward prints goes to standard error, without what could alter a terminal', async (t) => {
  const prints = withScore(
    'prints',
    'console.log(batch[0].completion, "\\n日本 🙂"); return batch.map(() => 1);',
  );
  const program = `
    const { createScorerPool } = await import(${JSON.stringify(new URL('../../../src/rewards/pool.js', import.meta.url))});
    const pool = createScorerPool({ threads: 1, deadlineMs: 20_000, user: ${JSON.stringify([prints])} });
    await pool.score([{ completion: 'a\\u001b[2Jb\\u009bc\\u202ed\\re', answer: '' }]);
    await pool.close();`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  t.equal(status, 0, stderr);
  t.equal(stdout, '');
  t.equal(stderr, 'a\ufffd[2Jb\ufffdc\ufffdd\ufffde \n日本 🙂\n');
});
