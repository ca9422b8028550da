import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import {
  readSafetensors,
  readSafetensorsHeader,
  type StoredTensor,
  writeSafetensors,
} from '../../../src/model/safetensors.js';
import { Random } from '../../../src/random.js';
import { Checks } from '../../kit/checks.js';
import { fixture } from '../../kit/root.js';

type Tensors = Map<string, StoredTensor>;

const sample: Tensors = new Map<string, StoredTensor>([
  ['b.weight', { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-40, 3e38) }],
  ['half', { dtype: 'F16', shape: [3], data: Float32Array.of(1, -0.5, 65504) }],
  ['brain', { dtype: 'BF16', shape: [1, 2], data: Float32Array.of(3.140625, -Infinity) }],
  ['ids', { dtype: 'I32', shape: [2], data: Int32Array.of(-1, 2147483647) }],
  ['wide', { dtype: 'I64', shape: [1], data: BigInt64Array.of(-(2n ** 53n) - 1n) }],
  ['scalar', { dtype: 'F32', shape: [], data: Float32Array.of(7) }],
  ['nothing', { dtype: 'F32', shape: [0, 4], data: new Float32Array(0) }],
  ['__proto__', { dtype: 'F32', shape: [1], data: Float32Array.of(8) }],
  ['größe "quoted"\\', { dtype: 'F32', shape: [1], data: Float32Array.of(9) }],
]);

t.test('tensors of every type survive a round trip bit for bit', async (t) => {
  const path = join(t.testdir(), 'model.safetensors');
  writeSafetensors(path, sample, { note: 'a "quoted" note: with colons, {braces}' });
  const read = readSafetensors(path);
  t.strictSame(new Set(read.keys()), new Set(sample.keys()));
  for (const [name, { dtype, shape, data }] of sample) {
    t.equal(read.get(name)?.dtype, dtype, name);
    t.strictSame(read.get(name)?.shape, shape, name);
    t.strictSame([...(read.get(name)?.data ?? [])], [...data], name);
  }
  t.strictSame(readSafetensorsHeader(path).metadata, {
    format: 'pt',
    note: 'a "quoted" note: with colons, {braces}',
  });
});

t.test(
  'a written file has an aligned header, wide elements first, and no temporary file beside it',
  async (t) => {
    const folder = t.testdir();
    writeSafetensors(join(folder, 'model.safetensors'), sample);
    t.strictSame(readdirSync(folder), ['model.safetensors']);
    const bytes = readFileSync(join(folder, 'model.safetensors'));
    t.equal(bytes.readBigUInt64LE() % 8n, 0n);
    const { slots } = readSafetensorsHeader(join(folder, 'model.safetensors'));
    const order = [...slots].sort(([, a], [, b]) => a.begin - b.begin).map(([, { dtype }]) => dtype);
    t.strictSame(order.slice(0, 1), ['I64']);
    t.strictSame(order.slice(-2).sort(), ['BF16', 'F16']);
  },
);

t.test('writing what was read gives the file of the reference implementation byte for byte', async (t) => {
  const folder = t.testdir();
  const families = readdirSync(fixture('models'));
  t.ok(families.length > 3, `${families.length} families`);
  for (const family of families) {
    const original = fixture('models', family, 'model.safetensors');
    writeSafetensors(join(folder, 'copy'), readSafetensors(original));
    t.ok(readFileSync(join(folder, 'copy')).equals(readFileSync(original)), family);
  }
});

t.test('tensors in shared memory are written like any other', async (t) => {
  const path = join(t.testdir(), 'shared.safetensors');
  const data = new Float32Array(new SharedArrayBuffer(32), 8, 4);
  data.set([1, 2, 3, 4]);
  const both: Tensors = new Map<string, StoredTensor>([
    ['whole', { dtype: 'F32', shape: [4], data }],
    ['half', { dtype: 'BF16', shape: [4], data }],
  ]);
  writeSafetensors(path, both);
  for (const [, tensor] of readSafetensors(path)) t.strictSame([...tensor.data], [1, 2, 3, 4]);
});

t.test('16-bit tensors longer than one chunk are converted whole', async (t) => {
  const path = join(t.testdir(), 'long.safetensors');
  const data = Float32Array.from({ length: 9_000_000 }, (_, i) => i % 256); // 18 MB against chunks of 16 MiB
  writeSafetensors(path, new Map([['long', { dtype: 'BF16', shape: [data.length], data }]]));
  const read = readSafetensors(path).get('long')?.data as Float32Array;
  t.equal(read.length, data.length);
  t.ok(read.every((value, i) => value === data[i]));
});

