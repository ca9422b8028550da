/** Runs the built command line as a user would, and reads what a run leaves behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withoutTimes } from '../../src/learner/metrics.js';
import { packageRoot } from './root.js';

const RUN = join(packageRoot, 'dist', 'run.js');
/** A run of a test takes seconds; one that takes this long hangs. */
const TIMEOUT_MS = 90_000;

/** Arguments of a run of a second. */
export const TINY = [
  '--updates=2',
  '--set=data.evaluationProblems=12',
  '--set=sampling.promptsPerUpdate=4',
  '--set=sampling.groupSize=4',
];

/** Arguments of a run of one update that is hardly evaluated: for what no evaluation and no second update shows better. */
export const QUICK = [
  ...TINY,
  '--updates=1',
  '--set=data.evaluationProblems=2',
  '--set=evaluation.maxCompletionTokens=8',
  '--set=checkpoint.onExit=false',
];

export interface Finished {
  /** Exit code, or the signal that ended the process. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves when stdout and stderr together match; rejects if the process ends before. */
  until(pattern: RegExp): Promise<void>;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export function startCli(args: readonly string[], { cwd = packageRoot, env = {} }: CliOptions = {}): Started {
  const child = spawn(process.execPath, [RUN, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  const output = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      for (const watcher of watchers) watcher();
    });
  }
  const finished = new Promise<Finished>((resolve) => {
    child.on('close', (code, signal) => resolve({ code: code ?? String(signal), ...output }));
  });
  const until = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!pattern.test(output.stdout + output.stderr)) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
      void finished.then(({ code }) =>
        reject(new Error(`ended (${code}) before ${pattern}\n${output.stdout}${output.stderr}`)),
      );
    });
  return { child, finished, until };
}

/** Runs to the end. */
export function cli(args: readonly string[], options: CliOptions = {}): Promise<Finished> {
  return startCli(args, options).finished;
}

/** Runs by name, two at a time, each into the folder of its name. Errors: a run that does not end with 0. */
export async function runAll(
  folder: string,
  common: readonly string[],
  runs: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  const waiting = Object.entries(runs);
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, args] = next;
      const { code, stderr } = await cli([...common, '--quiet', `--run-dir=${join(folder, name)}`, ...args]);
      if (code !== 0) throw new Error(`${name} ended with ${code}: ${stderr}`);
    }
  };
  await Promise.all([lane(), lane()]);
}

/** An empty folder that goes away with the test. */
export function temporaryFolder(t: { teardown(release: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'dialectic-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export type Row = Readonly<Record<string, unknown>>;

export function parseLines(text: string): Row[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

export function readLines(...path: string[]): Row[] {
  return parseLines(readFileSync(join(...path), 'utf8'));
}

/** Sum of all shares of outcomes of a row of metrics, to nine digits. */
export function outcomeTotal(row: Row): number {
  const shares = Object.entries(row).filter(([key]) => key.startsWith('outcomes/'));
  return Number(shares.reduce((sum, [, share]) => sum + (share as number), 0).toFixed(9));
}

export function digest(...path: string[]): string {
  return createHash('sha256')
    .update(readFileSync(join(...path)))
    .digest('hex');
}

/** All that two runs of one seed must have in common, of a run with `updates` updates. */
export function fingerprint(run: string, updates: number) {
  const name = String(updates).padStart(6, '0');
  return {
    metrics: readLines(run, 'metrics.jsonl').map(withoutTimes),
    weights: digest(run, 'checkpoints', `update-${name}`, 'model.safetensors'),
    before: readLines(run, 'samples', 'evaluation-000000.jsonl'),
    after: readLines(run, 'samples', `evaluation-${name}.jsonl`),
  };
}
