/**
 * The header of a safetensors file: parsed as if written by an enemy, and written as the reference implementation does.
 *
 * The format: 8 bytes of little-endian header length N, N bytes of JSON, then the tensors' bytes.
 *
 * Invariants:
 * - a header that passes describes tensors which fill the rest of the file exactly: no hole, no overlap, no remainder;
 * - nothing is allocated from a size that the file claims before the size is checked against the file.
 */
import { isJsonObject, modelFileError, preview } from './json-fields.js';

const BYTES_BY_DTYPE = { F32: 4, F16: 2, BF16: 2, I32: 4, I64: 8 } as const;

/** Element types that this project reads and writes. */
type Dtype = keyof typeof BYTES_BY_DTYPE;

export interface TensorSlot {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** First byte in the file. */
  readonly begin: number;
  readonly byteLength: number;
}

export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  readonly slots: ReadonlyMap<string, TensorSlot>;
}

const MAX_HEADER_BYTES = 100_000_000;
export const LENGTH_BYTES = 8;

/** Reads the header length from a file's first 8 bytes and checks it against the file's size. */
export function parseHeaderLength(prefix: Uint8Array, fileBytes: number, path: string): number {
  if (fileBytes < LENGTH_BYTES) {
    throw modelFileError(
      path,
      `is ${fileBytes} bytes long; expected a safetensors file, which has at least 8`,
    );
  }
  const length = new DataView(prefix.buffer, prefix.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    const limit = `expected at most ${MAX_HEADER_BYTES}; this is not a safetensors file`;
    throw modelFileError(path, `claims a header of ${length} bytes; ${limit}`);
  }
  if (Number(length) > fileBytes - LENGTH_BYTES) {
    const rest = `only ${fileBytes - LENGTH_BYTES} follow; the file is truncated, fetch it again`;
    throw modelFileError(path, `claims a header of ${length} bytes, ${rest}`);
  }
  return Number(length);
}

/** Parses and validates the JSON of a header. */
export function parseHeader(bytes: Uint8Array, fileBytes: number, path: string): SafetensorsHeader {
  const json = parseHeaderJson(bytes, path);
  const dataBegin = LENGTH_BYTES + bytes.length;
  const slots = new Map<string, TensorSlot>();
  for (const [name, value] of Object.entries(json)) {
    if (name !== '__metadata__') slots.set(name, parseSlot(name, value, dataBegin, path));
  }
  checkContiguous(slots, dataBegin, fileBytes, path);
  const metadata = Object.hasOwn(json, '__metadata__') ? parseMetadata(json.__metadata__, path) : {};
  return { metadata, slots };
}

function parseHeaderJson(bytes: Uint8Array, path: string): Record<string, unknown> {
  if (bytes[0] !== 0x7b) throw modelFileError(path, 'has a header that does not begin with "{"');
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    json = JSON.parse(text);
  } catch (cause) {
    throw modelFileError(path, `has a header that is not UTF-8 JSON (${(cause as Error).message})`, cause);
  }
  if (!isJsonObject(json)) throw modelFileError(path, 'has a header that is not a JSON object');
  // JSON.parse keeps the last of equal keys; another reader may keep the first and see other tensors.
  if (countKeysInText(text) !== countKeys(json)) {
    throw modelFileError(path, 'has a header that repeats a key; expected every tensor once');
  }
  return json;
}

