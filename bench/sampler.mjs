/** Decoding 128 sequences of a 2.7 M-parameter policy, against the matrix-multiply peak. */

import { Random } from '../dist/random.js';
import { Sampler } from '../dist/sampling/sampler.js';
import { createOnnxRuntime } from '../dist/tensor/onnxruntime.js';
import { benchPolicy, median, peakMeter, provenance, randomTokens } from './kit.mjs';

const [SLOTS, PROMPTS, GROUP_SIZE, PROMPT, COMPLETION, CAPACITY] = [128, 32, 8, 32, 64, 112];

export function benchSampler({ threads = 1 } = {}) {
  const runtime = createOnnxRuntime({ threads });
  const { config, layout, weights } = benchPolicy();
  const measurePeak = peakMeter(runtime);
  const sampler = new Sampler({ runtime, config, weights, slots: SLOTS, capacity: CAPACITY, stopTokens: [] });
  const rounds = [];
  for (let round = 0; round < 5; round++) {
    const tokensBefore = sampler.counters.tokens;
    const random = new Random(3, 'bench-sampler', round);
    const peakBefore = measurePeak();
    const start = performance.now();
    for (let promptIndex = 0; promptIndex < PROMPTS; promptIndex++) {
      sampler.submit({
        requestId: `${round}-${promptIndex}`,
        promptTokens: randomTokens(random, PROMPT, config.vocabSize),
        sampleCount: GROUP_SIZE,
        maxTokens: COMPLETION,
        temperature: 1,
        topK: 0,
        topP: 1,
        seed: 4,
        update: round,
        promptIndex,
        stream: 0,
      });
    }
    while (sampler.load > 0) sampler.step();
    const tokensPerSecond = (sampler.counters.tokens - tokensBefore) / ((performance.now() - start) / 1000);
    const peak = (peakBefore + measurePeak()) / 2;
    const gflops = (2 * layout.count * tokensPerSecond) / 1e9;
    rounds.push({ tokensPerSecond, gflops, peak, ratio: gflops / peak });
  }
  const middle = (key) => median(rounds.map((round) => round[key]));
  return {
    ...provenance('npm run bench -- sampler'),
    benchmark: 'sampler',
    threads,
    slots: SLOTS,
    parameters: layout.count,
    tokensPerSecond: middle('tokensPerSecond'),
    gflops: middle('gflops'),
    matmulPeakGflops: middle('peak'),
    ratioToPeak: middle('ratio'),
    targetRatio: 0.3,
  };
}
