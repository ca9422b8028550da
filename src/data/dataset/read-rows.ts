/**
 * The one way in for rows of users' files: whatever the file's kind, each row is converted and checked, and a bad one is named.
 *
 * Invariants: every row is yielded, skipped and counted, or ends the reading with its file, row and field.
 */
import { DialecticError } from '../../errors.js';
import type { BadRowRule } from '../../protocol/index.js';
import { columnsOf, convert, type Format } from './formats.js';
import { type BadRow, readJsonLines } from './json-lines.js';
import { readParquet } from './parquet.js';

/** What a checker says of one row. */
export type Checked<T> = { readonly value: T } | { readonly field: string; readonly problem: string };

export interface ReadOptions {
  readonly format?: Format;
  /** What a bad row does: end the reading (DATA), or be counted in `skipped`. */
  readonly onBadRow?: BadRowRule;
  /** Counts of skipped rows by reason, "field problem"; filled while reading. */
  readonly skipped?: Map<string, number>;
}

/** Every row of a `.parquet`, `.jsonl` or `.jsonl.gz` file, checked, in order. Throws DATA where the file itself cannot be read. */
export async function* checkRows<T>(
  path: string,
  format: Format,
  check: (row: unknown, place: string) => Checked<T>,
): AsyncGenerator<{ readonly value: T } | BadRow> {
  const rows = path.endsWith('.parquet') ? readParquet(path, columnsOf(format)) : readJsonLines(path);
  let last = '';
  try {
    for await (const each of rows) {
      last = each.place;
      if (!('row' in each)) {
        yield each;
        continue;
      }
      const converted = convert(format, each.row);
      const checked = 'row' in converted ? check(converted.row, each.place) : converted;
      yield 'value' in checked ? checked : { place: each.place, ...checked };
    }
  } catch (cause) {
    if (cause instanceof DialecticError) throw cause;
    const after = last === '' ? '' : ` after ${last}`;
    throw new DialecticError('DATA', `${path} could not be read${after}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** The good rows; what a bad one does is the options' to say. Throws DATA. */
export async function* readRows<T>(
  path: string,
  { format = { kind: 'own' }, onBadRow = 'fail', skipped }: ReadOptions,
  check: (row: unknown, place: string) => Checked<T>,
): AsyncGenerator<T> {
  for await (const each of checkRows(path, format, check)) {
    if ('value' in each) {
      yield each.value;
      continue;
    }
    const { place, field, problem } = each;
    if (onBadRow === 'fail')
      throw new DialecticError('DATA', `${place}: ${field} ${problem}. Mend the row, or skip bad rows.`);
    const reason = `${field} ${problem}`;
    skipped?.set(reason, (skipped.get(reason) ?? 0) + 1);
  }
}

/** `2 x answer is empty, 1 x (row) is not JSON`; empty when nothing was skipped. */
export function skippedText(skipped: ReadonlyMap<string, number>): string {
  return [...skipped].map(([reason, count]) => `${count} x ${reason}`).join(', ');
}
