/**
 * Finds and reads the weights of a checkpoint folder: one `model.safetensors`, or shards listed by an index.
 *
 * Invariants: the index and its shards name exactly the same tensors; shards are files of the folder itself.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type JsonFields, modelFileError, preview, readJsonObject } from './json-fields.js';
import { readSafetensors, type StoredTensor } from './safetensors.js';

const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';

/** All tensors of the checkpoint in `directory`, by their Hugging Face names. Errors: MODEL_FILE. */
export function readModelWeights(directory: string): Map<string, StoredTensor> {
  const single = join(directory, SINGLE);
  if (existsSync(single)) return readSafetensors(single);
  const index = join(directory, INDEX);
  if (!existsSync(index)) throw modelFileError(directory, noWeights(directory));
  return readShards(directory, readJsonObject(index, 'the index of a sharded checkpoint'));
}

function readShards(directory: string, index: JsonFields): Map<string, StoredTensor> {
  const map = index.object('weight_map');
  if (map === null) return index.refuse('weight_map', 'an object of tensor name to file name');
  const shardOf = new Map(Object.keys(map.json).map((name) => [name, shardName(map, name)]));
  const tensors = new Map<string, StoredTensor>();
  for (const shard of new Set(shardOf.values())) {
    const path = join(directory, shard);
    for (const [name, tensor] of readSafetensors(path)) {
      const listed = shardOf.get(name);
      if (listed !== shard) {
        const where = listed === undefined ? `${INDEX} does not list it` : `${INDEX} puts it in ${listed}`;
        throw modelFileError(path, `holds tensor ${preview(name)}, but ${where}`);
      }
      tensors.set(name, tensor);
    }
  }
  for (const [name, shard] of shardOf) {
    if (!tensors.has(name)) {
      throw modelFileError(
        join(directory, shard),
        `lacks tensor ${preview(name)}, which ${INDEX} puts there`,
      );
    }
  }
  return tensors;
}

/** The value of an index entry, which may not lead out of the folder. */
function shardName(map: JsonFields, tensor: string): string {
  const name = map.string(tensor);
  if (/^[\w.-]+\.safetensors$/.test(name)) return name;
  return map.refuse(tensor, 'the plain name of a .safetensors file in the same folder');
}

function noWeights(directory: string): string {
  const expected = `expected ${SINGLE} or ${INDEX}`;
  if (!existsSync(directory)) return `no such folder; ${expected} in it`;
  const unsafe = readdirSync(directory).find((name) => /\.(bin|pt|pth|pkl|npz)$/.test(name));
  if (unsafe === undefined) return `holds no weights; ${expected}`;
  return `holds ${unsafe}, which can run code when it is read; ${expected}: save the model as safetensors`;
}
