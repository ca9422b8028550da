import t from 'tap';
import { complete, driveSampler } from '../../../src/sampling/complete.js';
import type { Sampler, SamplingRequest } from '../../../src/sampling/sampler.js';
import { bitsOf, createSampler, sampleAll, samplingRequest } from '../../kit/sampling.js';
import { nanoPolicy } from '../../kit/tiny-policies.js';

const POLICY = nanoPolicy(1);
const SLOTS = 4;

const sampler = (): Sampler => createSampler(POLICY, { slots: SLOTS });

/** Requests of different lengths, so that they end in another order than they begin. */
function requests(count: number): SamplingRequest[] {
  return Array.from({ length: count }, (_, i) =>
    samplingRequest({
      requestId: String(i),
      promptIndex: i,
      promptTokens: Int32Array.of(1 + (i % 5), 7),
      sampleCount: 1 + (i % 3),
      maxTokens: 12 - (i % 4) * 3,
    }),
  );
}

t.test('completions come in the order of their requests, with the bits of any other drive', async (t) => {
  const asked = requests(50);
  const expected = sampleAll(sampler(), asked);
  const progress: number[] = [];
  const found = await complete(sampler(), asked, { onProgress: (done) => progress.push(done) });
  t.same(
    found.map(({ requestId }) => requestId),
    asked.map(({ requestId }) => requestId),
  );
  t.same(
    found.map(bitsOf),
    asked.map(({ requestId }) => bitsOf(expected.get(requestId)!)),
  );
  t.same(
    progress,
    Array.from({ length: 50 }, (_, i) => i + 1),
  );
});

t.test('a sampler gets no more than it needs to be busy', async (t) => {
  const busy = sampler();
  let most = 0;
  await complete(busy, requests(100), {
    onProgress: () => {
      most = Math.max(most, busy.load);
    },
  });
  t.ok(most > SLOTS && most < SLOTS + 20, `${most} sequences at once`);
});

t.test('nothing asked, nothing sampled', async (t) => {
  const idle = sampler();
  t.same(await complete(idle, []), []);
  t.equal(idle.counters.steps, 0);
});

t.test('a signal stops between two steps, and leaves the sampler empty', async (t) => {
  const stopped = sampler();
  const controller = new AbortController();
  const work = complete(stopped, requests(50), {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('enough')),
  });
  await t.rejects(work, { message: 'enough' });
  t.equal(stopped.load, 0);
  t.ok(stopped.counters.tokens < 100, `${stopped.counters.tokens} tokens`);
  t.equal((await complete(stopped, requests(2))).length, 2, 'it can be used again');
});

t.test('a prompt without room is refused, and nothing is left behind', async (t) => {
  const small = createSampler(POLICY, { slots: SLOTS, capacity: 16 });
  const long = samplingRequest({ promptTokens: new Int32Array(16).fill(3) });
  await t.rejects(complete(small, [...requests(2), long]), { code: 'DATA' });
  t.equal(small.load, 0);
});

t.test('a source may go on asking, and may end while completions are being decoded', async (t) => {
  const driven = sampler();
  const waiting = requests(6);
  const accepted: string[] = [];
  await driveSampler(driven, {
    next: () => (accepted.length >= 3 ? null : waiting.splice(0, 1)),
    accept: ({ requestId }) => accepted.push(requestId),
  });
  t.ok(accepted.length >= 3 && accepted.length < 6, accepted.join(' '));
  t.equal(driven.load, 0);
});
