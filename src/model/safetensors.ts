/**
 * Reads and writes tensors in the safetensors format, the one in which checkpoints travel.
 *
 * Invariants:
 * - a file is validated as a whole before any tensor is allocated; every refusal is MODEL_FILE and names the file;
 * - a written file appears under its name complete and on disk, or not at all.
 *
 * Little-endian machines only, as all that run Node today are.
 */
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { DialecticError } from '../errors.js';
import { decodeBfloat16, decodeFloat16, encodeBfloat16, encodeFloat16 } from './half-float.js';
import { modelFileError } from './json-fields.js';
import {
  LENGTH_BYTES,
  parseHeader,
  parseHeaderLength,
  planHeader,
  type SafetensorsHeader,
  type TensorSlot,
} from './safetensors-header.js';

/** Numbers in float32; `dtype` is how the file holds them. */
interface FloatTensor {
  readonly dtype: 'F32' | 'F16' | 'BF16';
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export type StoredTensor =
  | FloatTensor
  | { readonly dtype: 'I32'; readonly shape: readonly number[]; readonly data: Int32Array }
  | { readonly dtype: 'I64'; readonly shape: readonly number[]; readonly data: BigInt64Array };

const CHUNK_BYTES = 16 * 1024 * 1024; // of one system call, and of the scratch space of 16-bit floats

/** Every tensor of a file, in the order of the header. Errors: MODEL_FILE. */
export function readSafetensors(path: string): Map<string, StoredTensor> {
  return withFile(path, (fd, header) => {
    const tensors = new Map<string, StoredTensor>();
    for (const [name, slot] of header.slots) tensors.set(name, readTensor(fd, slot, path));
    return tensors;
  });
}

/** Names, types, shapes and metadata of a file, without its tensors. Errors: MODEL_FILE. */
export function readSafetensorsHeader(path: string): SafetensorsHeader {
  return withFile(path, (_fd, header) => header);
}

function withFile<T>(path: string, use: (fd: number, header: SafetensorsHeader) => T): T {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (cause) {
    const expected = 'expected a safetensors file';
    throw modelFileError(path, `cannot be opened (${(cause as Error).message}); ${expected}`, cause);
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw modelFileError(path, 'is not a file; expected a safetensors file');
    const prefix = new Uint8Array(LENGTH_BYTES);
    readFully(fd, prefix.subarray(0, Math.min(LENGTH_BYTES, stat.size)), 0, path);
    const json = new Uint8Array(parseHeaderLength(prefix, stat.size, path));
    readFully(fd, json, LENGTH_BYTES, path);
    return use(fd, parseHeader(json, stat.size, path));
  } finally {
    closeSync(fd);
  }
}

function readTensor(fd: number, slot: TensorSlot, path: string): StoredTensor {
  const { dtype, shape, begin, byteLength } = slot;
  if (dtype === 'F16' || dtype === 'BF16') {
    const data = new Float32Array(byteLength / 2);
    const decode = dtype === 'F16' ? decodeFloat16 : decodeBfloat16;
    const scratch = new Uint16Array(Math.min(byteLength, CHUNK_BYTES) / 2);
    for (let done = 0; done < data.length; done += scratch.length) {
      const part = data.subarray(done, done + scratch.length);
      const halves = scratch.subarray(0, part.length);
      readFully(fd, bytesOf(halves), begin + done * 2, path);
      decode(halves, part);
    }
    return { dtype, shape, data };
  }
  const buffer = new ArrayBuffer(byteLength);
  readFully(fd, new Uint8Array(buffer), begin, path);
  if (dtype === 'I32') return { dtype, shape, data: new Int32Array(buffer) };
  if (dtype === 'I64') return { dtype, shape, data: new BigInt64Array(buffer) };
  return { dtype, shape, data: new Float32Array(buffer) };
}

function readFully(fd: number, target: Uint8Array, position: number, path: string): void {
  for (let done = 0; done < target.length; ) {
    const length = Math.min(target.length - done, CHUNK_BYTES);
    const count = readSync(fd, target, done, length, position + done);
    if (count === 0) throw modelFileError(path, 'became shorter while it was read');
    done += count;
  }
}

/**
 * Writes tensors to `path`, through a temporary file beside it. `metadata` is added to `{"format": "pt"}`, without which
 * transformers refuses a file. Errors: SHAPE where a tensor's data does not fill its shape; those of the file system.
 */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  for (const [name, { shape, data }] of tensors) {
    const size = shape.reduce((product, dim) => product * dim, 1);
    if (name !== '__metadata__' && data.length === size) continue;
    const problem = name === '__metadata__' ? 'may not have this name' : `holds ${data.length} numbers`;
    throw new DialecticError('SHAPE', `${path}: tensor ${name} ${problem}, expected [${shape}]`);
  }
  const { bytes, order } = planHeader(tensors, { format: 'pt', ...metadata });
  const temporary = `${path}.${process.pid}.tmp`;
  const fd = openSync(temporary, 'w');
  try {
    try {
      writeFully(fd, bytes);
      for (const name of order) writeTensor(fd, tensors.get(name)!);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

function writeTensor(fd: number, { dtype, data }: StoredTensor): void {
  if (dtype !== 'F16' && dtype !== 'BF16') {
    writeFully(fd, bytesOf(data));
    return;
  }
  const encode = dtype === 'F16' ? encodeFloat16 : encodeBfloat16;
  const scratch = new Uint16Array(Math.min(data.length, CHUNK_BYTES / 2));
  for (let done = 0; done < data.length; done += scratch.length) {
    const part = data.subarray(done, done + scratch.length);
    const halves = scratch.subarray(0, part.length);
    encode(part, halves);
    writeFully(fd, bytesOf(halves));
  }
}

function writeFully(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(fd, bytes, done, Math.min(bytes.length - done, CHUNK_BYTES));
  }
}

/** Makes a rename durable. Windows has no handle for a folder and does not need it. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
