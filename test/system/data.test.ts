/** `data` as a user calls it: files on disk, the table on the terminal, and the folders it refuses. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { digest } from '../kit/cli.js';
import { type GoldenDataset, readGolden } from '../kit/golden.js';
import { packageRoot } from '../kit/root.js';

const folder = t.testdir();

function data(...argv: string[]) {
  return spawnSync(process.execPath, [join(packageRoot, 'dist/run.js'), 'data', ...argv], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
}

const rowsOf = (path: string): unknown[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

t.test('data writes both splits, all of them together, and the statistics that it prints', async (t) => {
  const { status, stdout, stderr } = data('--seed', '42', '--out', 'plain');
  t.equal(status, 0, stderr);
  const at = join(folder, 'plain');
  t.same(readdirSync(at).sort(), ['all.jsonl', 'evaluation.jsonl', 'statistics.json', 'train.jsonl']);
  t.same(
    [...rowsOf(join(at, 'train.jsonl')), ...rowsOf(join(at, 'evaluation.jsonl'))],
    rowsOf(join(at, 'all.jsonl')),
  );
  t.match(JSON.parse(readFileSync(join(at, 'statistics.json'), 'utf8')), {
    seed: 42,
    all: { examples: 1000 },
    train: { examples: 800 },
  });
  t.match(stdout, /Total Examples: 1,000\n├── Math: +400 \(40%\)/);
});

t.test('the same seed writes the same bytes, and JSON is one line', async (t) => {
  const { status, stdout, stderr } = data('--seed', '42', '--out', 'again', '--json');
  t.equal(status, 0, stderr);
  t.equal(
    readFileSync(join(folder, 'again/all.jsonl'), 'utf8'),
    readFileSync(join(folder, 'plain/all.jsonl'), 'utf8'),
  );
  t.equal(stdout.trim().split('\n').length, 1);
  t.match(JSON.parse(stdout), { type: 'data.summary', seed: 42, augmented: false, all: { examples: 1000 } });
});

t.test('--augment writes at least 2,500 examples, with the bytes of test/golden', async (t) => {
  const { status, stdout, stderr } = data('--seed', '42', '--augment', '--out', 'augmented', '--json');
  t.equal(status, 0, stderr);
  t.ok(rowsOf(join(folder, 'augmented/all.jsonl')).length >= 2500);
  t.match(JSON.parse(stdout), { augmented: true });
  t.equal(digest(folder, 'augmented', 'all.jsonl'), readGolden<GoldenDataset>('dataset').sha256);
});

t.test('a folder that holds something is left alone; an empty one is used', async (t) => {
  mkdirSync(join(folder, 'full'));
  writeFileSync(join(folder, 'full/mine.txt'), 'mine');
  const refused = data('--out', 'full');
  t.equal(refused.status, 2);
  t.match(refused.stderr, /is not empty/);
  t.same(readdirSync(join(folder, 'full')), ['mine.txt']);
  mkdirSync(join(folder, 'empty'));
  t.equal(data('--out', 'empty').status, 0);
});

t.test('--check prints the statistics of a good file and names the bad rows of another', async (t) => {
  const good = data('--check', 'plain/train.jsonl', '--json');
  t.equal(good.status, 0, good.stderr);
  t.match(JSON.parse(good.stdout), { type: 'data.check', examples: 800, skipped: {} });
  const rows = [{ q: 'One?', a: 1 }, { q: 'Two?' }, 7];
  writeFileSync(join(folder, 'mine.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  const args = ['--check', 'mine.jsonl', '--fields', 'question=q,answer=a'];
  const bad = data(...args);
  t.equal(bad.status, 2);
  t.match(bad.stderr, /2 of 3 rows are bad\.\nmine\.jsonl:2: a is missing\nmine\.jsonl:3: \(row\) is not/);
  t.equal(bad.stdout, '');
  const skipped = data(...args, '--on-bad-row', 'skip');
  t.equal(skipped.status, 0, skipped.stderr);
  t.match(skipped.stdout, /Total Examples: 1\n[\s\S]*Skipped 2 rows: 1 x a is missing, 1 x/);
});
