/** Prompts that come again: their caches are used again, and no completion can tell. */
import t from 'tap';
import { Random } from '../../../../src/random.js';
import { bitsOf, createSampler, sampleAll, samplingRequest } from '../../../kit/sampling.js';
import { nanoPolicy } from '../../../kit/tiny-policies.js';

const SEED = Number(process.env.TEST_SEED ?? 1);
const policy = nanoPolicy(1);

t.test('a prompt that comes again is not prefilled again, and gives the same bits', async (t) => {
  const sampler = createSampler(policy);
  const request = samplingRequest({ sampleCount: 3 });
  const first = bitsOf(sampleAll(sampler, [request]).get('r')!);
  t.equal(sampler.counters.prefilledTokens, 2);
  t.equal(bitsOf(sampleAll(sampler, [request]).get('r')!), first);
  t.equal(sampler.counters.prefilledTokens, 2);
  const longer = samplingRequest({ promptTokens: Int32Array.of(2, 10, 11, 12) });
  sampleAll(sampler, [longer]);
  t.equal(sampler.counters.prefilledTokens, 5, 'another prompt is prefilled as a whole');
});

t.test('with other weights every prompt is prefilled again', async (t) => {
  const other = nanoPolicy(2);
  const sampler = createSampler(policy);
  const request = samplingRequest();
  sampleAll(sampler, [request]);
  sampler.useWeights(other.weights);
  const served = bitsOf(sampleAll(sampler, [request]).get('r')!);
  t.equal(served, bitsOf(sampleAll(createSampler(other), [request]).get('r')!));
  t.equal(sampler.counters.prefilledTokens, 4);
});

t.test('whatever was sampled before, a completion has the bits of a fresh sampler', async (t) => {
  const random = new Random(SEED, 'prefixes');
  const sampler = createSampler(policy);
  // Few prompts, each a beginning of the next, as in a tree; some stand in the same array, which the caller changes.
  const tree = Array.from({ length: 30 }, () => random.integer(2, 400));
  const shared = new Int32Array(12);
  for (let i = 0; i < 60; i++) {
    const length = random.integer(1, 30);
    const isShared = random.uniform() < 0.2;
    if (isShared) shared.set(Array.from(shared, () => random.integer(2, 400)));
    const promptTokens = isShared ? shared : Int32Array.from(tree.slice(0, length));
    const request = samplingRequest({ promptTokens, promptIndex: i, sampleCount: random.integer(1, 3) });
    const fresh = sampleAll(createSampler(policy), [request]).get('r')!;
    t.equal(bitsOf(sampleAll(sampler, [request]).get('r')!), bitsOf(fresh), `seed ${SEED}, request ${i}`);
  }
});
