/** Decoding 128 sequences of a 2.7 M-parameter policy, against the matrix-multiply peak. */

import { Random } from '../src/random.js';
import { Sampler } from '../src/sampling/sampler.js';
import { createOnnxRuntime } from '../src/tensor/onnxruntime.js';
import { benchPolicy, median, peakMeter, provenance, randomTokens } from './kit.js';

const [GROUP_SIZE, PROMPT, COMPLETION, CAPACITY] = [8, 32, 64, 112];

export interface SamplerBench {
  readonly threads: number;
  readonly slots: number;
  readonly prompts: number;
  readonly rounds: number;
  /** Side of the matrices of the peak. */
  readonly peakSize: number;
}

const DEFAULTS: SamplerBench = { threads: 1, slots: 128, prompts: 32, rounds: 5, peakSize: 1024 };

export async function main(options: Partial<SamplerBench> = {}) {
  const { threads, slots, prompts, rounds: roundCount, peakSize } = { ...DEFAULTS, ...options };
  const runtime = createOnnxRuntime({ threads });
  const { config, layout, weights } = benchPolicy();
  const measurePeak = peakMeter(runtime, peakSize);
  const sampler = new Sampler({ runtime, config, weights, slots, capacity: CAPACITY, stopTokens: [] });
  const rounds: Record<'tokensPerSecond' | 'gflops' | 'peak' | 'ratio', number>[] = [];
  for (let round = 0; round < roundCount; round++) {
    const tokensBefore = sampler.counters.tokens;
    const random = new Random(3, 'bench-sampler', round);
    const peakBefore = measurePeak();
    const start = performance.now();
    for (let promptIndex = 0; promptIndex < prompts; promptIndex++) {
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
  const middle = (key: keyof (typeof rounds)[number]): number => median(rounds.map((round) => round[key]));
  return {
    ...provenance('npm run bench -- sampler'),
    benchmark: 'sampler',
    threads,
    slots,
    parameters: layout.count,
    tokensPerSecond: middle('tokensPerSecond'),
    gflops: middle('gflops'),
    matmulPeakGflops: middle('peak'),
    ratioToPeak: middle('ratio'),
    targetRatio: 0.3,
  };
}
