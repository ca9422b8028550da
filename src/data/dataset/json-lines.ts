/**
 * Rows of a JSON lines file, plain or gzip.
 *
 * Invariants: memory is one row's, whatever the file holds (a packed one too); only a line feed ends a row, since other line
 * separators may stand inside JSON texts; blank lines are not rows; a byte order mark and CRLF line ends are accepted.
 */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

/** What is wrong with a row, and where: `place` is file and line, or file and row number. */
export interface BadRow {
  readonly place: string;
  readonly field: string;
  readonly problem: string;
}

/** A row as the file has it. */
export type FileRow = { readonly place: string; readonly row: unknown } | BadRow;

/** Beyond this a line is taken for a file that is not JSON lines. */
export const MAX_LINE_CHARACTERS = 4_000_000;

/** Rows in order, each with its place `path:line`. Throws what the file system or the unpacking throws. */
export async function* readJsonLines(path: string): AsyncGenerator<FileRow> {
  const file = createReadStream(path);
  const source = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  // An error of the file must reach the reader of the lines, which a pipe does not do by itself.
  file.on('error', (error) => source.destroy(error));
  let lineNumber = 0;
  for await (const line of linesOf(source.setEncoding('utf8') as AsyncIterable<string>)) {
    lineNumber++;
    const text = (lineNumber === 1 ? line.replace(/^\uFEFF/, '') : line).trim();
    if (text !== '') yield parseLine(text, `${path}:${lineNumber}`);
  }
}

/** Lines of text that comes in chunks; one that is too long is cut off somewhere behind the limit. */
export async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let open = '';
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', start)) {
      yield open + chunk.slice(start, end);
      open = '';
      start = end + 1;
    }
    if (open.length <= MAX_LINE_CHARACTERS) open += chunk.slice(start);
  }
  if (open !== '') yield open;
}

function parseLine(text: string, place: string): FileRow {
  const bad = (problem: string): FileRow => ({ place, field: '(row)', problem });
  if (text.length > MAX_LINE_CHARACTERS) return bad(`is longer than ${MAX_LINE_CHARACTERS} characters`);
  try {
    return { place, row: JSON.parse(text) as unknown };
  } catch {
    return bad('is not JSON');
  }
}
