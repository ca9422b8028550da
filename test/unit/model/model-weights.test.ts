import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readModelWeights } from '../../../src/model/model-weights.js';
import { readSafetensors, type StoredTensor, writeSafetensors } from '../../../src/model/safetensors.js';
import { fixture } from '../../kit/root.js';

function stored(...values: number[]): StoredTensor {
  return { dtype: 'F32', shape: [values.length], data: Float32Array.from(values) };
}

/** A checkpoint in two shards: a and b, then c. */
function sharded(folder: string, weightMap: unknown): string {
  writeSafetensors(
    join(folder, 'model-00001-of-00002.safetensors'),
    new Map([
      ['a', stored(1)],
      ['b', stored(2)],
    ]),
  );
  writeSafetensors(join(folder, 'model-00002-of-00002.safetensors'), new Map([['c', stored(3, 4)]]));
  writeFileSync(
    join(folder, 'model.safetensors.index.json'),
    JSON.stringify({ metadata: {}, weight_map: weightMap }),
  );
  return folder;
}

const [first, second] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
const honest = { a: first, b: first, c: second };

t.test('a checkpoint of one file is that file', async (t) => {
  const read = readModelWeights(fixture('models', 'gemma2'));
  t.strictSame(read, readSafetensors(fixture('models', 'gemma2', 'model.safetensors')));
  t.strictSame(read.get('model.embed_tokens.weight')?.shape, [64, 32]);
});

t.test('shards are joined', async (t) => {
  const read = readModelWeights(sharded(t.testdir(), honest));
  t.strictSame(
    [...read].map(([name, { data }]) => [name, ...data]),
    [
      ['a', 1],
      ['b', 2],
      ['c', 3, 4],
    ],
  );
});

t.test('an index and shards that disagree are refused', async (t) => {
  const cases: [unknown, RegExp][] = [
    [{ ...honest, d: second }, /00002.safetensors: lacks tensor "d"/],
    [{ a: first, c: second }, /holds tensor "b", but model.safetensors.index.json does not list it/],
    [{ ...honest, b: second }, /holds tensor "b", but model.safetensors.index.json puts it in model-00002/],
    [{ ...honest, c: '../model.safetensors' }, /"weight_map.c" to be the plain name/],
    [{ ...honest, c: '/etc/passwd' }, /"weight_map.c"/],
    [{ ...honest, c: 5 }, /"weight_map.c" to be a string/],
    [null, /"weight_map" to be an object/],
    [[first], /"weight_map" to be an object/],
  ];
  for (const [map, message] of cases) {
    t.throws(
      () => readModelWeights(sharded(t.testdir(), map)),
      { code: 'MODEL_FILE', message },
      JSON.stringify(map),
    );
  }
});

t.test('a missing shard is named', async (t) => {
  const folder = sharded(t.testdir(), honest);
  rmSync(join(folder, second));
  t.throws(() => readModelWeights(folder), {
    code: 'MODEL_FILE',
    message: /model-00002-of-00002.safetensors: cannot be/,
  });
});

t.test('a folder without safetensors says what is expected, and why pickles are not read', async (t) => {
  const folder = t.testdir();
  t.throws(() => readModelWeights(folder), { message: /holds no weights; expected model.safetensors or/ });
  t.throws(() => readModelWeights(join(folder, 'none')), {
    code: 'MODEL_FILE',
    message: /none: no such folder/,
  });
  writeFileSync(join(folder, 'pytorch_model.bin'), '');
  t.throws(() => readModelWeights(folder), { message: /holds pytorch_model.bin, which can run code/ });
});

t.test('an index that is not JSON is named', async (t) => {
  const folder = t.testdir({ 'model.safetensors.index.json': '{' });
  t.throws(() => readModelWeights(folder), { code: 'MODEL_FILE', message: /index.json: is not JSON/ });
});
