/**
 * `eval`: evaluates a policy, shows how good it is, and leaves every completion on disk.
 *
 * Invariants: everything that can be wrong is read before anything is written; nothing of an older evaluation is overwritten.
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { resolveModelPath } from '../config/resolve.js';
import { formatOf } from '../data/dataset/formats.js';
import { skippedText } from '../data/dataset/read-rows.js';
import { type Evaluation, evaluate, loadPolicy } from '../evaluation/evaluate.js';
import { type EvaluationItem, readItems, UNKNOWN } from '../evaluation/items.js';
import { readRewardFiles } from '../evaluation/user-scores.js';
import { claimFolder, claimNumberedFolder, folderNameOf } from '../observe/claim-folder.js';
import { JsonlSink, jsonLine } from '../observe/jsonl.js';
import { escapeJson, sanitizeLine, sanitizeText } from '../observe/sanitize.js';
import { packageRoot, versions } from '../package-info.js';
import type { EvalOptions } from './arguments.js';
import { renderEvaluation } from './views/evaluation-table.js';
import { hasColor } from './views/terminal.js';

const DEFAULT_MODEL = 'models/nano';
const DEFAULT_SEED = 42;

export async function runEval(options: EvalOptions): Promise<void> {
  const { samples, temperature, seed = DEFAULT_SEED, maxTokens, threads } = options;
  const directory = resolveModelPath(options.model ?? DEFAULT_MODEL, process.cwd(), packageRoot);
  const policy = loadPolicy(directory);
  const rewards = await readRewardFiles(options.rewards ?? []);
  const skipped = new Map<string, number>();
  const problems = await problemsOf(options, skipped);
  const out =
    options.out === undefined
      ? claimNumberedFolder('runs', `eval-${folderNameOf(directory)}-seed${seed}`, '--out')
      : claimFolder(options.out, '--out');

  const setting = { samples, temperature, seed, maxTokens, threads };
  const { completions, ...evaluation } = await evaluate({ policy, problems, rewards, ...setting });
  const sink = new JsonlSink(join(out, 'completions.jsonl'));
  for (const row of completions) sink.write(row);
  sink.close();
  const record = {
    type: 'evaluation',
    model: directory,
    data: options.data ? resolve(options.data) : 'held-out problems',
    skipped: Object.fromEntries(skipped),
    ...evaluation,
    versions,
    directory: out,
  };
  writeFileSync(join(out, 'evaluation.json'), `${escapeJson(JSON.stringify(record, null, 2))}\n`);
  if (options.json) process.stdout.write(jsonLine(record));
  else {
    const color = hasColor({ stream: process.stdout, env: process.env, color: options.color });
    const { promptsTooLong, seconds } = evaluation;
    process.stdout.write(tables(evaluation, color));
    if (promptsTooLong > 0)
      process.stdout.write(`${promptsTooLong} prompts were too long and count as wrong.\n`);
    if (skipped.size > 0) process.stdout.write(`Skipped rows: ${sanitizeLine(skippedText(skipped), 1000)}\n`);
    process.stdout.write(
      `${seconds.toFixed(1)} s. Completions: ${sanitizeText(join(out, 'completions.jsonl'))}\n`,
    );
  }
}

/** Problems of the file that was named, or the count of held-out ones; bad rows that are to be skipped are counted in `skipped`. */
async function problemsOf(
  { data, problems, format, fields, onBadRow = 'fail' }: EvalOptions,
  skipped: Map<string, number>,
): Promise<readonly EvaluationItem[] | number | undefined> {
  if (data === undefined) return problems;
  return readItems(data, { count: problems, format: formatOf(format, fields, UNKNOWN), onBadRow, skipped });
}

function tables(
  { greedy, sampled, samples, temperature, seed }: Omit<Evaluation, 'completions'>,
  color: boolean,
): string {
  const parts = [renderEvaluation(greedy, 'Greedy', color)];
  const how = `${samples} completions a problem, temperature ${temperature}, seed ${seed}`;
  if (sampled) parts.push(renderEvaluation(sampled, `Sampled: ${how}`, color));
  parts.push('Brackets: 95 % interval. Quality and rubric: 0 to 1.\n');
  return parts.join('\n');
}