t.test('data that does not fill its shape is not written', async (t) => {
  const folder = t.testdir();
  const wrong: Tensors = new Map([['w', { dtype: 'F32', shape: [2, 2], data: new Float32Array(3) }]]);
  t.throws(() => writeSafetensors(join(folder, 'x'), wrong), { code: 'SHAPE', message: /tensor w holds 3/ });
  const reserved: Tensors = new Map([
    ['__metadata__', { dtype: 'F32', shape: [0], data: new Float32Array(0) }],
  ]);
  t.throws(() => writeSafetensors(join(folder, 'x'), reserved), { code: 'SHAPE' });
  t.strictSame(readdirSync(folder), []);
});

t.test('a failed write leaves the old file and no temporary one', async (t) => {
  const folder = t.testdir({ 'model.safetensors': { occupied: 'by a folder, so the rename fails' } });
  t.throws(() => writeSafetensors(join(folder, 'model.safetensors'), sample));
  t.strictSame(readdirSync(folder), ['model.safetensors']);
});

/** A file of the given header and `dataBytes` zeros. */
function file(header: string | Buffer, dataBytes: number, length?: bigint): Buffer {
  const json = Buffer.from(header);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length ?? BigInt(json.length));
  return Buffer.concat([prefix, json, Buffer.alloc(dataBytes)]);
}

const tensor = (begin: number, end: number, shape = '[1]', dtype = 'F32') =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

const refusals: [title: string, bytes: Buffer, message: RegExp][] = [
  ['an empty file', Buffer.alloc(0), /is 0 bytes long/],
  ['a file shorter than the header length', Buffer.from('abc'), /is 3 bytes long/],
  ['a header length above the limit', file('{}', 0, 100_000_001n), /claims a header of 100000001 bytes/],
  [
    'the largest header length',
    file('{}', 0, 2n ** 64n - 1n),
    /claims a header of 18446744073709551615 bytes/,
  ],
  ['a header longer than the file', file('{}', 0, 3n), /only 2 follow; the file is truncated/],
  ['an empty header', file('', 8), /does not begin with "\{"/],
  ['a header with leading spaces', file(' {}', 0), /does not begin with "\{"/],
  ['a header that is not UTF-8', file(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 0), /not UTF-8 JSON/],
  ['a header that is not JSON', file('{"a":', 0), /not UTF-8 JSON/],
  ['a repeated tensor', file(`{"a":${tensor(0, 4)},"a":${tensor(0, 4)}}`, 4), /repeats a key/],
  [
    'a repeated key spelled with an escape',
    file(`{"a":${tensor(0, 4)},"\\u0061":${tensor(0, 4)}}`, 4),
    /repeats a key/,
  ],
  [
    'a repeated field',
    file('{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
    /repeats a key/,
  ],
  ['a tensor that is a list', file('{"a":[]}', 0), /tensor "a" is \[\]; expected an object/],
  [
    'an unknown type',
    file(`{"a":${tensor(0, 4, '[1]', 'F128')}}`, 4),
    /has dtype "F128"; expected one of F32/,
  ],
  ['a type named like a method', file(`{"a":${tensor(0, 4, '[1]', 'toString')}}`, 4), /has dtype "toString"/],
  ['a missing type', file('{"a":{"shape":[1],"data_offsets":[0,4]}}', 4), /has dtype undefined/],
  ['a negative size', file(`{"a":${tensor(0, 4, '[-1]')}}`, 4), /has shape \[-1\]/],
  ['a fractional size', file(`{"a":${tensor(0, 6, '[1.5]')}}`, 6), /has shape \[1.5\]/],
  ['a shape that is a number', file(`{"a":${tensor(0, 4, '1')}}`, 4), /has shape 1;/],
  ['a size past exact integers', file(`{"a":${tensor(0, 4, '[9007199254740993]')}}`, 4), /has shape/],
  [
    'three offsets',
    file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}', 4),
    /has data_offsets \[0,4,8\]/,
  ],
  ['offsets in reverse', file(`{"a":${tensor(4, 0)}}`, 4), /spans bytes 4 to 0/],
  [
    'offsets that differ from the shape',
    file(`{"a":${tensor(0, 8)}}`, 8),
    /spans bytes 0 to 8; F32 \[1\] takes 4/,
  ],
  // 2^32 · 2^32 elements wrap to 0 bytes in 64-bit arithmetic.
  [
    'a shape whose size overflows',
    file(`{"a":${tensor(0, 0, '[4294967296,4294967296]')}}`, 0),
    /takes 73786976294838206464/,
  ],
  ['overlapping tensors', file(`{"a":${tensor(0, 4)},"b":${tensor(0, 4)}}`, 4), /tensor "b" overlaps/],
  [
    'a hole between tensors',
    file(`{"a":${tensor(0, 4)},"b":${tensor(8, 12)}}`, 12),
    /tensor "b" leaves a hole before it: begins at 8, expected 4/,
  ],
  ['a hole before the first tensor', file(`{"a":${tensor(4, 8)}}`, 8), /tensor "a" leaves a hole/],
  [
    'a tensor beyond the end',
    file(`{"a":${tensor(0, 4)}}`, 3),
    /is \d+ bytes long; its tensors end at \d+: the file is truncated/,
  ],
  [
    'a huge tensor in a small file',
    file(`{"a":${tensor(0, 4_000_000_000_000, '[1000000000000]')}}`, 4),
    /the file is truncated/,
  ],
  ['bytes after the last tensor', file(`{"a":${tensor(0, 4)}}`, 5), /has 1 bytes after its last tensor/],
  ['bytes without any tensor', file('{}', 1), /has 1 bytes after/],
  ['metadata that is not text', file('{"__metadata__":{"a":1}}', 0), /has __metadata__ \{"a":1\}/],
  ['metadata that is a list', file('{"__metadata__":["pt"]}', 0), /has __metadata__/],
  ['deep nesting', file(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, 0), /tensor "a" is/],
];

