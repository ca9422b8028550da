/** Checks a file of a user's as training would read it: every bad row is named, up to a bound, and counted. */
import { DialecticError } from '../../errors.js';
import type { BadRowRule } from '../../protocol/index.js';
import type { Example } from './example.js';
import type { Format } from './formats.js';
import { exampleOf } from './read-examples.js';
import { checkRows, skippedText } from './read-rows.js';
import { type DatasetStatistics, statisticsOf } from './statistics.js';

/** Bad rows that are named; the others are counted. */
const MAX_NAMED = 20;

interface CheckedFile {
  readonly statistics: DatasetStatistics;
  /** Counts of skipped rows by reason. */
  readonly skipped: ReadonlyMap<string, number>;
}

/** The statistics of a file's good rows. Errors: DATA naming the bad rows, unless they are to be skipped, and for a file without a good one. */
export async function checkFile(path: string, format: Format, onBadRow: BadRowRule): Promise<CheckedFile> {
  const examples: Example[] = [];
  const named: string[] = [];
  const skipped = new Map<string, number>();
  for await (const each of checkRows(path, format, exampleOf)) {
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
  return { statistics: statisticsOf(examples), skipped };
}