function parseSlot(name: string, value: unknown, dataBegin: number, path: string): TensorSlot {
  const where = `tensor ${preview(name)}`;
  if (!isJsonObject(value)) throw modelFileError(path, `${where} is ${preview(value)}; expected an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !Object.hasOwn(BYTES_BY_DTYPE, dtype)) {
    const known = Object.keys(BYTES_BY_DTYPE).join(', ');
    throw modelFileError(path, `${where} has dtype ${preview(dtype)}; expected one of ${known}`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    throw modelFileError(
      path,
      `${where} has shape ${preview(shape)}; expected a list of integers of at least 0`,
    );
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    const expected = 'expected [begin, end] in bytes';
    throw modelFileError(path, `${where} has data_offsets ${preview(offsets)}; ${expected}`);
  }
  const [begin, end] = offsets as [number, number];
  // BigInt: a product of sizes may pass 2^53, where numbers would round.
  const elements = shape.reduce((product, dim) => product * BigInt(dim), 1n);
  const bytesNeeded = elements * BigInt(BYTES_BY_DTYPE[dtype as Dtype]);
  if (BigInt(end) - BigInt(begin) !== bytesNeeded) {
    const expected = `${dtype} [${shape.join(', ')}] takes ${bytesNeeded}`;
    throw modelFileError(path, `${where} spans bytes ${begin} to ${end}; ${expected}`);
  }
  return { dtype: dtype as Dtype, shape, begin: dataBegin + begin, byteLength: end - begin };
}

function checkContiguous(
  slots: ReadonlyMap<string, TensorSlot>,
  dataBegin: number,
  fileBytes: number,
  path: string,
): void {
  const ordered = [...slots].sort(([, a], [, b]) => a.begin - b.begin || a.byteLength - b.byteLength);
  let position = dataBegin;
  for (const [name, { begin, byteLength }] of ordered) {
    if (begin !== position) {
      const kind = begin < position ? 'overlaps the tensor before it' : 'leaves a hole before it';
      const offsets = `begins at ${begin - dataBegin}, expected ${position - dataBegin}`;
      throw modelFileError(path, `tensor ${preview(name)} ${kind}: ${offsets}`);
    }
    position = begin + byteLength;
  }
  if (position > fileBytes) {
    const advice = 'the file is truncated, fetch it again';
    throw modelFileError(path, `is ${fileBytes} bytes long; its tensors end at ${position}: ${advice}`);
  }
  if (position < fileBytes) {
    throw modelFileError(path, `has ${fileBytes - position} bytes after its last tensor; expected none`);
  }
}

function parseMetadata(value: unknown, path: string): Record<string, string> {
  if (!isJsonObject(value) || !Object.values(value).every((each) => typeof each === 'string')) {
    throw modelFileError(path, `has __metadata__ ${preview(value)}; expected an object of strings`);
  }
  return value as Record<string, string>;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Keys written in valid JSON: strings followed by a colon. */
function countKeysInText(text: string): number {
  const strings = text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"\s*:?/g);
  let count = 0;
  for (const [match] of strings) if (match.endsWith(':')) count++;
  return count;
}

/** Keys of a parsed value, at every depth; without recursion, which deep nesting would exhaust. */
function countKeys(json: unknown): number {
  let count = 0;
  const pending: unknown[] = [json];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (!Array.isArray(value)) count += Object.keys(value).length;
    for (const each of Object.values(value)) pending.push(each);
  }
  return count;
}

interface PlannedHeader {
  /** Length, JSON and padding: everything before the data. */
  readonly bytes: Uint8Array;
  /** Names in the order of their data. */
  readonly order: readonly string[];
}

/** Lays tensors out as the reference writer does: wider elements first, then by name; the data begins at a multiple of 8. */
export function planHeader(
  tensors: ReadonlyMap<string, { readonly dtype: Dtype; readonly shape: readonly number[] }>,
  metadata: Readonly<Record<string, string>>,
): PlannedHeader {
  const sorted = [...tensors].sort(
    ([nameA, a], [nameB, b]) =>
      BYTES_BY_DTYPE[b.dtype] - BYTES_BY_DTYPE[a.dtype] || (nameA < nameB ? -1 : nameA > nameB ? 1 : 0),
  );
  const entries: [string, unknown][] = [['__metadata__', metadata]];
  let begin = 0;
  for (const [name, { dtype, shape }] of sorted) {
    const end = begin + shape.reduce((product, dim) => product * dim, BYTES_BY_DTYPE[dtype]);
    entries.push([name, { dtype, shape, data_offsets: [begin, end] }]);
    begin = end;
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = Buffer.alloc(LENGTH_BYTES + length, ' ');
  bytes.writeBigUInt64LE(BigInt(length));
  json.copy(bytes, LENGTH_BYTES);
  return { bytes, order: sorted.map(([name]) => name) };
}
