/** Reads a file's rows as examples, one at a time. */
import { hashText } from '../../random.js';
import type { Example } from './example.js';
import { normalizeQuestion } from './near-duplicates.js';
import { type Checked, type ReadOptions, readRows } from './read-rows.js';
import { checkExample } from './schema.js';

/** The examples of a `.jsonl`, `.jsonl.gz` or `.parquet` file in order. Throws DATA with file, row and field. */
export function readExamples(path: string, options: ReadOptions = {}): AsyncGenerator<Example> {
  return readRows(path, options, exampleOf);
}

/** A row as an example; one without a lineage has that of its question's wording. */
export function exampleOf(row: unknown): Checked<Example> {
  const { question } = (row ?? {}) as { question?: unknown };
  const checked = checkExample(row, `question:${hashText(normalizeQuestion(String(question))).toString(16)}`);
  return 'example' in checked ? { value: checked.example } : checked;
}
