/** Prompts and completions that are continued: what was computed for them is used again, and no completion can tell. */
import t from 'tap';
import { packGroups } from '../../../src/learner/packing.js';
import { ForwardGraph } from '../../../src/learner/training-graph.js';
import { Random } from '../../../src/random.js';
import type { SamplingRequest } from '../../../src/sampling/sampler.js';
import { bitsOf, completionsOf, createSampler, sampleAll, samplingRequest } from '../../kit/sampling.js';
import { nanoPolicy, runtime } from '../../kit/tiny-policies.js';

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

t.test('with other weights nothing that was computed before is used', async (t) => {
  const other = nanoPolicy(2);
  const sampler = createSampler(policy);
  const request = samplingRequest({ keepsCaches: true });
  const { tokens } = sampleAll(sampler, [request]).get('r')!;
  sampler.useWeights(other.weights);
  const next = samplingRequest({ prefixTokens: tokens });
  const served = bitsOf(sampleAll(sampler, [next]).get('r')!);
  t.equal(served, bitsOf(sampleAll(createSampler(other), [next]).get('r')!));
  t.equal(sampler.counters.prefilledTokens, 4);
  t.equal(sampler.counters.replayedTokens, tokens.length);
});

t.test('a continuation goes on from the cache of what it continues', async (t) => {
  const sampler = createSampler(policy, { stopTokens: [] });
  const parent = samplingRequest({ sampleCount: 2, maxTokens: 8, keepsCaches: true });
  const [first, second] = completionsOf(sampleAll(sampler, [parent]).get('r')!);
  for (const prefixTokens of [first!.tokens, second!.tokens.slice(0, 5), first!.tokens.slice(0, 1)]) {
    sampleAll(sampler, [samplingRequest({ prefixTokens, sampleCount: 3 })]);
  }
  t.match(sampler.counters, { prefilledTokens: 2, replayedTokens: 0, tokens: 2 * 8 + 3 * 3 * 8 });
  sampleAll(sampler, [samplingRequest({ prefixTokens: Int32Array.of(first!.tokens[0]!, 0, 1) })]);
  t.equal(sampler.counters.replayedTokens, 1, 'what nobody decoded before is decoded');
});

t.test('greedy: a completion that is cut anywhere and continued is the whole one', async (t) => {
  const sampler = createSampler(policy, { stopTokens: [] });
  const greedy = { temperature: 0, keepsCaches: true };
  const whole = sampleAll(sampler, [samplingRequest({ ...greedy, maxTokens: 20 })]).get('r')!.tokens;
  for (const cut of [1, 7, 19]) {
    const request = samplingRequest({ ...greedy, prefixTokens: whole.slice(0, cut), maxTokens: 20 - cut });
    for (const each of [sampler, createSampler(policy, { stopTokens: [] })])
      t.strictSame(sampleAll(each, [request]).get('r')!.tokens, whole.slice(cut));
  }
});

t.test('log-probabilities of continuations are the learner’s', async (t) => {
  const sampler = createSampler(policy, { stopTokens: [] });
  const parent = sampleAll(sampler, [samplingRequest({ maxTokens: 20, keepsCaches: true })]).get('r')!;
  const prefixTokens = parent.tokens.slice(0, 9);
  const child = sampleAll(sampler, [samplingRequest({ prefixTokens, stream: 1, maxTokens: 20 })]).get('r')!;
  const { config, weights } = policy;
  const options = { config, chunks: 1, temperature: 1, positionCount: config.maxPositions };
  const learner = new ForwardGraph(runtime, weights, options);
  const { promptTokens } = samplingRequest();
  const completions = [Int32Array.from([...prefixTokens, ...child.tokens])];
  const [batch] = packGroups([{ promptTokens, completions }], Number.POSITIVE_INFINITY);
  const { logProbs } = learner.run(batch!);
  learner.release();
  const { firstPrediction } = batch!.completions[0]!;
  const differences = Array.from(child.logProbs, (logProb, i) =>
    Math.abs(logProb - logProbs[firstPrediction + prefixTokens.length + i]!),
  );
  t.equal(differences.length, 20);
  t.ok(Math.max(...differences) < 2e-5, `largest difference ${Math.max(...differences)}`);
});

t.test(
  'whatever was sampled, kept or lost before, a completion has the bits of a fresh sampler',
  async (t) => {
    const random = new Random(SEED, 'prefixes');
    const samplers = [0, 200_000, undefined].map((maxKeptBytes) =>
      createSampler(policy, maxKeptBytes === undefined ? {} : { maxKeptBytes }),
    );
    // Few prompts, each a beginning of the next; some stand in the same array, which the caller changes.
    const text = Array.from({ length: 30 }, () => random.integer(2, 400));
    const shared = new Int32Array(12);
    const sampled: SamplingRequest[] = [];
    for (let i = 0; i < 60; i++) {
      const parent = random.uniform() < 0.6 ? random.pick([...sampled, undefined]) : undefined;
      const isShared = !parent && random.uniform() < 0.2;
      if (isShared) shared.set(Array.from(shared, () => random.integer(2, 400)));
      const own = isShared ? shared : Int32Array.from(text.slice(0, random.integer(1, 20)));
      const request = samplingRequest({
        promptTokens: parent?.promptTokens ?? own,
        prefixTokens: parent?.prefixTokens ?? new Int32Array(0),
        promptIndex: i,
        sampleCount: random.integer(1, 3),
        keepsCaches: random.uniform() < 0.7,
      });
      const fresh = sampleAll(createSampler(policy), [request]).get('r')!;
      for (const sampler of samplers)
        t.equal(bitsOf(sampleAll(sampler, [request]).get('r')!), bitsOf(fresh), `seed ${SEED}, request ${i}`);
      if (isShared) continue;
      const { tokens } = random.pick(completionsOf(fresh));
      const prefixTokens = [...request.prefixTokens!, ...tokens.slice(0, random.integer(1, tokens.length))];
      if (prefixTokens.length < 20) sampled.push({ ...request, prefixTokens: Int32Array.from(prefixTokens) });
    }
    const [none, little, all] = samplers.map(({ counters }) => counters.replayedTokens);
    t.ok(none! > little! && little! > all!, `seed ${SEED}: decoded again ${none}, ${little}, ${all}`);
  },
);

t.test('a prompt and prefix that leave no room are refused', async (t) => {
  const sampler = createSampler(policy, { capacity: 16 });
  const request = samplingRequest({ prefixTokens: new Int32Array(13) });
  t.throws(() => sampler.submit(request), {
    code: 'DATA',
    message: 'prompt of request r has 3 tokens, expected 1 to 2, before a prefix of 13',
  });
});
