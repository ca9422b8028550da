/** Rewards from files in whole runs of the program: the example of docs/rewards.md, broken ones, and wrong ones. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { cli, readLines, TINY, temporaryFolder } from '../kit/cli.js';
import { packageRoot } from '../kit/root.js';

const documentation = readFileSync(join(packageRoot, 'docs', 'rewards.md'), 'utf8');
const example = /```js\n([\s\S]*?)```\n\n```json\n([\s\S]*?)```/.exec(documentation)!;

t.test('the example of the documentation runs, counts and is logged', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'brevity.mjs'), `console.log('to stderr');\n${example[1]}`);
  writeFileSync(join(folder, 'run.json'), example[2]!);
  const run = join(folder, 'run');
  const { code, stdout, stderr } = await cli([
    ...TINY,
    '--json',
    `--config=${join(folder, 'run.json')}`,
    `--run-dir=${run}`,
  ]);
  t.equal(code, 0, stderr);
  for (const line of stdout.trim().split('\n')) t.doesNotThrow(() => JSON.parse(line), line.slice(0, 80));
  const rows = readLines(run, 'metrics.jsonl');
  t.equal(rows.length, 2);
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
    ...TINY,
    `--set=rewards.files=${JSON.stringify([file])}`,
    `--run-dir=${run}`,
  ]);
  t.equal(code, 0, stderr);
  t.same(
    readLines(run, 'metrics.jsonl').map((row) => row['outcomes/scorer_error']),
    [1, 1],
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
      const { code, stderr } = await cli([...TINY, '--set', `rewards.files=["${file}"]`], { cwd: folder });
      t.equal(code, 2);
      t.match(stderr, says);
      t.match(stderr, /expected a module that exports name .* and score\(batch\)/);
    }
    const { code, stderr } = await cli([...TINY, '--set=rewards.files=["x.mjs"]', '--actors=scorer=0'], {
      cwd: folder,
    });
    t.equal(code, 2);
    t.match(stderr, /only a scoring thread can be ended/);
  },
);
