/**
 * Shows that the working tree computes what another revision computes, on this machine.
 *
 *   npm run same-bits -- REVISION [part of a name]...
 *
 * Bits depend on the processor, so a committed hash would fail elsewhere: REVISION is built in a temporary folder instead and both are
 * run here. Compared are the final weights and the metrics (times left out) of six updates of each strategy, what `solve` answers, and
 * the dataset. What a revision printed is kept for the next comparison with it; exit code 1 if anything differs.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from './kit/root.js';

const STRATEGIES = ['forward', 'backward', 'debate', 'tree', 'anneal'];
const UPDATES = 6;
const QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  'solve forward': ['What is 15% of 240?', '--samples=5'],
  'solve backward': ['What is 15% of 240?', '--strategy=backward'],
  'solve debate': ['What is 7/12 of 840?', '--strategy=debate'],
  'solve agreed debate': ['What is 15% of 240?', '--strategy=debate', '--samples=2'],
  'solve tree': ['What is 15% of 240?', '--strategy=tree', '--samples=6'],
  'solve short tree': ['What is 7/12 of 840?', '--strategy=tree', '--budget=300'],
};

type Lines = Readonly<Record<string, string>>;

/** What each check gave, by its name: a text to compare. */
interface Check {
  readonly name: string;
  run(root: string, folder: string): Lines;
}

const checks: readonly Check[] = [
  ...STRATEGIES.map((strategy) => ({
    name: `train ${strategy}`,
    run: (root: string, folder: string): Lines => {
      const run = join(folder, strategy);
      cli(root, [
        '--updates',
        String(UPDATES),
        '--seed=7',
        '--quiet',
        '--run-dir',
        run,
        '--set',
        `strategy=${strategy}`,
      ]);
      const checkpoint = join(run, 'checkpoints', `update-${String(UPDATES).padStart(6, '0')}`);
      return {
        weights: digestOf(join(checkpoint, 'model.safetensors')),
        metrics: withoutTimes(readFileSync(join(run, 'metrics.jsonl'), 'utf8')),
      };
    },
  })),
  ...Object.entries(QUESTIONS).map(([name, args]) => ({
    name,
    run: (root: string, folder: string): Lines => {
      const out = join(folder, name);
      const records = cli(root, ['solve', ...args, '--json', '--out', out])
        .trim()
        .split('\n');
      const files = readdirSync(out)
        .sort()
        .map((file) => [file, readFileSync(join(out, file), 'utf8')] as const);
      return {
        shown: cli(root, ['solve', ...args]).replace(/[\d.]+ s\b/g, 'SECONDS'),
        records: records.map((line) => plain(JSON.parse(line))).join('\n'),
        ...Object.fromEntries(files.map(([file, text]) => [file, plain(JSON.parse(text))])),
      };
    },
  })),
  {
    name: 'data',
    run: (root, folder) => {
      const out = join(folder, 'data');
      cli(root, ['data', '--seed=42', '--augment', '--out', out]);
      return Object.fromEntries(
        readdirSync(out)
          .sort()
          .map((file) => [file, digestOf(join(out, file))]),
      );
    },
  },
];

function cli(root: string, args: readonly string[]): string {
  return execFileSync(process.execPath, [join(root, 'dist', 'run.js'), ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 28,
    env: { ...process.env, NO_COLOR: '1' },
  });
}

/** Names of metrics that are times, or follow from them. */
const TIMES = /^(step_time|time\/|tokens_per_second\/)/;

function withoutTimes(lines: string): string {
  const rows = lines.trim().split('\n');
  return rows
    .map((row) => JSON.stringify(JSON.parse(row), (key, value) => (TIMES.test(key) ? undefined : value)))
    .join('\n');
}

/** Names whose values belong to a folder or a moment. */
const LEFT_OUT = ['seconds', 'model', 'versions'];

function plain(record: unknown): string {
  const passing = new Set(LEFT_OUT);
  return JSON.stringify(record, (key, value) => (passing.has(key) ? undefined : value));
}

function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** Folder of REVISION, built. Its packages are this tree's where both want the same, and installed anew otherwise. */
function buildRevision(sha: string, folder: string): string {
  const root = join(folder, 'tree');
  if (existsSync(join(root, 'dist', 'run.js'))) return root;
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  const archive = execFileSync('git', ['archive', sha], { cwd: packageRoot, maxBuffer: 1 << 29 });
  execFileSync('tar', ['-x', '-C', root], { input: archive });
  const lock = (at: string): string => readFileSync(join(at, 'package-lock.json'), 'utf8');
  if (lock(root) === lock(packageRoot))
    symlinkSync(join(packageRoot, 'node_modules'), join(root, 'node_modules'));
  else execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: root, stdio: 'inherit' });
  execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'inherit' });
  return root;
}

/** Results of REVISION, from an earlier comparison where there was one. */
function expected(check: Check, sha: string, folder: string): Lines {
  const kept = join(folder, `${check.name}.json`);
  if (!existsSync(kept)) {
    const work = mkdtempSync(join(folder, 'work-'));
    writeFileSync(kept, JSON.stringify(check.run(buildRevision(sha, folder), work)));
  }
  return JSON.parse(readFileSync(kept, 'utf8')) as Lines;
}

const [revision, ...filters] = process.argv.slice(2);
if (revision === undefined) {
  process.stderr.write('Which revision? npm run same-bits -- REVISION [part of a name]...\n');
  process.exit(2);
}
const sha = execFileSync('git', ['rev-parse', '--verify', `${revision}^{commit}`], {
  cwd: packageRoot,
  encoding: 'utf8',
}).trim();
const folder = join(tmpdir(), `dialectic-same-bits-${sha.slice(0, 12)}-${process.version}`);
mkdirSync(folder, { recursive: true });
// Of this comparison alone: another one may be under way.
const here = mkdtempSync(join(folder, 'here-'));
let differences = 0;
for (const check of checks.filter(
  ({ name }) => filters.length === 0 || filters.some((part) => name.includes(part)),
)) {
  const [theirs, ours] = [expected(check, sha, folder), check.run(packageRoot, here)];
  const names = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])];
  const differing = names.filter((name) => theirs[name] !== ours[name]);
  differences += differing.length;
  console.log(
    `${differing.length === 0 ? 'same     ' : 'DIFFERENT'} ${check.name}: ${(differing.length === 0 ? names : differing).join(', ')}`,
  );
  for (const name of differing) {
    writeFileSync(join(here, `${check.name} ${name} before`), String(theirs[name]));
    writeFileSync(join(here, `${check.name} ${name} now`), String(ours[name]));
  }
}
if (differences > 0) console.log(`what differs lies in ${here}`);
else rmSync(here, { recursive: true });
console.log(`${differences} differences from ${sha.slice(0, 12)}`);
process.exitCode = differences > 0 ? 1 : 0;
