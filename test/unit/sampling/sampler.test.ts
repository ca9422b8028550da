import t from 'tap';
import { packGroups } from '../../../src/learner/packing.js';
import { ForwardGraph } from '../../../src/learner/training-graph.js';
import { Random } from '../../../src/random.js';
import type { SamplingRequest } from '../../../src/sampling/sampler.js';
import { bitsOf, completionsOf, createSampler, sampleAll, samplingRequest } from '../../kit/sampling.js';
import { fixturePolicy, reference, runtime, type TinyPolicy } from '../../kit/tiny-policies.js';

const SEED = Number(process.env.TEST_SEED ?? 1);
const gemma = fixturePolicy('gemma2');

/** The requests of several prompts, with prompts drawn from the seed. */
function requestsOf(count: number, change: (index: number) => Partial<SamplingRequest>): SamplingRequest[] {
  const random = new Random(SEED, 'prompts');
  return Array.from({ length: count }, (_, promptIndex) =>
    samplingRequest({
      requestId: `r${promptIndex}`,
      promptIndex,
      promptTokens: Int32Array.from({ length: random.integer(1, 12) }, () => random.integer(2, 63)),
      ...change(promptIndex),
    }),
  );
}

/** Differences between the sampler's log-probabilities and those of the learner, less the support's mass. */
function mismatches(policy: TinyPolicy, requests: readonly SamplingRequest[]): number[] {
  const { config, weights } = policy;
  const sampler = createSampler(policy);
  const served = sampleAll(sampler, requests);
  sampler.release();
  const temperature = requests[0]!.temperature;
  const options = { config, chunks: 1, temperature, positionCount: config.maxPositions };
  const learner = new ForwardGraph(runtime, weights, options);
  const completions = requests.map(({ requestId }) => completionsOf(served.get(requestId)!));
  const [batch] = packGroups(
    requests.map(({ promptTokens }, group) => ({
      promptTokens,
      completions: completions[group]!.map(({ tokens }) => tokens),
    })),
    Number.POSITIVE_INFINITY,
  );
  const { logProbs } = learner.run(batch!);
  learner.release();
  return batch!.completions.flatMap(({ group, completion, firstPrediction, length }) => {
    const sampled = completions[group]![completion]!;
    return Array.from({ length }, (_, i) =>
      Math.abs(logProbs[firstPrediction + i]! - sampled.supportLogMass[i]! - sampled.logProbs[i]!),
    );
  });
}

for (const family of ['gemma2', 'qwen2', 'llama'] as const) {
  t.test(`${family}: a completion's log-probabilities are the learner's`, async (t) => {
    const policy = fixturePolicy(family);
    for (const temperature of [1, 0.7]) {
      for (const [topK, topP] of [
        [0, 1],
        [10, 1],
        [0, 0.8],
        [20, 0.6],
      ] as const) {
        const requests = requestsOf(6, () => ({ sampleCount: 4, maxTokens: 24, temperature, topK, topP }));
        const differences = mismatches(policy, requests);
        const mean = differences.reduce((sum, x) => sum + x, 0) / differences.length;
        const title = `temperature ${temperature}, top-k ${topK}, top-p ${topP}: mean ${mean}, largest ${Math.max(...differences)}`;
        t.ok(differences.length > 100 && mean < 1e-6 && Math.max(...differences) < 2e-5, title);
      }
    }
  });
}

t.test('first tokens have the frequencies of transformers’ softmax', async (t) => {
  const { sequences, logits } = reference('gemma2');
  const promptTokens = sequences[1]!;
  const sampleCount = 4000;
  const sampler = createSampler(gemma, { slots: 128 });
  const request = samplingRequest({ promptTokens, sampleCount, maxTokens: 1, temperature: 0.5, seed: SEED });
  const { tokens } = sampleAll(sampler, [request]).get('r')!;
  sampler.release();
  const weights = Array.from(logits(1, promptTokens.length - 1), (logit) => Math.exp(logit / 0.5));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let statistic = 0;
  weights.forEach((weight, token) => {
    const expected = (sampleCount * weight) / total;
    const count = tokens.filter((each) => each === token).length;
    // Rare tokens are left out; the tolerance is that of each count by itself.
    if (expected < 5) return;
    statistic = Math.max(statistic, Math.abs(count - expected) / Math.sqrt(expected));
  });
  t.ok(statistic < 4.5, `seed ${SEED}: the worst count is ${statistic} deviations off`);
});

