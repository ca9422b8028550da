import t from 'tap';
import { parameterLayout } from '../../../src/model/parameters.js';
import type { StoredTensor } from '../../../src/model/safetensors.js';
import {
  createWeights,
  exportWeights,
  importWeights,
  initializeWeights,
  probeHash,
} from '../../../src/model/weights.js';
import { Random } from '../../../src/random.js';
import {
  FAMILIES,
  fixtureConfig,
  fixturePolicy,
  fixtureTensors,
  maxDifference,
  nanoPolicy,
} from '../../kit/tiny-policies.js';

for (const family of FAMILIES) {
  t.test(`${family}: what is imported is exported bit for bit`, async (t) => {
    const exported = exportWeights(fixturePolicy(family).weights);
    const original = fixtureTensors(family);
    if (fixtureConfig(family).tiedEmbeddings) original.delete('lm_head.weight');
    t.strictSame([...exported.keys()].sort(), [...original.keys()].sort());
    for (const [name, { data, shape }] of original) {
      t.strictSame(exported.get(name)?.shape, shape, name);
      t.equal(maxDifference(exported.get(name)!.data as Float32Array, data as Float32Array), 0, name);
    }
  });
}

t.test('exported tensors are copies', async (t) => {
  const { weights } = fixturePolicy('llama');
  const before = weights.flat.slice();
  for (const { data } of exportWeights(weights).values()) (data as Float32Array).fill(7);
  t.equal(maxDifference(weights.flat, before), 0);
});

t.test('values are views of one shared array', async (t) => {
  const { weights } = fixturePolicy('gemma2');
  t.ok(weights.flat.buffer instanceof SharedArrayBuffer);
  weights.flat.fill(3);
  for (const { name, shape } of weights.layout.parameters) {
    t.strictSame(weights.values[name]?.shape, shape);
    t.ok(
      weights.values[name]!.data.every((x) => x === 3),
      name,
    );
  }
  const twin = createWeights(weights.layout, weights.flat.buffer as SharedArrayBuffer);
  twin.flat[5] = -1;
  t.equal(weights.flat[5], -1, 'another thread with the buffer sees the same weights');
});

t.test('an import that cannot be right names the folder and the tensor', async (t) => {
  const path = 'models/broken';
  const broken = (change: (stored: Map<string, StoredTensor>) => void) => () => {
    const weights = createWeights(parameterLayout(fixtureConfig('gemma2')));
    const stored = fixtureTensors('gemma2');
    change(stored);
    importWeights(weights, stored, path);
  };
  const up = 'model.layers.1.mlp.up_proj.weight';
  const error = (message: string) => ({ code: 'MODEL_FILE', message: `${path}: ${message}` });

  t.throws(
    broken((stored) => stored.delete(up)),
    error(`tensor ${up} is missing, expected shape [48,32]`),
  );
  t.throws(
    broken((stored) => stored.set(up, { ...stored.get(up)!, shape: [32, 48] })),
    error(`tensor ${up} has shape [32,48], expected [48,32] as config.json says`),
  );
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    t.throws(
      broken((stored) => {
        const tensor = stored.get(up)!;
        const data = tensor.data.slice() as Float32Array;
        data[100] = bad;
        stored.set(up, { dtype: 'F32', shape: tensor.shape, data });
      }),
      error(`tensor ${up} has NaN or infinity, expected finite numbers`),
    );
  }
  t.throws(
    broken((stored) => stored.set('model.layers.3.mlp.up_proj.weight', stored.get(up)!)),
    error(
      'tensor model.layers.3.mlp.up_proj.weight belongs to no parameter, expected tensors of the architecture in config.json only',
    ),
  );
  t.doesNotThrow(
    broken((stored) => {
      stored.set('lm_head.weight', stored.get('model.embed_tokens.weight')!);
      stored.set('model.layers.0.self_attn.rotary_emb.inv_freq', stored.get('model.norm.weight')!);
    }),
    'tensors that others determine are skipped',
  );
});

t.test('random weights have the stated deviations, and norms start neutral', async (t) => {
  const deviation = 0.05;
  for (const { config, weights } of [nanoPolicy(1), fixturePolicy('qwen2'), fixturePolicy('qwen3')]) {
    initializeWeights(weights, new Random(11), config.normOffset, deviation);
    for (const { name, shape, size, offset } of weights.layout.parameters) {
      const values = weights.flat.subarray(offset, offset + size);
      if (shape.length === 1) {
        const neutral = name.endsWith('Bias') ? 0 : 1 - config.normOffset;
        t.ok(
          values.every((x) => x === neutral),
          `${name} is ${neutral}`,
        );
        continue;
      }
      const writesToResidual = /\.(down|attentionOut)$/.test(name);
      const expected = writesToResidual ? deviation / Math.sqrt(2 * config.layerCount) : deviation;
      const mean = values.reduce((sum, x) => sum + x, 0) / size;
      const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (size - 1);
      // Five standard errors of the mean and of the deviation of `size` normal draws.
      t.ok(Math.abs(mean) < (5 * expected) / Math.sqrt(size), `mean of ${name}: ${mean}`);
      t.ok(
        Math.abs(Math.sqrt(variance) / expected - 1) < 5 / Math.sqrt(2 * size),
        `deviation of ${name}: ${Math.sqrt(variance)}`,
      );
    }
  }
});

t.test('random weights are a function of the seed', async (t) => {
  const [a, b, c] = [nanoPolicy(5), nanoPolicy(5), nanoPolicy(6)].map(({ weights }) => weights.flat);
  t.equal(maxDifference(a!, b!), 0);
  t.ok(maxDifference(a!, c!) > 0.01);
});

t.test('a probe hash tells weights apart that differ in one probed word', async (t) => {
  const flat = fixturePolicy('gemma2').weights.flat; // fewer words than a probe has, so that all are probed
  const before = probeHash(flat);
  t.match(before, /^[0-9a-f]{8}$/);
  t.equal(probeHash(flat.slice()), before, 'it depends on the content alone');
  const hashes = new Set([before]);
  for (let i = 0; i < 100; i++) {
    const index = (i * 7919) % flat.length;
    const word = flat[index]!;
    flat[index] = word + 1e-3;
    hashes.add(probeHash(flat));
    flat[index] = word;
  }
  t.equal(hashes.size, 101);
});

t.test('a probe of large weights notices an update that moves all of them', async (t) => {
  const flat = Float32Array.from({ length: 300_000 }, (_, i) => Math.sin(i));
  const moved = flat.map((x) => x * (1 + 1e-6));
  t.not(probeHash(moved), probeHash(flat));
});