t.test('a hostile or broken file is refused by name, before tensors are allocated', async (t) => {
  for (const [title, bytes, message] of refusals) {
    const path = join(t.testdir(), 'broken.safetensors');
    writeFileSync(path, bytes);
    t.throws(() => readSafetensors(path), { code: 'MODEL_FILE', message }, title);
    t.throws(() => readSafetensors(path), { message: /broken\.safetensors: / }, title);
  }
});

t.test('random damage to a header gives a refusal or a valid reading, never another error', async (t) => {
  const path = join(t.testdir(), 'model.safetensors');
  writeSafetensors(path, sample);
  const whole = readFileSync(path);
  const headerEnd = 8 + Number(whole.readBigUInt64LE());
  const checks = new Checks();
  for (let seed = 0; seed < 300; seed++) {
    const random = new Random(seed, 'header damage');
    const damaged = Buffer.from(whole);
    for (let i = random.integer(1, 4); i > 0; i--) {
      damaged[random.integer(0, headerEnd - 1)] = random.integer(0, 255);
    }
    writeFileSync(path, damaged);
    try {
      readSafetensors(path);
    } catch (error) {
      checks.same((error as { code?: string }).code, 'MODEL_FILE', `seed ${seed}: ${String(error)}`);
    }
  }
  checks.report(t, { moreThan: 200 });
});

t.test('a file that is not there, or is a folder, is refused', async (t) => {
  const folder = t.testdir();
  t.throws(() => readSafetensors(join(folder, 'none')), {
    code: 'MODEL_FILE',
    message: /none: cannot be opened/,
  });
  t.throws(() => readSafetensors(folder), { code: 'MODEL_FILE', message: /not a file|cannot be/ });
});

t.test('a good file cut or extended anywhere is refused', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'model.safetensors');
  writeSafetensors(path, sample);
  const whole = readFileSync(path);
  for (let length = 0; length < whole.length; length += 11) {
    writeFileSync(path, whole);
    truncateSync(path, length);
    t.throws(() => readSafetensors(path), { code: 'MODEL_FILE' }, `${length} bytes`);
  }
  writeFileSync(path, whole);
  appendFileSync(path, 'x');
  t.throws(() => readSafetensors(path), { code: 'MODEL_FILE' });
});

t.test('files without metadata or tensors are fine', async (t) => {
  const path = join(t.testdir(), 'bare.safetensors');
  writeFileSync(path, file(`{"a":${tensor(0, 4)}}   `, 4));
  t.strictSame([...readSafetensors(path).keys()], ['a']);
  t.strictSame(readSafetensorsHeader(path).metadata, {});
  writeFileSync(path, file('{}', 0));
  t.equal(readSafetensors(path).size, 0);
});
