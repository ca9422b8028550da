import t from 'tap';
import { parameterLayout } from '../../../src/model/parameters.js';
import { FAMILIES, fixtureConfig, fixtureTensors, nanoPolicy } from '../../kit/tiny-policies.js';

for (const family of FAMILIES) {
  const config = fixtureConfig(family);
  const layout = parameterLayout(config);

  t.test(`${family}: the layout names every tensor that transformers saved, once`, async (t) => {
    const parts = layout.parameters.flatMap(({ parts }) => parts.map(({ name }) => name));
    const tied = config.tiedEmbeddings ? ['lm_head.weight'] : [];
    t.strictSame(
      [...parts].sort(),
      [...fixtureTensors(family).keys()].filter((name) => !tied.includes(name)).sort(),
    );
    t.equal(new Set(parts).size, parts.length);
  });

  t.test(`${family}: it counts the parameters that transformers saved`, async (t) => {
    let count = 0;
    let embeddings = 0;
    for (const [name, { data }] of fixtureTensors(family)) {
      if (name === 'lm_head.weight' && config.tiedEmbeddings) continue;
      count += data.length;
      if (name === 'lm_head.weight' || name === 'model.embed_tokens.weight') embeddings += data.length;
    }
    t.equal(layout.count, count);
    t.equal(layout.nonEmbeddingCount, count - embeddings);
  });

  t.test(`${family}: matrices come before vectors, aligned and apart`, async (t) => {
    let end = 0;
    for (const { name, shape, offset, size, parts } of layout.parameters) {
      t.ok(offset >= end && offset < end + 16, `${name} follows the one before it`);
      t.equal(offset % 16, 0, `${name} starts at 64 bytes`);
      t.equal(shape.length === 2, offset < layout.decayedSize, `${name} is on its side of the decay`);
      t.equal(
        parts.reduce((rows, part) => rows + part.rows, 0),
        shape[0],
        `${name} is filled by its parts`,
      );
      end = offset + size;
    }
    t.equal(layout.size, Math.ceil(end / 16) * 16);
  });
}

t.test('a small Gemma 2 has the parameters its sizes say', async (t) => {
  const { layout } = nanoPolicy(1).weights;
  // a layer: qkv (96+2·32)·96, output 96·96, gate and up 2·256·96, down 96·256, four norms of 96
  const perLayer = 160 * 96 + 96 * 96 + 2 * 256 * 96 + 96 * 256 + 4 * 96;
  t.equal(layout.nonEmbeddingCount, 4 * perLayer + 96);
  t.equal(layout.count, 4 * perLayer + 96 + 432 * 96);
});
