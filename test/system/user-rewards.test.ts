/** Optional rewards in whole runs of the program: the examples of docs/rewards.md, broken files, Tunix's rewards, and a judge. */
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { cli, QUICK, readLines, temporaryFolder } from '../kit/cli.js';
import { packageRoot } from '../kit/root.js';

const documentation = readFileSync(join(packageRoot, 'docs', 'rewards.md'), 'utf8');
const example = /```js\n([\s\S]*?)```\n\n```json\n([\s\S]*?)```/.exec(documentation)!;

t.test('the example of the documentation runs, counts and is logged', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'brevity.mjs'), `console.log('to stderr');\n${example[1]}`);
  writeFileSync(join(folder, 'run.json'), example[2]!);
  const run = join(folder, 'run');
  const { code, stdout, stderr } = await cli([
    ...QUICK,
    '--json',
    `--config=${join(folder, 'run.json')}`,
    `--run-dir=${run}`,
  ]);
  t.equal(code, 0, stderr);
  for (const line of stdout.trim().split('\n')) t.doesNotThrow(() => JSON.parse(line), line.slice(0, 80));
  const rows = readLines(run, 'metrics.jsonl');
  t.equal(rows.length, 1);
  for (const row of rows) {
    const [answer, format, brevity] = ['answer', 'format', 'brevity'].map(
      (name) => row[`rewards/${name}/mean`] as number,
    );
    t.ok(brevity! > 0 && brevity! < 1, `brevity ${brevity}`);
    t.ok(Math.abs(answer! + 0.1 * format! + 0.05 * brevity! - (row.reward as number)) < 1e-5);
  }
});

t.test('a reward that throws costs its groups, which are counted, and never stalls the run', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'broken.mjs');
  writeFileSync(
    file,
    "export const name = 'broken', weight = 1, kind = 'shaping';\nexport const score = () => { throw new Error('no'); };",
  );
  const run = join(folder, 'run');
  const { code, stderr } = await cli([
    ...QUICK,
    `--set=rewards.files=${JSON.stringify([file])}`,
    `--run-dir=${run}`,
  ]);
  t.equal(code, 0, stderr);
  t.same(
    readLines(run, 'metrics.jsonl').map((row) => row['outcomes/scorer_error']),
    [1],
  );
});

t.test(
  'a file that is missing or no reward ends the program with exit code 2, and nothing is written',
  async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'wrong.mjs'), 'export const name = 1;');
    for (const [file, says] of [
      ['not-there.mjs', /there is no file at .*not-there\.mjs/],
      ['wrong.mjs', /wrong\.mjs cannot be used: its name is 1/],
    ] as const) {
      const { code, stderr } = await cli([...QUICK, '--set', `rewards.files=["${file}"]`], { cwd: folder });
      t.equal(code, 2);
      t.match(stderr, says);
      t.match(stderr, /expected a module that exports name .* and score\(batch\)/);
    }
    const { code, stderr } = await cli([...QUICK, '--set=rewards.files=["x.mjs"]', '--actors=scorer=0'], {
      cwd: folder,
    });
    t.equal(code, 2);
    t.match(stderr, /only a scoring thread can be ended/);
  },
);

t.test("Tunix's rewards train alone, as the documentation has it", async (t) => {
  const folder = temporaryFolder(t);
  const tunix = /as the example does:\n\n```json\n([\s\S]*?)```/.exec(documentation)![1]!;
  writeFileSync(join(folder, 'run.json'), tunix);
  const run = join(folder, 'run');
  const { code, stderr } = await cli([
    ...QUICK,
    '--set=data.domains=["math"]',
    `--config=${join(folder, 'run.json')}`,
    `--run-dir=${run}`,
  ]);
  t.equal(code, 0, stderr);
  const names = [
    'match_format_exactly',
    'match_format_approximately',
    'check_answer_mended',
    'check_numbers_mended',
  ];
  for (const row of readLines(run, 'metrics.jsonl')) {
    const sum = names.reduce((total, name) => total + (row[`rewards/${name}/mean`] as number), 0);
    t.ok(Math.abs(sum - (row.reward as number)) < 1e-4, `${sum} and ${row.reward}`);
  }
});

t.test('a judge is asked about open answers, counts and is logged; its key is nowhere', async (t) => {
  const key = 'sk-not-to-be-found';
  const keys = new Set<string | undefined>();
  const server = createServer(async (request, response) => {
    let prompt = '';
    for await (const chunk of request) prompt += String(chunk);
    keys.add(request.headers.authorization);
    const lines = Number(/exactly ([0-9]+) lines/.exec(prompt)?.[1]);
    const content = JSON.stringify({ scores: Array.from({ length: lines }, (_, i) => i % 2) });
    response.end(JSON.stringify({ choices: [{ message: { content } }] }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const judge = /## A judge[\s\S]*?```json\n([\s\S]*?)```/.exec(documentation)![1]!;
  const folder = temporaryFolder(t);
  const { port } = server.address() as AddressInfo;
  writeFileSync(join(folder, 'run.json'), judge.replace('localhost:8000', `127.0.0.1:${port}`));
  const run = join(folder, 'run');
  const args = [
    ...QUICK,
    '--set=data.domains=["creative"]',
    `--config=${join(folder, 'run.json')}`,
    `--run-dir=${run}`,
  ];
  const without = await cli(args);
  t.equal(without.code, 2);
  t.match(without.stderr, /environment variable JUDGE_KEY is not set/);
  t.notOk(existsSync(run), 'nothing is written');

  const { code, stdout, stderr } = await cli(args, { env: { JUDGE_KEY: key } });
  t.equal(code, 0, stderr);
  for (const row of readLines(run, 'metrics.jsonl')) {
    const [answer, format, judged] = ['answer', 'format', 'judge'].map(
      (name) => row[`rewards/${name}/mean`] as number,
    );
    t.ok(judged! >= 0 && judged! < 1, `judge ${judged}`);
    t.ok(Math.abs(answer! + 0.1 * format! + 0.3 * judged! - (row.reward as number)) < 1e-5);
  }
  t.same([...keys], [`Bearer ${key}`]);
  const written = readdirSync(run, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  t.ok(written.length > 3);
  t.notMatch([stdout, stderr, ...written].join('\n'), key);
});
