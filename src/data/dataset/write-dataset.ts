/** Writes the dataset of a seed as JSON lines, with its statistics, checked against what the dataset promises. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DialecticError } from '../../errors.js';
import type { Example } from './example.js';
import { generateDataset } from './generate.js';
import { brokenPromises, type DatasetStatistics, statisticsOf } from './statistics.js';

/** What is in each file, by the file's name without its ending. */
type FileStatistics = Readonly<Record<'train' | 'evaluation' | 'all', DatasetStatistics>>;

/** Writes train.jsonl, evaluation.jsonl, all.jsonl and statistics.json into a folder. Errors: INTERNAL for a dataset that is not as promised. */
export function writeDataset(directory: string, seed: number, augment: boolean): FileStatistics {
  const { train, evaluation } = generateDataset(seed, { augment });
  const all = [...train, ...evaluation];
  const broken = brokenPromises(all);
  if (broken.length > 0)
    throw new DialecticError(
      'INTERNAL',
      `The dataset of seed ${seed} is not as promised: ${broken.join('; ')}.`,
    );
  const files = { train, evaluation, all };
  for (const [name, examples] of Object.entries(files))
    writeFileSync(join(directory, `${name}.jsonl`), jsonLines(examples));
  const statistics = {
    train: statisticsOf(train),
    evaluation: statisticsOf(evaluation),
    all: statisticsOf(all),
  };
  writeFileSync(
    join(directory, 'statistics.json'),
    `${JSON.stringify({ seed, augmented: augment, ...statistics }, null, 2)}\n`,
  );
  return statistics;
}

function jsonLines(examples: readonly Example[]): string {
  return examples.map((example) => `${JSON.stringify(example)}\n`).join('');
}
