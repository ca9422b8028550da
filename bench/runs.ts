/** Runs the program itself in a temporary folder and reads what it wrote, for figures of whole runs. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunSummary } from '../src/evaluation/summary.js';
import { packageRoot } from '../src/package-info.js';
import type { Event } from '../src/protocol/index.js';

/** A line of samples/rollouts.jsonl. */
export interface KeptCompletion {
  readonly update: number;
  readonly promptIndex: number;
  readonly problem: string;
  readonly completion: string;
}

export interface TrainingRun {
  readonly summary: RunSummary;
  /** Rows of metrics.jsonl. */
  readonly metrics: readonly Readonly<Record<string, number>>[];
  readonly rollouts: readonly KeptCompletion[];
  readonly evaluations: readonly Extract<Event, { type: 'evaluation.completed' }>[];
}

/** A finished run: its summary line, the rows of metrics.jsonl, kept completions, and the evaluations along the way. */
export function trainingRun(
  settings: Readonly<Record<string, unknown>>,
  flags: readonly string[] = [],
): TrainingRun {
  const folder = mkdtempSync(join(tmpdir(), 'dialectic-bench-'));
  const directory = join(folder, 'run');
  const sets = Object.entries(settings).flatMap(([key, value]) => [
    '--set',
    `${key}=${JSON.stringify(value)}`,
  ]);
  const args = [join(packageRoot, 'dist', 'run.js'), '--run-dir', directory, '--json', ...flags, ...sets];
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    maxBuffer: 1 << 30,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the measured run failed (exit ${status}): ${stderr}`);
  const rows = <T>(name: string): T[] =>
    readFileSync(join(directory, name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as T);
  const result = {
    summary: JSON.parse(readFileSync(join(directory, 'summary.json'), 'utf8')) as RunSummary,
    metrics: rows<Record<string, number>>('metrics.jsonl'),
    rollouts: rows<KeptCompletion>(join('samples', 'rollouts.jsonl')),
    evaluations: rows<Event>('events.jsonl').filter((event) => event.type === 'evaluation.completed'),
  };
  rmSync(folder, { recursive: true });
  return result;
}
