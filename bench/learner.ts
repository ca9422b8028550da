/** Forward, backward and AdamW of a 2.7 M-parameter policy over 8 k packed tokens, against the matrix-multiply peak. */

import { Learner } from '../src/learner/learner.js';
import type { DecoderConfig } from '../src/model/config.js';
import type { GroupCompleted } from '../src/protocol/index.js';
import { Random } from '../src/random.js';
import { createOnnxRuntime } from '../src/tensor/onnxruntime.js';
import { benchPolicy, median, peakMeter, provenance, randomTokens } from './kit.js';

const [PROMPT, COMPLETION] = [48, 60];

export interface LearnerBench {
  readonly threads: number;
  readonly tokensPerMicroBatch: number;
  readonly groups: number;
  readonly groupSize: number;
  /** The first one, which warms the runtime up, does not count. */
  readonly updates: number;
  /** Side of the matrices of the peak. */
  readonly peakSize: number;
}

const DEFAULTS: LearnerBench = {
  threads: 2,
  tokensPerMicroBatch: 2048,
  groups: 16,
  groupSize: 8,
  updates: 11,
  peakSize: 1024,
};

export async function main(options: Partial<LearnerBench> = {}) {
  const { threads, tokensPerMicroBatch, updates, peakSize, ...sizes } = { ...DEFAULTS, ...options };
  const runtime = createOnnxRuntime({ threads });
  const { config, layout, weights } = benchPolicy();
  const measurePeak = peakMeter(runtime, peakSize);
  const learner = new Learner({
    runtime,
    config,
    weights,
    batch: {
      loss: 'dapo',
      scale: 'group',
      epsilon: 1e-4,
      rewards: { answer: { weight: 1, kind: 'outcome' } },
      maskTruncated: false,
      maxCompletionTokens: COMPLETION,
      shuffleSeed: null,
    },
    loss: {
      loss: 'dapo',
      epsilonLow: 0.2,
      epsilonHigh: 0.28,
      delta: null,
      cispoEpsilonMax: 5,
      beta: 0,
      klEstimator: 'k3',
    },
    adam: { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 1 },
    schedule: { learningRate: 1e-5, warmupUpdates: 0, schedule: 'constant', finalLearningRateFraction: 1 },
    updates,
    iterations: 1,
    temperature: 1,
    tokensPerMicroBatch,
  });
  const groups = randomGroups(config.vocabSize, sizes);
  const rounds: Record<'packedTokens' | 'seconds' | 'gflops' | 'peak' | 'ratio', number>[] = [];
  for (let update = 0; update < updates; update++) {
    const peakBefore = measurePeak();
    const start = performance.now();
    const { packedTokens } = learner.update(update, groups);
    const seconds = (performance.now() - start) / 1000;
    const peak = (peakBefore + measurePeak()) / 2;
    const gflops = (operations(config, layout.count, groups, packedTokens) / seconds) * 1e-9;
    if (update > 0) rounds.push({ packedTokens, seconds, gflops, peak, ratio: gflops / peak });
  }
  const middle = (key: keyof (typeof rounds)[number]): number => median(rounds.map((round) => round[key]));
  return {
    ...provenance('npm run bench -- learner'),
    benchmark: 'learner',
    threads,
    parameters: layout.count,
    packedTokens: middle('packedTokens'),
    updateSeconds: middle('seconds'),
    tokensPerSecond: middle('packedTokens') / middle('seconds'),
    gflops: middle('gflops'),
    matmulPeakGflops: middle('peak'),
    ratioToPeak: middle('ratio'),
    ratioOfParametersAlone:
      (6 * layout.count * middle('packedTokens')) / middle('seconds') / middle('peak') / 1e9,
    targetRatio: 0.5,
    peakRssMegabytes: process.resourceUsage().maxRSS / 1024,
    targetRssMegabytes: 1536,
  };
}

/**
 * Floating-point operations that forward and backward pass need, as model FLOPs are counted (PaLM, appendix B): six a parameter and token,
 * and twelve per layer, attention channel and key that a query may look at. Work on padding is not counted.
 */
function operations(
  config: DecoderConfig,
  parameterCount: number,
  groups: readonly GroupCompleted[],
  packedTokens: number,
): number {
  // Keys seen by queries at positions [from, to).
  const triangle = (from: number, to: number): number => ((to - from) * (from + to + 1)) / 2;
  let pairs = 0;
  for (const { promptTokens, lengths } of groups) {
    const prompt = promptTokens.length;
    pairs += triangle(0, prompt);
    for (const length of lengths) pairs += triangle(prompt, prompt + length - 1);
  }
  return (
    6 * parameterCount * packedTokens + 12 * config.layerCount * config.headCount * config.headDim * pairs
  );
}

function randomGroups(
  vocab: number,
  { groups, groupSize }: Pick<LearnerBench, 'groups' | 'groupSize'>,
): GroupCompleted[] {
  const random = new Random(2, 'bench-learner');
  return Array.from({ length: groups }, (_, promptIndex) => {
    const lengths = Int32Array.from({ length: groupSize }, () => COMPLETION - random.integer(0, 12));
    const total = lengths.reduce((sum, length) => sum + length, 0);
    const rewards = Float32Array.from({ length: groupSize }, (_, i) => i % 2);
    return {
      kind: 'group.completed',
      groupId: `g${promptIndex}`,
      taskId: `g${promptIndex}`,
      update: 0,
      promptIndex,
      endsTask: true,
      role: 'forward',
      problemId: 'bench',
      domain: 'bench',
      policyVersion: 0,
      promptTokens: randomTokens(random, PROMPT, vocab),
      tokens: randomTokens(random, total, vocab),
      lengths,
      logProbs: new Float32Array(total).fill(-7.6),
      supportLogMass: new Float32Array(total),
      stopped: new Uint8Array(groupSize).fill(1),
      rewardNames: ['answer'],
      rewards,
      scored: new Uint8Array(groupSize).fill(1),
    };
  });
}
