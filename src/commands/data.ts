/** `data`: writes the dataset of a seed as JSON lines, with its statistics checked against what was written. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DataOptions } from '../cli/arguments.js';
import type { Example } from '../data/dataset/example.js';
import { generateDataset } from '../data/dataset/generate.js';
import { brokenPromises, statisticsOf, statisticsTable } from '../data/dataset/statistics.js';
import { DialecticError } from '../protocol/errors.js';

const DEFAULT_SEED = 42;

export function runData(options: DataOptions): void {
  const seed = options.seed ?? DEFAULT_SEED;
  const directory = resolve(options.out ?? join('data', `seed${seed}`));
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    throw new DialecticError(
      'CONFIG',
      `--out ${directory} is not empty; name a folder that is new or empty.`,
    );
  }
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
  mkdirSync(directory, { recursive: true });
  for (const [name, examples] of Object.entries(files))
    writeFileSync(join(directory, `${name}.jsonl`), jsonLines(examples));
  writeFileSync(
    join(directory, 'statistics.json'),
    `${JSON.stringify({ seed, augmented: options.augment, ...statistics }, null, 2)}\n`,
  );

  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ type: 'data.summary', directory, seed, augmented: options.augment, ...statistics })}\n`,
    );
    return;
  }
  process.stdout.write(`${statisticsTable(statisticsOf(all))}\n\n`);
  process.stdout.write(
    `Wrote ${directory}: train.jsonl (${train.length}), evaluation.jsonl (${evaluation.length}), all.jsonl, statistics.json\n`,
  );
}

function jsonLines(examples: readonly Example[]): string {
  return examples.map((example) => `${JSON.stringify(example)}\n`).join('');
}
