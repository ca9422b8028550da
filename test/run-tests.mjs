/**
 * Runs every compiled test file in a process of its own, two at a time, and adds up what tap counted in each.
 *
 *   node test/run-tests.mjs [part of a path]...
 *
 * The files are tap tests; running them directly saves the second that tap's own command line spends per file on
 * loading TypeScript, which tsc has already compiled. A test without an assertion is a failure: it says nothing, and passes
 * also where the loop that it consists of is empty. A comment of a
 * test that begins with `figure:` is shown even if all passes.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const JOBS = 2;
const TIMEOUT_MS = 240_000;
const MAX_SHOWN_CHARACTERS = 20_000;
const SLOWEST_SHOWN = 10;

/** Started first, so that none of them runs alone at the end; the last lines of a run say which belong here. */
const SLOW_FIRST = [
  'system/strategies',
  'system/options',
  'system/user-rewards',
  'system/solve.test',
  'unit/doctor/',
  'system/',
  'lab/',
];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const compiled = join(root, 'build-test', 'test');

/** Compiled test files whose source still exists, slow ones first. */
function testFiles(filters) {
  if (!existsSync(compiled))
    throw new Error(`${compiled} does not exist; run: npx tsc -p test/tsconfig.json`);
  return readdirSync(compiled, { recursive: true })
    .map((name) => String(name).split(sep).join('/'))
    .filter((name) => name.endsWith('.test.js'))
    .filter((name) => existsSync(join(root, 'test', name.replace(/\.js$/, '.ts'))))
    .filter((name) => filters.length === 0 || filters.some((part) => name.includes(part)))
    .sort((a, b) => turnOf(a) - turnOf(b) || a.localeCompare(b));
}

function turnOf(name) {
  const index = SLOW_FIRST.findIndex((start) => name.startsWith(start));
  return index < 0 ? SLOW_FIRST.length : index;
}

/** One file's result: tap's own counts, and a failure more if the process did not end as it should. */
function runFile(name) {
  return new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(process.execPath, ['--enable-source-maps', join(compiled, name)], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TAP_TIMEOUT: String(TIMEOUT_MS / 1000), NO_COLOR: '1' },
    });
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      stderr += chunk;
    });
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, TIMEOUT_MS);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const counts = tapCounts(stdout);
      const problems = [];
      if (timedOut) problems.push(`timed out after ${TIMEOUT_MS / 1000} s`);
      else if (signal) problems.push(`killed by ${signal}`);
      else if (!counts) problems.push(`ended with code ${code} before tap could count its assertions`);
      else if (counts.total === 0) problems.push('made no assertion');
      else if (code !== 0 && counts.fail === 0) problems.push(`ended with code ${code}`);
      problems.push(...emptyTests(stdout).map((title) => `a test made no assertion: ${title}`));
      resolve({
        name,
        passed: counts?.pass ?? 0,
        failed: (counts?.fail ?? 0) + problems.length,
        skipped: (counts?.skip ?? 0) + (counts?.todo ?? 0),
        problems,
        seconds: (performance.now() - started) / 1000,
        output: stdout + stderr,
      });
    });
  });
}

/** The counts in the last line of tap's output, `# { total: 16, pass: 16 }`; undefined if tap did not get there. */
function tapCounts(output) {
  const line = [...output.matchAll(/^# \{ (total: .*) \}$/gm)].at(-1)?.[1];
  if (line === undefined) return undefined;
  const counts = { total: 0, pass: 0, fail: 0, skip: 0, todo: 0 };
  for (const [, word, count] of line.matchAll(/(\w+): (\d+)/g)) counts[word] = Number(count);
  return counts;
}

/** Titles of tests, at any depth, that planned no assertion and were not skipped as a whole: `1..0` in tap's output. */
function emptyTests(output) {
  const open = [];
  const empty = [];
  for (const line of output.split('\n')) {
    const [, indent = '', title] = /^( *)# Subtest: (.*)$/.exec(line) ?? [];
    if (title !== undefined) open[indent.length] = title;
    const plan = /^ {4}( *)1\.\.0(?! *#)/.exec(line);
    if (plan) empty.push(open[plan[1].length] ?? '(no title)');
  }
  return empty;
}

/** What a reader needs of a failed file: everything but the assertions that passed. */
function failures(output) {
  const lines = output.split('\n').filter((line) => !/^\s*(ok \d+|1\.\.\d+|TAP version)/.test(line));
  const text = lines.join('\n');
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}\n…` : text;
}

const queue = testFiles(process.argv.slice(2));
if (queue.length === 0) throw new Error('no test file matches');
const totals = { passed: 0, failed: 0, skipped: 0 };
const durations = [];

async function lane() {
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const result = await runFile(name);
    totals.passed += result.passed;
    totals.failed += result.failed;
    totals.skipped += result.skipped;
    const verdict = result.failed > 0 ? 'FAILED' : 'ok';
    const path = relative(root, join(root, 'test', name)).replace(/\.js$/, '.ts');
    console.log(`${verdict.padEnd(6)} ${path} (${result.passed} passed, ${result.seconds.toFixed(1)} s)`);
    durations.push({ path, seconds: result.seconds });
    for (const [, figure] of result.output.matchAll(/^\s*# figure: (.*)$/gm)) console.log(`       ${figure}`);
    for (const problem of result.problems) console.log(`       ${problem}`);
    if (result.failed > 0) console.log(failures(result.output));
  }
}

await Promise.all(Array.from({ length: JOBS }, lane));
durations.sort((a, b) => b.seconds - a.seconds);
console.log('slowest:');
for (const { path, seconds } of durations.slice(0, SLOWEST_SHOWN))
  console.log(`${seconds.toFixed(1).padStart(7)} s  ${path}`);
if (totals.skipped > 0) console.log(`${totals.skipped} skipped`);
process.exitCode = totals.failed > 0 ? 1 : 0;
console.log(`${totals.passed} passed, ${totals.failed} failed`);
