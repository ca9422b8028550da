/**
 * Decodes the rows of a Parquet file, one row group in memory at a time. Runs in a process of its own (parquet-process.ts),
 * because damaged bytes can make a decoder of this format loop or fill the heap.
 *
 * Invariants:
 * - only the columns that are asked for are read and unpacked;
 * - sizes that a file states are checked before memory is taken for them: a footer, a row group or a cell above the
 *   bounds below is refused;
 * - cells become what JSON would hold: null cells are left out, 64-bit integers are numbers if that is exact, times are ISO texts.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { type Compressors, compressors, decompressZstd } from 'hyparquet-compressors';

const MAX_FOOTER_BYTES = 16 * 2 ** 20;
/** Unpacked bytes of the columns read, in one row group; its rows as objects take a few times this. */
const MAX_GROUP_BYTES = 256 * 2 ** 20;
const MAX_GROUP_ROWS = 2 ** 20;
const MAX_CELL_CHARACTERS = 4_000_000;
const TEXT = new TextDecoder();

/** A row as JSON would hold it, or its first cell that JSON cannot hold. */
type DecodedRow = { readonly row: unknown } | { readonly field: string; readonly problem: string };

/** Rows in order. Throws RefusedFile, an error of the file system, or anything that damaged bytes can make the decoder throw. */
export async function* decodeParquet(path: string, wanted: readonly string[]): AsyncGenerator<DecodedRow> {
  const handle = await open(path);
  try {
    const file = await fileBuffer(handle);
    const metadata = await parquetMetadataAsync(file, { geoparquet: false });
    const columns = presentColumns(metadata, wanted);
    for (const group of metadata.row_groups) {
      const rowCount = Number(group.num_rows);
      const bytes = group.columns
        .filter((column) => columns.includes(column.meta_data?.path_in_schema[0] ?? ''))
        .reduce((sum, column) => sum + Number(column.meta_data?.total_uncompressed_size), 0);
      const isSound = rowCount >= 0 && rowCount <= MAX_GROUP_ROWS && bytes >= 0 && bytes <= MAX_GROUP_BYTES;
      if (!isSound) throw tooLarge(`a row group of ${rowCount} rows and ${bytes} bytes`);
      const rows = await parquetReadObjects({
        file,
        metadata: { ...metadata, row_groups: [group], num_rows: group.num_rows },
        columns,
        compressors: boundedCompressors(),
        parsers: { jsonFromBytes: parseJson },
        geoparquet: false,
      });
      for (const row of rows) yield plainRow(row);
    }
  } finally {
    await handle.close();
  }
}

/** What this file says of a file, as opposed to what damaged bytes make the decoder say. */
export class RefusedFile extends Error {}

function tooLarge(what: string): RefusedFile {
  return new RefusedFile(
    `it has ${what}; expected at most ${MAX_GROUP_ROWS} rows and ${MAX_GROUP_BYTES / 2 ** 20} MiB a row group. Write it with smaller ones, or as JSON lines`,
  );
}

/** The bytes of an open file for the decoder, which must not read outside it nor ask for more than a row group may hold. */
async function fileBuffer(handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  const tail = Buffer.alloc(8);
  if (size >= 12) await handle.read(tail, 0, 8, size - 8);
  if (tail.toString('latin1', 4) !== 'PAR1') throw new RefusedFile('it does not end as a Parquet file does');
  if (tail.readUInt32LE(0) > MAX_FOOTER_BYTES) throw tooLarge(`a footer of ${tail.readUInt32LE(0)} bytes`);
  return {
    byteLength: size,
    async slice(start, end = size) {
      if (!(start >= 0 && start <= end && end <= size))
        throw new Error(`bytes ${start} to ${end} lie outside it`);
      if (end - start > MAX_GROUP_BYTES) throw tooLarge(`a column chunk of ${end - start} bytes`);
      const bytes = new Uint8Array(end - start);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      if (bytesRead < bytes.length) throw new Error('it became shorter while it was read');
      return bytes.buffer;
    },
  };
}

function presentColumns({ schema }: FileMetaData, wanted: readonly string[]): string[] {
  const names: string[] = [];
  // The schema is its tree in depth-first order; the root's children are the columns.
  for (let i = 1; i < schema.length; ) {
    names.push(schema[i]!.name);
    for (let open = 1; open > 0 && i < schema.length; i++) open += (schema[i]!.num_children ?? 0) - 1;
  }
  const present = names.filter((name) => wanted.includes(name));
  if (present.length > 0) return present;
  const listed = names.slice(0, 20).join(', ');
  throw new RefusedFile(
    `it has the columns ${listed}; expected ${wanted.join(', ')}, or a map of the fields`,
  );
}

/** The decoder's own, with a bound on what one row group unpacks to. */
function boundedCompressors(): Compressors {
  let bytes = 0;
  const known: Compressors = {
    ...compressors,
    // Without a buffer this one believes the size that the data states.
    ZSTD: (input, length) => decompressZstd(input, new Uint8Array(length)),
  };
  return Object.fromEntries(
    Object.entries(known).map(([codec, unpack]) => [
      codec,
      (input: Uint8Array, length: number) => {
        bytes += length;
        if (!(length >= 0 && bytes <= MAX_GROUP_BYTES)) throw tooLarge(`pages of ${bytes} bytes`);
        return unpack(input, length);
      },
    ]),
  );
}

/** A cell of JSON; one that is none stays text, for the schema to name. */
function parseJson(bytes: Uint8Array | undefined): unknown {
  if (bytes === undefined) return undefined;
  const text = TEXT.decode(bytes);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function plainRow(cells: Readonly<Record<string, unknown>>): DecodedRow {
  const problems: { field: string; problem: string }[] = [];
  const row = plainCell(cells, '', (field, problem) => problems.push({ field, problem }));
  return problems[0] ?? { row };
}

function plainCell(
  value: unknown,
  field: string,
  complain: (field: string, problem: string) => void,
): unknown {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') {
    if (value.length > MAX_CELL_CHARACTERS)
      complain(field, `is longer than ${MAX_CELL_CHARACTERS} characters`);
    return value;
  }
  if (typeof value === 'bigint') {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) complain(field, 'is an integer of more than 53 bits');
    return number;
  }
  if (typeof value !== 'object') return value;
  if (value instanceof Date) return Number.isNaN(Number(value)) ? undefined : value.toISOString();
  if (ArrayBuffer.isView(value)) return complain(field, 'is binary data');
  if (Array.isArray(value)) {
    return value.map((each, i) => plainCell(each, `${field}.${i}`, complain) ?? null);
  }
  const result: Record<string, unknown> = {};
  for (const [name, each] of Object.entries(value)) {
    const cell = plainCell(each, field === '' ? name : `${field}.${name}`, complain);
    if (cell !== undefined) result[name] = cell;
  }
  return result;
}
