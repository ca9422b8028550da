/** What the pages say about this repository is so: the files, tests, scripts and commands that they name exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import t from 'tap';
import { parseArguments } from '../../src/cli/arguments.js';
import { resolveConfig } from '../../src/config/resolve.js';
import { packageRoot } from '../kit/root.js';

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(packageRoot, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
].map((path) => ({ path, text: readFileSync(join(packageRoot, path), 'utf8') }));

/** Paths of this repository, wherever they stand in a page; `examples/library` is the test of that name as well. */
const PATH = /(?<![\w./@-])(?:src|test|docs|bench|lab|examples|config|models)\/[\w./-]*\w/g;
/** Links to other pages and files, without their anchors. */
const LINK = /\]\((?!https?:|#)([^)#\s]+)/g;
/** A test by its file and title. */
const NAMED_TEST = /`(test\/[\w./-]+\.test\.ts)` "([^"]+)"/g;
const COMMAND = /(?:^|`)(?:npm ci && )?node dist\/run\.js([^`\n]*)/gm;

/** Things that pages name and that do not exist. */
function faults(of: (page: { path: string; text: string }) => Iterable<string>): {
  seen: number;
  wrong: string[];
} {
  let seen = 0;
  const wrong: string[] = [];
  for (const page of pages) {
    for (const fault of of(page)) {
      seen++;
      if (fault !== '') wrong.push(`${page.path}: ${fault}`);
    }
  }
  return { seen, wrong };
}

t.test('every path that a page names exists', async (t) => {
  const { seen, wrong } = faults(function* ({ text }) {
    for (const [path] of text.matchAll(PATH)) {
      const isThere = [path, `test/${path}.test.ts`].some((each) => existsSync(join(packageRoot, each)));
      yield isThere ? '' : path;
    }
  });
  t.same(wrong, []);
  t.ok(seen > 100, `${seen} paths`);
});

t.test('every link from a page to a file leads somewhere', async (t) => {
  const { seen, wrong } = faults(function* ({ path, text }) {
    for (const [, target] of text.matchAll(LINK)) {
      yield existsSync(resolve(packageRoot, dirname(path), target!)) ? '' : target!;
    }
  });
  t.same(wrong, []);
  t.ok(seen > 20, `${seen} links`);
});

t.test('every test that a page names exists under that title', async (t) => {
  const { seen, wrong } = faults(function* ({ text }) {
    for (const [, file, title] of text.matchAll(NAMED_TEST)) {
      const path = join(packageRoot, file!);
      const source = existsSync(path) ? readFileSync(path, 'utf8') : '';
      yield new RegExp(`t\\.test\\(\\s*'${escaped(title!)}'`).test(source) ? '' : `${file} "${title}"`;
    }
  });
  t.same(wrong, []);
  t.ok(seen > 20, `${seen} tests`);
});

t.test('every script that a page names is one of the package', async (t) => {
  const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const { seen, wrong } = faults(function* ({ text }) {
    for (const [, script] of text.matchAll(/npm run ([\w:-]+)/g))
      yield script! in manifest.scripts ? '' : script!;
  });
  t.same(wrong, []);
  t.ok(seen > 5, `${seen} scripts`);
});

t.test('every command that a page shows is one that the program takes', async (t) => {
  const { seen, wrong } = faults(function* ({ text }) {
    for (const [, rest] of text.matchAll(COMMAND)) {
      if (/[[…]/.test(rest!)) continue; // a synopsis, whose words are no arguments
      yield complaintOf(wordsOf(rest!));
    }
  });
  t.same(wrong, []);
  t.ok(seen > 20, `${seen} commands`);
});

/** What the program says of arguments, or nothing; the configuration they ask for is resolved too, but no file of data is read. */
function complaintOf(argv: readonly string[]): string {
  try {
    const parsed = parseArguments(argv, '0.0.0');
    if (parsed.command === 'train') {
      const { file, sets, flags } = parsed.options;
      resolveConfig({ sets, flags, ...(file === undefined ? {} : { file: join(packageRoot, file) }) });
    }
    return '';
  } catch (error) {
    return `${argv.join(' ')}: ${error instanceof Error ? error.message : error}`;
  }
}

/** The words of a shell command up to a comment or a pipe; quotes hold words together. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (const [word, double, single] of line.matchAll(/"([^"]*)"|'([^']*)'|\S+/g)) {
    if (word === '#' || word === '|' || word === '&&') break;
    words.push(double ?? single ?? word);
  }
  return words;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
