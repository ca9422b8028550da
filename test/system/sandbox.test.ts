/** Programs as answers in a whole run of the program. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { cli, readLines, TINY, temporaryFolder } from '../kit/cli.js';
import { packageRoot } from '../kit/root.js';

t.test('a run with programs scores them beside the other rewards', async (t) => {
  const documentation = readFileSync(join(packageRoot, 'docs', 'rewards.md'), 'utf8');
  const row = JSON.parse(/## Programs[\s\S]*?```json\n([\s\S]*?)```/.exec(documentation)![1]!) as object;
  const folder = temporaryFolder(t);
  const file = join(folder, 'programs.jsonl');
  const rows = Array.from({ length: 40 }, (_, i) => ({
    ...row,
    question: `Print ${i} in JavaScript.`,
    answer: `${i}`,
  }));
  writeFileSync(file, rows.map((each) => `${JSON.stringify(each)}\n`).join(''));
  const run = join(folder, 'run');
  const { code, stderr } = await cli([
    ...TINY,
    `--set=data.path=${JSON.stringify(file)}`,
    '--set=rewards.sandbox.weight=1',
    `--run-dir=${run}`,
  ]);
  t.equal(code, 0, stderr);
  const metrics = readLines(run, 'metrics.jsonl');
  t.equal(metrics.length, 2);
  for (const each of metrics) {
    t.equal(each['rewards/code/mean'], 0, 'the untrained policy writes no programs');
    t.equal(each['outcomes/scorer_error'], 0);
  }
});