t.test('greedy completions take the largest of transformers’ logits', async (t) => {
  const { sequences, logits } = reference('llama');
  const sampler = createSampler(fixturePolicy('llama'), { stopTokens: [] });
  sequences.forEach((tokens, s) => {
    for (const length of [1, 4, tokens.length]) {
      const request = samplingRequest({
        promptTokens: tokens.slice(0, length),
        temperature: 0,
        maxTokens: 1,
      });
      const { tokens: drawn, logProbs } = sampleAll(sampler, [request]).get('r')!;
      const row = logits(s, length - 1);
      t.equal(drawn[0], row.indexOf(Math.max(...row)));
      t.equal(logProbs[0], 0);
    }
  });
  sampler.release();
});

t.test('greedy tells logits apart that differ by less than a billionth', async (t) => {
  const policy = fixturePolicy('llama');
  const { config, weights } = policy;
  const { offset, size } = weights.layout.parameters.find(({ name }) => name === 'output')!;
  const output = weights.flat.subarray(offset, offset + size);
  const greedy = (): number => {
    const sampler = createSampler(policy, { stopTokens: [] });
    const drawn = sampleAll(sampler, [samplingRequest({ temperature: 0, maxTokens: 1 })]).get('r')!
      .tokens[0]!;
    sampler.release();
    return drawn;
  };
  output.forEach((x, i) => {
    output[i] = x * 1e-4;
  });
  const best = greedy();
  const rival = config.vocabSize - 1;
  t.not(best, rival);
  const row = output.slice(best * config.hiddenSize, (best + 1) * config.hiddenSize);
  output.set(
    row.map((x) => x * (1 + 2 ** -20)),
    rival * config.hiddenSize,
  );
  t.equal(greedy(), rival);
});

/** Steps that slots filled in order of submission need for sequences of these lengths. */
function idealSteps(lengths: readonly number[], slots: number): number {
  const free = new Array<number>(slots).fill(0);
  for (const length of lengths) {
    const next = free.indexOf(Math.min(...free));
    free[next]! += length;
  }
  return Math.max(...free);
}

t.test('a slot takes the next sequence at once: as many steps as an ideal scheduler needs', async (t) => {
  for (const slots of [1, 3, 8]) {
    const sampler = createSampler(gemma, { slots, stopTokens: [1, 5, 9, 40, 41, 42] });
    const requests = requestsOf(15, (i) => ({ sampleCount: 1 + (i % 3), maxTokens: 3 + ((7 * i) % 20) }));
    const served = sampleAll(sampler, requests);
    t.equal(served.size, requests.length);
    const lengths = requests.flatMap(({ requestId }) => [...served.get(requestId)!.lengths]);
    t.equal(lengths.length, 30);
    t.equal(sampler.counters.steps, idealSteps(lengths, slots), `${slots} slots`);
    t.equal(
      sampler.counters.tokens,
      lengths.reduce((sum, length) => sum + length, 0),
    );
    t.equal(sampler.load, 0);
    sampler.release();
  }
});

t.test('load counts the sequences that wait and those that are being decoded', async (t) => {
  const sampler = createSampler(gemma, { slots: 4, stopTokens: [] });
  sampler.submit(samplingRequest({ sampleCount: 6, maxTokens: 2 }));
  t.equal(sampler.load, 6);
  t.strictSame(sampler.step(), []);
  t.equal(sampler.load, 6);
  t.strictSame(sampler.step(), []);
  t.equal(sampler.load, 2, 'four are done, the request is not');
  sampler.step();
  t.equal(sampler.step().length, 1);
  t.equal(sampler.load, 0);
  t.strictSame(sampler.step(), [], 'nothing to do is no step');
  t.equal(sampler.counters.steps, 4);
  sampler.release();
});

t.test('a completion ends at any of the stop tokens, which it includes', async (t) => {
  const stopTokens = [1, 7, 20, 33];
  const sampler = createSampler(gemma, { stopTokens });
  const served = sampleAll(
    sampler,
    requestsOf(12, () => ({ sampleCount: 4, maxTokens: 30 })),
  );
  const ends = new Set<number>();
  for (const completion of [...served.values()].flatMap(completionsOf)) {
    const stops = [...completion.tokens].filter((token) => stopTokens.includes(token));
    t.equal(stops.length, completion.isStopped ? 1 : 0);
    if (completion.isStopped) ends.add(completion.tokens.at(-1)!);
    else t.equal(completion.tokens.length, 30);
  }
  t.ok(ends.size >= 3, `seed ${SEED}: ended at ${[...ends]}`);
  sampler.release();
});

