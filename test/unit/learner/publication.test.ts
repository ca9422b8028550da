import t from 'tap';
import { Publication } from '../../../src/learner/publication.js';
import { createWeights, probeHash } from '../../../src/model/weights.js';
import { fixturePolicy, maxDifference } from '../../kit/tiny-policies.js';

t.test(
  'versions count from 1, take turns in two buffers, and are announced with what is in them',
  async (t) => {
    const { weights } = fixturePolicy('gemma2');
    const buffers = [createWeights(weights.layout), createWeights(weights.layout)] as const;
    const publication = new Publication(weights, buffers);
    t.equal(publication.version, 0);
    let before = new Float32Array(weights.flat.length);
    for (let version = 1; version <= 5; version++) {
      const announced = publication.publish();
      t.strictSame(announced, {
        kind: 'policy.published',
        version,
        slot: version % 2,
        probeHash: probeHash(weights.flat),
      });
      t.equal(publication.version, version);
      t.equal(maxDifference(buffers[announced.slot].flat, weights.flat), 0);
      t.equal(probeHash(buffers[announced.slot].flat), announced.probeHash, 'what a sampler finds there');
      const other = buffers[announced.slot === 0 ? 1 : 0].flat;
      t.equal(maxDifference(other, before), 0, 'the version before is untouched');
      before = weights.flat.slice();
      weights.flat[version * 1000]! += 1e-3;
      t.not(
        probeHash(buffers[announced.slot].flat),
        probeHash(weights.flat),
        'learning goes on apart from it',
      );
    }
  },
);
