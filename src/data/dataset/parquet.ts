/**
 * Rows of a Parquet file, decoded in a process of its own.
 *
 * Invariants: whatever bytes the file holds, reading it ends: a decoder that loops is ended by a deadline, one that fills its
 * memory dies alone; both are errors of the file. The process ends with the reading, however that ends.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { withDeadline } from '../../clock.js';
import { type FileRow, linesOf, MAX_LINE_CHARACTERS } from './json-lines.js';
import type { DecoderLine } from './parquet-process.js';

const PROCESS = fileURLToPath(new URL('./parquet-process.js', import.meta.url));
/** Heap of the decoder: a row group at its bounds fits. */
const MAX_HEAP_MEGABYTES = 2048;
/** What the next row may take; decoding a row group at its bounds takes seconds. */
const ROW_DEADLINE_MS = 30_000;

/** Rows in order, each with its place `path: row n`, n from 1; only `columns` are read. Throws an Error that says what is wrong with the file. */
export async function* readParquet(
  path: string,
  columns: readonly string[],
  deadlineMs = ROW_DEADLINE_MS,
): AsyncGenerator<FileRow> {
  const args = [`--max-old-space-size=${MAX_HEAP_MEGABYTES}`, PROCESS, path, ...columns];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  ended.catch(() => {}); // looked at below, where it matters
  const late = (): Error => new Error(`it is damaged: its next row took longer than ${deadlineMs / 1000} s`);
  const lines = linesOf(child.stdout.setEncoding('utf8') as AsyncIterable<string>);
  try {
    for (let number = 1; ; number++) {
      const next = await withDeadline(lines.next(), deadlineMs, late);
      if (next.done) {
        const [code, signal] = (await ended) as [number | null, string | null];
        throw new Error(`it is damaged: its decoder ended with ${signal ?? code}`);
      }
      const place = `${path}: row ${number}`;
      if (next.value.length > MAX_LINE_CHARACTERS) {
        yield { place, field: '(row)', problem: `is longer than ${MAX_LINE_CHARACTERS} characters` };
        continue;
      }
      const line = JSON.parse(next.value) as DecoderLine;
      if ('done' in line) return;
      if ('error' in line) throw new Error(line.error);
      yield { place, ...line };
    }
  } finally {
    child.kill('SIGKILL');
  }
}
