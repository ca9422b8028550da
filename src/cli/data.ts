/** `data`: writes the dataset of a seed as JSON lines, with its statistics; or checks a file of the user's. */
import { join, resolve } from 'node:path';
import { checkFile } from '../data/dataset/check-file.js';
import { formatOf } from '../data/dataset/formats.js';
import { skippedText } from '../data/dataset/read-rows.js';
import { statisticsTable } from '../data/dataset/statistics.js';
import { writeDataset } from '../data/dataset/write-dataset.js';
import { claimFolder } from '../observe/claim-folder.js';
import { jsonLine } from '../observe/jsonl.js';
import { sanitizeLine, sanitizeText } from '../observe/sanitize.js';
import type { DataOptions } from './arguments.js';

const DEFAULT_SEED = 42;

export async function runData(options: DataOptions): Promise<void> {
  if (options.check === undefined) write(options);
  else await check(options.check, options);
}

async function check(path: string, { format, fields, onBadRow = 'fail', json }: DataOptions): Promise<void> {
  const { statistics, skipped } = await checkFile(path, formatOf(format, fields), onBadRow);
  if (json) {
    const file = resolve(path);
    const record = { type: 'data.check', file, ...statistics, skipped: Object.fromEntries(skipped) };
    process.stdout.write(jsonLine(record));
    return;
  }
  process.stdout.write(`${statisticsTable(statistics)}\n\n`);
  const bad = [...skipped.values()].reduce((sum, count) => sum + count, 0);
  if (bad > 0) process.stdout.write(`Skipped ${bad} rows: ${sanitizeLine(skippedText(skipped), 1000)}\n`);
  process.stdout.write(`${sanitizeText(path)}: ${statistics.examples} examples are well-formed.\n`);
}

function write({ seed = DEFAULT_SEED, out, augment, json }: DataOptions): void {
  const directory = claimFolder(out ?? join('data', `seed${seed}`), '--out');
  const statistics = writeDataset(directory, seed, augment);
  if (json) {
    process.stdout.write(
      jsonLine({ type: 'data.summary', directory, seed, augmented: augment, ...statistics }),
    );
    return;
  }
  const { train, evaluation, all } = statistics;
  process.stdout.write(`${statisticsTable(all)}\n\n`);
  process.stdout.write(
    `Wrote ${sanitizeText(directory)}: train.jsonl (${train.examples}), evaluation.jsonl (${evaluation.examples}), all.jsonl, statistics.json\n`,
  );
}
