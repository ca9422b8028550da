/**
 * `data`: writes the dataset of a seed as JSON lines, with its statistics checked against what was written; or checks a
 * file of the user's.
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Example } from '../data/dataset/example.js';
import { formatOf } from '../data/dataset/formats.js';
import { generateDataset } from '../data/dataset/generate.js';
import { exampleOf } from '../data/dataset/read-examples.js';
import { checkRows, skippedText } from '../data/dataset/read-rows.js';
import { brokenPromises, statisticsOf, statisticsTable } from '../data/dataset/statistics.js';
import { DialecticError } from '../errors.js';
import { claimFolder } from '../observe/claim-folder.js';
import { jsonLine } from '../observe/jsonl.js';
import { sanitizeLine, sanitizeText } from '../observe/sanitize.js';
import type { DataOptions } from './arguments.js';

const DEFAULT_SEED = 42;

/** Bad rows that are named; the others are counted. */
const MAX_NAMED = 20;

export async function runData(options: DataOptions): Promise<void> {
  if (options.check === undefined) writeDataset(options);
  else await checkFile(options.check, options);
}

/** Prints a file's statistics. Throws DATA naming the bad rows, unless they are to be skipped, and for a file without a good one. */
async function checkFile(path: string, options: DataOptions): Promise<void> {
  const { format, fields, onBadRow = 'fail', json } = options;
  const examples: Example[] = [];
  const named: string[] = [];
  const skipped = new Map<string, number>();
  for await (const each of checkRows(path, formatOf(format, fields), exampleOf)) {
    if ('value' in each) {
      examples.push(each.value);
      continue;
    }
    const reason = `${each.field} ${each.problem}`;
    skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
    if (named.length < MAX_NAMED) named.push(`${each.place}: ${reason}`);
  }
  const bad = [...skipped.values()].reduce((sum, count) => sum + count, 0);
  if (bad > 0 && (onBadRow === 'fail' || examples.length === 0)) {
    const more = bad > named.length ? `\nand ${bad - named.length} more: ${skippedText(skipped)}` : '';
    const rows = `${bad} of ${bad + examples.length} rows are bad`;
    throw new DialecticError('DATA', `${path}: ${rows}.\n${named.join('\n')}${more}`);
  }
  if (examples.length === 0) throw new DialecticError('DATA', `${path} has no rows.`);
  const statistics = statisticsOf(examples);
  if (json) {
    const record = {
      type: 'data.check',
      file: resolve(path),
      ...statistics,
      skipped: Object.fromEntries(skipped),
    };
    process.stdout.write(jsonLine(record));
    return;
  }
  process.stdout.write(`${statisticsTable(statistics)}\n\n`);
  if (bad > 0) process.stdout.write(`Skipped ${bad} rows: ${sanitizeLine(skippedText(skipped), 1000)}\n`);
  process.stdout.write(`${sanitizeText(path)}: ${examples.length} examples are well-formed.\n`);
}

function writeDataset(options: DataOptions): void {
  const seed = options.seed ?? DEFAULT_SEED;
  const directory = claimFolder(options.out ?? join('data', `seed${seed}`), '--out');
  const { train, evaluation } = generateDataset(seed, { augment: options.augment });
  const all = [...train, ...evaluation];
  const broken = brokenPromises(all);
  if (broken.length > 0)
    throw new DialecticError(
      'INTERNAL',
      `The dataset of seed ${seed} is not as promised: ${broken.join('; ')}.`,
    );

  const files = { train, evaluation, all };
  const statistics = Object.fromEntries(
    Object.entries(files).map(([name, examples]) => [name, statisticsOf(examples)]),
  );
  for (const [name, examples] of Object.entries(files))
    writeFileSync(join(directory, `${name}.jsonl`), jsonLines(examples));
  writeFileSync(
    join(directory, 'statistics.json'),
    `${JSON.stringify({ seed, augmented: options.augment, ...statistics }, null, 2)}\n`,
  );

  if (options.json) {
    process.stdout.write(
      jsonLine({ type: 'data.summary', directory, seed, augmented: options.augment, ...statistics }),
    );
    return;
  }
  process.stdout.write(`${statisticsTable(statisticsOf(all))}\n\n`);
  process.stdout.write(
    `Wrote ${sanitizeText(directory)}: train.jsonl (${train.length}), evaluation.jsonl (${evaluation.length}), all.jsonl, statistics.json\n`,
  );
}

function jsonLines(examples: readonly Example[]): string {
  return examples.map((example) => `${JSON.stringify(example)}\n`).join('');
}
