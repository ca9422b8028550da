/**
 * Where the tests of a source file are: beside its path below test/unit, or where CONTRIBUTING says.
 *
 * `model/config.test.ts` and `model/config-errors.test.ts` are tests of src/model/config.ts, and `topics-gold.test.ts` is one of the folder
 * topics/. Tests that lie directly in test/unit are about the package as a whole.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import t from 'tap';
import { packageRoot } from '../kit/root.js';
import { readSourceFiles } from '../kit/source-files.js';

/** Tests of several files together, which no single file of their room stands for. */
const OF_SEVERAL_FILES = ['actors/debate-credit', 'actors/debate-faults', 'config/configuration-page'];

const sources = readSourceFiles().map(({ path }) => path.replace(/\.ts$/, ''));
const folders = new Set(sources.flatMap((path) => parentsOf(path)));
const named = [...sources, ...folders];
const tests = readdirSync(join(packageRoot, 'test', 'unit'), { recursive: true })
  .map((name) => String(name).split(sep).join('/'))
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => name.replace(/\.test\.ts$/, ''));

/** Folders that a path lies in, from src/: `a/b/c` lies in `a` and `a/b`. */
function parentsOf(path: string): string[] {
  const parent = posix.dirname(path);
  return parent === '.' ? [] : [parent, ...parentsOf(parent)];
}

/** Whether a test is one of that source file or folder. */
const isTestOf = (test: string, source: string): boolean => test === source || test.startsWith(`${source}-`);

t.test('every unit test is named after a source file or folder of its room', async (t) => {
  t.same(
    tests.filter(
      (test) =>
        test.includes('/') &&
        !OF_SEVERAL_FILES.includes(test) &&
        !named.some((source) => isTestOf(test, source)),
    ),
    [],
    'test/unit/<room>/<file>.test.ts or <file>-<aspect>.test.ts, for a file of src/<room>',
  );
  t.ok(tests.length > 100, `${tests.length} tests`);
});

t.test('CONTRIBUTING says what covers every file that has no test of its own', async (t) => {
  const text = readFileSync(join(packageRoot, 'CONTRIBUTING.md'), 'utf8');
  const rows = [...text.matchAll(/^\| ((?:`[^`|]+`(?:, )?)+) +\| ((?:`[^`|]+`(?:, )?)+) +\|$/gm)];
  const cells = (cell: string): string[] => Array.from(cell.matchAll(/`([^`]+)`/g), ([, path]) => path!);
  const covered = rows.flatMap(([, paths]) => cells(paths!));
  const alone = sources.filter((source) => !tests.some((test) => isTestOf(test, source)));
  t.same(
    alone.filter(
      (source) =>
        !covered.some((path) => (path.endsWith('/') ? source.startsWith(path) : `${source}.ts` === path)),
    ),
    [],
    'a row of the table in CONTRIBUTING names the file or its room',
  );
  t.same(
    rows
      .flatMap(([, , by]) => cells(by!))
      .filter((test) => !existsSync(join(packageRoot, 'test', `${test}.test.ts`))),
    [],
    'the tests that it names exist',
  );
  t.ok(rows.length > 10 && alone.length > 50, `${rows.length} rows for ${alone.length} files`);
});
