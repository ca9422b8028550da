/**
 * Reads JSON lines one at a time, so that a file of any length needs the memory of one row.
 *
 * Invariants: every row is yielded, skipped and counted, or ends the reading with its file, line and field; blank lines
 * are not rows; a byte order mark and CRLF line ends are accepted.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { DialecticError } from '../../protocol/errors.js';
import { hashText } from '../../random.js';
import type { Example } from './example.js';
import { convert, type Format } from './formats.js';
import { normalizeQuestion } from './near-duplicates.js';
import { checkExample } from './schema.js';

/** Beyond this a line is taken for a file that is not JSON lines. */
const MAX_LINE_CHARACTERS = 4_000_000;

export interface ReadOptions {
  readonly format?: Format;
  /** What a bad row does: end the reading (DATA), or be counted in `skipped`. */
  readonly onBadRow?: 'fail' | 'skip';
  /** Counts of skipped rows by reason, "field problem"; filled while reading. */
  readonly skipped?: Map<string, number>;
}

/** The examples of a `.jsonl` or `.jsonl.gz` file in order. Throws DATA with file, line and field. */
export async function* readExamples(path: string, options: ReadOptions = {}): AsyncGenerator<Example> {
  const { format = { kind: 'own' }, onBadRow = 'fail', skipped = new Map<string, number>() } = options;
  const file = createReadStream(path);
  const source = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  // An error of the file must reach the reader of the lines, which a pipe does not do by itself.
  file.on('error', (error) => source.destroy(error));
  const lines = createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY });
  let lineNumber = 0;
  try {
    for await (const line of lines) {
      lineNumber++;
      const text = (lineNumber === 1 ? line.replace(/^\uFEFF/, '') : line).trim();
      if (text === '') continue;
      const checked = checkLine(text, format);
      if ('example' in checked) {
        yield checked.example;
        continue;
      }
      const { field, problem } = checked;
      if (onBadRow === 'fail') {
        throw new DialecticError(
          'DATA',
          `${path}:${lineNumber}: ${field} ${problem}. Mend the row, or skip bad rows.`,
        );
      }
      const reason = `${field} ${problem}`;
      skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
    }
  } catch (cause) {
    if (cause instanceof DialecticError) throw cause;
    throw new DialecticError(
      'DATA',
      `${path} could not be read after line ${lineNumber}: ${(cause as Error).message}`,
      { cause },
    );
  }
}

function checkLine(text: string, format: Format): ReturnType<typeof checkExample> {
  if (text.length > MAX_LINE_CHARACTERS)
    return { field: '(row)', problem: `is longer than ${MAX_LINE_CHARACTERS} characters` };
  let row: unknown;
  try {
    row = JSON.parse(text);
  } catch {
    return { field: '(row)', problem: 'is not JSON' };
  }
  const converted = convert(format, row);
  if (!('row' in converted)) return converted;
  const { question } = (converted.row ?? {}) as { question?: unknown };
  const fallback = `question:${hashText(normalizeQuestion(String(question))).toString(16)}`;
  return checkExample(converted.row, fallback);
}
