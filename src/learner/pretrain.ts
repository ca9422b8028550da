/**
 * Supervised warm start: trains a policy from random weights on gold traces, so that GRPO has something to improve.
 *
 * Invariants: examples are drawn by index from a pure function, so that a run is a function of its seed; the loss is the mean
 * negative log-probability of completion tokens.
 */
import type { DecoderConfig } from '../model/config.js';
import { createWeights, type Weights } from '../model/weights.js';
import { mul, neg } from '../tensor/elementwise.js';
import { sum } from '../tensor/reduction.js';
import type { Runtime } from '../tensor/runtime.js';
import { type AdamOptions, AdamW } from './optimizer.js';
import { type PackableGroup, packGroups } from './packing.js';
import { learningRateAt, type ScheduleOptions } from './schedule.js';
import { GradientGraph, type LossOf, padFloats } from './training-graph.js';

export interface SupervisedExample {
  readonly promptTokens: Int32Array;
  readonly completionTokens: Int32Array;
}

export interface PretrainOptions {
  readonly runtime: Runtime;
  readonly config: DecoderConfig;
  readonly weights: Weights;
  /** The example of an index. */
  readonly example: (index: number) => SupervisedExample;
  /** Tokens to train on, prompts included. */
  readonly tokenBudget: number;
  /** Packed tokens of one update. */
  readonly tokensPerUpdate: number;
  readonly schedule: ScheduleOptions;
  readonly adam: AdamOptions;
  readonly onUpdate?: (progress: PretrainProgress) => void;
}

export interface PretrainProgress {
  readonly update: number;
  readonly tokens: number;
  readonly loss: number;
  readonly gradNorm: number;
  readonly learningRate: number;
  /** Updates so far that changed nothing because their gradient was not finite. */
  readonly skippedUpdates: number;
}

/** A small vocabulary's logits of one micro-batch fit into memory at once. */
const CHUNKS = 1;
/** Few enough that sequences of about one length come together, and attention pads little. */
const TOKENS_PER_MICRO_BATCH = 1024;

/** −Σ weight·log-probability. */
const negativeLogLikelihood: LossOf = (graph, logProbs) =>
  neg(sum(mul(logProbs, graph.input('weights', 'float32', logProbs.shape))));

/** Trains `weights` in place. */
export function pretrain(options: PretrainOptions): PretrainProgress {
  const { runtime, config, weights, example, tokenBudget, tokensPerUpdate } = options;
  const gradients = createWeights(weights.layout);
  const graph = new GradientGraph(
    runtime,
    weights,
    gradients,
    { config, chunks: CHUNKS, temperature: 1, positionCount: config.maxPositions },
    negativeLogLikelihood,
  );
  const optimizer = new AdamW(
    runtime,
    weights.flat,
    gradients.flat,
    weights.layout.decayedSize,
    options.adam,
  );
  const expectedUpdates = Math.ceil(tokenBudget / tokensPerUpdate);
  let progress: PretrainProgress = {
    update: 0,
    tokens: 0,
    loss: Number.NaN,
    gradNorm: 0,
    learningRate: 0,
    skippedUpdates: 0,
  };
  let nextExample = 0;
  while (progress.tokens < tokenBudget) {
    const groups: PackableGroup[] = [];
    for (let tokens = 0; tokens < tokensPerUpdate; ) {
      const { promptTokens, completionTokens } = example(nextExample++);
      groups.push({ promptTokens, completions: [completionTokens] });
      tokens += promptTokens.length + completionTokens.length;
    }
    const batches = packGroups(groups, TOKENS_PER_MICRO_BATCH);
    const predictions = batches.reduce((sum, batch) => sum + batch.predictionCount, 0);
    let loss = 0;
    let tokens = 0;
    for (const batch of batches) {
      const tokenWeights = new Float32Array(batch.predictionCount).fill(1 / predictions);
      loss += graph.run(batch, { weights: padFloats(tokenWeights, CHUNKS) }).loss;
      tokens += batch.tokenCount;
    }
    const learningRate = learningRateAt(progress.update, expectedUpdates, options.schedule);
    const { gradNorm, applied } = optimizer.step(learningRate);
    progress = {
      update: progress.update + 1,
      tokens: progress.tokens + tokens,
      loss,
      gradNorm,
      learningRate,
      skippedUpdates: progress.skippedUpdates + (applied ? 0 : 1),
    };
    options.onUpdate?.(progress);
  }
  graph.release();
  optimizer.release();
  return progress;
}
