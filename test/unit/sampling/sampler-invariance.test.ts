import t from 'tap';
import { Random } from '../../../src/random.js';
import type { SamplingRequest } from '../../../src/sampling/sampler.js';
import { createOnnxRuntime } from '../../../src/tensor/onnxruntime.js';
import { bitsOf, createSampler, sampleAll, samplingRequest } from '../../kit/sampling.js';
import { fixturePolicy, nanoPolicy, type TinyPolicy } from '../../kit/tiny-policies.js';

const SEED = Number(process.env.TEST_SEED ?? 1);
const COUNT = 101;

/** Requests of all kinds; `filtered` says whether some keep only a part of the tokens. */
function drawRequests(vocabSize: number, isFiltered: boolean): SamplingRequest[] {
  const random = new Random(SEED, 'requests');
  return Array.from({ length: COUNT }, (_, promptIndex) => {
    const tokens = Array.from({ length: random.integer(1, 20) }, () => random.integer(0, vocabSize - 1));
    const [topK, topP] = random.pick(
      isFiltered
        ? ([
            [0, 1],
            [5, 1],
            [0, 0.9],
            [9, 0.7],
          ] as const)
        : ([[0, 1]] as const),
    );
    return samplingRequest({
      requestId: `r${promptIndex}`,
      promptIndex,
      promptTokens: Int32Array.from(tokens),
      sampleCount: random.integer(1, 4),
      maxTokens: random.integer(2, 24),
      temperature: random.pick([0, 0.7, 1, 1.3]),
      topK,
      topP,
    });
  });
}

const POLICIES: readonly (readonly [name: string, policy: TinyPolicy, slots: number, threads: number])[] = [
  ['gemma2', fixturePolicy('gemma2'), 64, 1],
  ['llama', fixturePolicy('llama'), 17, 1],
  ['qwen3', fixturePolicy('qwen3'), 33, 2],
  ['nano', nanoPolicy(1), 64, 2],
];

for (const [name, policy, slots, threads] of POLICIES) {
  t.test(
    `${name}, ${slots} slots, ${threads} threads: a request gives the same bits alone, among others, and in any order`,
    async (t) => {
      for (const isFiltered of [false, true]) {
        const requests = drawRequests(policy.config.vocabSize, isFiltered);
        const sampler = createSampler(policy, { slots, runtime: createOnnxRuntime({ threads }) });
        const expected = sampleAll(sampler, requests);
        t.equal(expected.size, COUNT);
        const differing = (ids: readonly SamplingRequest[], served: ReturnType<typeof sampleAll>): string[] =>
          ids
            .map(({ requestId }) => requestId)
            .filter((id) => bitsOf(served.get(id)!) !== bitsOf(expected.get(id)!));

        const random = new Random(SEED, 'orders', name);
        for (const order of [[...requests].reverse(), random.shuffle(requests)]) {
          t.strictSame(
            differing(requests, sampleAll(sampler, order)),
            [],
            `seed ${SEED}: all of them in another order`,
          );
        }
        const part = random.shuffle(requests).slice(0, 20);
        t.strictSame(differing(part, sampleAll(sampler, part)), [], `seed ${SEED}: twenty of them`);
        for (const request of part.slice(0, 8)) {
          t.strictSame(differing([request], sampleAll(sampler, [request])), [], `seed ${SEED}: one alone`);
        }
        sampler.release();
      }
    },
  );
}

t.test('unfiltered requests are not touched by filtered ones beside them', async (t) => {
  const policy = nanoPolicy(2);
  const requests = drawRequests(policy.config.vocabSize, false).slice(0, 40);
  const sampler = createSampler(policy, { slots: 64 });
  const plain = sampleAll(sampler, requests);
  const mixed = sampleAll(
    sampler,
    requests.map((request, i) => (i % 4 === 0 ? { ...request, topK: 3 } : request)),
  );
  const untouched = requests.filter((_, i) => i % 4 !== 0);
  t.ok(untouched.every(({ requestId }) => bitsOf(plain.get(requestId)!) === bitsOf(mixed.get(requestId)!)));
  t.notOk(requests.every(({ requestId }) => bitsOf(plain.get(requestId)!) === bitsOf(mixed.get(requestId)!)));
  sampler.release();
});

t.test('requests that come while others are being decoded change nothing', async (t) => {
  const policy = fixturePolicy('gemma2');
  const requests = drawRequests(policy.config.vocabSize, true);
  const sampler = createSampler(policy, { slots: 16 });
  const expected = sampleAll(sampler, requests);
  const random = new Random(SEED, 'arrivals');
  const waiting = [...requests];
  let matching = 0;
  while (waiting.length > 0 || sampler.load > 0) {
    for (let i = random.integer(0, 3); i > 0 && waiting.length > 0; i--) sampler.submit(waiting.shift()!);
    for (const completions of sampler.step()) {
      if (bitsOf(completions) === bitsOf(expected.get(completions.requestId)!)) matching++;
    }
  }
  t.equal(matching, COUNT, `seed ${SEED}`);
  sampler.release();
});

t.test('the random key alone tells equal requests apart', async (t) => {
  const sampler = createSampler(fixturePolicy('gemma2'));
  const bits = (change: Partial<SamplingRequest>): string =>
    bitsOf(sampleAll(sampler, [samplingRequest({ sampleCount: 2, maxTokens: 20, ...change })]).get('r')!);
  const first = bits({});
  t.equal(bits({}), first);
  const others = [bits({ seed: 8 }), bits({ update: 1 }), bits({ promptIndex: 1 })];
  t.equal(new Set([first, ...others]).size, 4);
  t.equal(bits({ seed: 8, temperature: 0 }), bits({ temperature: 0 }), 'greedy needs no key');
  sampler.release();
});
