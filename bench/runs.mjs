/** Runs the program itself in a temporary folder and reads what it wrote, for figures of whole runs. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A finished run: its summary line, the rows of metrics.jsonl, kept completions, and the evaluations along the way. */
export function trainingRun(settings, flags = []) {
  const folder = mkdtempSync(join(tmpdir(), 'dialectic-bench-'));
  const directory = join(folder, 'run');
  const sets = Object.entries(settings).flatMap(([key, value]) => [
    '--set',
    `${key}=${JSON.stringify(value)}`,
  ]);
  const args = [join(ROOT, 'dist', 'run.js'), '--run-dir', directory, '--json', ...flags, ...sets];
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    maxBuffer: 1 << 30,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the measured run failed (exit ${status}): ${stderr}`);
  const rows = (name) =>
    readFileSync(join(directory, name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const result = {
    summary: JSON.parse(readFileSync(join(directory, 'summary.json'), 'utf8')),
    metrics: rows('metrics.jsonl'),
    rollouts: rows(join('samples', 'rollouts.jsonl')),
    evaluations: rows('events.jsonl').filter(({ type }) => type === 'evaluation.completed'),
  };
  rmSync(folder, { recursive: true });
  return result;
}