t.test('a completion is cut where its slot ends, and is the start of a longer one', async (t) => {
  const capacity = 16;
  const cut = createSampler(gemma, { capacity, stopTokens: [] });
  const whole = createSampler(gemma, { capacity: 48, stopTokens: [] });
  for (const length of [1, 9, capacity - 1]) {
    const promptTokens = Int32Array.from({ length }, (_, i) => 2 + i);
    const request = samplingRequest({ promptTokens, maxTokens: 30 });
    const [short] = completionsOf(sampleAll(cut, [request]).get('r')!);
    const [long] = completionsOf(sampleAll(whole, [request]).get('r')!);
    // The last token is drawn but needs no position, because nothing follows it.
    t.equal(short!.tokens.length, capacity - length + 1);
    t.notOk(short!.isStopped);
    t.strictSame(short!.tokens, long!.tokens.slice(0, short!.tokens.length));
  }
  cut.release();
  whole.release();
});

t.test(
  'a prompt that leaves no room, or is empty, is refused and leaves the sampler as it was',
  async (t) => {
    const sampler = createSampler(gemma, { capacity: 10 });
    for (const length of [0, 10, 11, 500]) {
      const promptTokens = new Int32Array(length).fill(3);
      t.throws(() => sampler.submit(samplingRequest({ requestId: 'long', promptTokens })), {
        code: 'DATA',
        message: `prompt of request long has ${length} tokens, expected 1 to 9`,
      });
    }
    t.equal(sampler.load, 0);
    t.equal(sampleAll(sampler, [samplingRequest()]).size, 1);
    sampler.release();
  },
);

t.test('a prompt is prefilled once, whatever the number of its completions', async (t) => {
  const sampler = createSampler(gemma, { slots: 3 });
  sampleAll(sampler, [
    samplingRequest({ requestId: 'a', promptTokens: Int32Array.of(2, 3, 4, 5, 6), sampleCount: 10 }),
    samplingRequest({ requestId: 'b', promptTokens: Int32Array.of(7), sampleCount: 10 }),
    samplingRequest({ requestId: 'c', promptTokens: Int32Array.of(8, 9), sampleCount: 1 }),
  ]);
  // The last prompt token is fed by the decode step: 4 + 0 + 1.
  t.equal(sampler.counters.prefilledTokens, 5);
  sampler.release();
});

t.test('completions of one prompt differ, and more of them begin with the same ones', async (t) => {
  const sampler = createSampler(gemma);
  const sample = (sampleCount: number) =>
    completionsOf(sampleAll(sampler, [samplingRequest({ sampleCount, maxTokens: 12 })]).get('r')!);
  const [few, many] = [sample(3), sample(9)];
  t.strictSame(many.slice(0, 3), few);
  t.equal(new Set(many.map(({ tokens }) => tokens.join())).size, 9);
  sampler.release();
});

t.test('new weights count from the next request on, and never while something is decoded', async (t) => {
  const [first, second] = [fixturePolicy('gemma2'), fixturePolicy('gemma2')];
  second.weights.flat.forEach((x, i) => {
    second.weights.flat[i] = x * 1.05;
  });
  const request = samplingRequest({ sampleCount: 4, maxTokens: 12 });
  const bits = [first, second].map((policy) => {
    const sampler = createSampler(policy);
    const result = bitsOf(sampleAll(sampler, [request]).get('r')!);
    sampler.release();
    return result;
  });
  t.not(bits[0], bits[1]);
  const sampler = createSampler(first);
  t.equal(bitsOf(sampleAll(sampler, [request]).get('r')!), bits[0]);
  sampler.useWeights(second.weights);
  t.equal(bitsOf(sampleAll(sampler, [request]).get('r')!), bits[1]);
  sampler.submit(request);
  t.throws(() => sampler.useWeights(first.weights), { code: 'INTERNAL' });
  sampler.step();
  t.throws(() => sampler.useWeights(first.weights), { code: 'INTERNAL' });
  sampler.release();
});

t.test('a cleared sampler forgets its work and serves the next as if new', async (t) => {
  const request = samplingRequest({ sampleCount: 4, maxTokens: 12 });
  const sampler = createSampler(gemma, { slots: 4 });
  const expected = bitsOf(sampleAll(sampler, [request]).get('r')!);
  for (const other of requestsOf(9, () => ({ sampleCount: 2, maxTokens: 30 }))) sampler.submit(other);
  sampler.step();
  sampler.step();
  sampler.clear();
  t.equal(sampler.load, 0);
  t.strictSame(sampler.step(), []);
  const served = sampleAll(sampler, [request]);
  t.equal(served.size, 1);
  t.equal(bitsOf(served.get('r')!), expected);
  sampler.release();
});
