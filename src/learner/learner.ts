/**
 * The update loop: batch → log-probabilities → loss → gradients → AdamW, read from top to bottom.
 *
 * Departures from the GRPO paper (arXiv 2402.03300), each a setting: the loss is averaged over the tokens of the batch (DAPO), the
 * upper clip is wider than the lower (ε_high > ε_low), no reference policy by default (β = 0), one pass over a batch (μ = 1).
 *
 * Invariants:
 * - the update is a function of (weights, optimizer state, groups): bit-identical however the groups arrived;
 * - a batch without a live group, or with a gradient that is not finite, leaves the weights untouched.
 */
import type { DecoderConfig } from '../model/config.js';
import { createWeights, type Weights } from '../model/weights.js';
import { type GroupCompleted, noOutcomes, type Outcome } from '../protocol/index.js';
import type { Runtime } from '../tensor/runtime.js';
import { type Batch, type BatchOptions, buildBatch, type DroppedGroup, type Trajectory } from './batch.js';
import type { LossOptions } from './losses.js';
import type { LearnerMetrics } from './metrics.js';
import { type AdamOptions, AdamW } from './optimizer.js';
import { type MicroBatch, packGroups } from './packing.js';
import { type LossInputs, PolicyGraph } from './policy-graph.js';
import { learningRateAt, type ScheduleOptions } from './schedule.js';
import { chunkCount } from './token-log-probs.js';
import { TokenStatistics } from './token-metrics.js';
import { ForwardGraph, type TrainingGraphOptions } from './training-graph.js';

export interface LearnerOptions {
  readonly runtime: Runtime;
  readonly config: DecoderConfig;
  readonly weights: Weights;
  readonly batch: BatchOptions;
  readonly loss: LossOptions;
  readonly adam: AdamOptions;
  readonly schedule: ScheduleOptions;
  /** Updates of the whole run: where the cosine ends. */
  readonly updates: number;
  /** Passes over one batch (μ). */
  readonly iterations: number;
  readonly temperature: number;
  readonly tokensPerMicroBatch: number;
}

export interface UpdateResult {
  readonly metrics: LearnerMetrics & Record<string, number>;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly dropped: readonly DroppedGroup[];
  /** False when nothing was learned and the policy is the same as before. */
  readonly applied: boolean;
  /** Packed tokens of one forward and backward pass over the batch. */
  readonly packedTokens: number;
}

export class Learner {
  readonly optimizer: AdamW;
  readonly #graph: PolicyGraph;
  readonly #reference: ForwardGraph | null;

  constructor(private readonly options: LearnerOptions) {
    const { runtime, config, weights, loss, temperature, tokensPerMicroBatch } = options;
    const gradients = createWeights(weights.layout);
    const graph: TrainingGraphOptions = {
      config,
      chunks: chunkCount(config.vocabSize, tokensPerMicroBatch),
      temperature,
      positionCount: config.maxPositions,
    };
    this.#graph = new PolicyGraph(runtime, weights, gradients, graph, loss);
    this.#reference = loss.beta > 0 ? new ForwardGraph(runtime, copyOf(weights), graph) : null;
    this.optimizer = new AdamW(
      runtime,
      weights.flat,
      gradients.flat,
      weights.layout.decayedSize,
      options.adam,
    );
  }

  /** Applies update number `update` (from 0). `lost` counts trajectories that never became part of a group. */
  update(update: number, completed: readonly GroupCompleted[], lost = noOutcomes()): UpdateResult {
    const { options } = this;
    const learningRate = learningRateAt(update, options.updates, options.schedule);
    const batch = buildBatch(completed, lost, options.batch);
    const microBatches = packGroups(batch.groups, options.tokensPerMicroBatch);
    const inputs = microBatches.map((microBatch) => this.#lossInputs(batch, microBatch));
    const statistics = new TokenStatistics({ low: options.loss.epsilonLow, high: options.loss.epsilonHigh });
    let loss = 0;
    let gradNorm = 0;
    let applied = false;
    for (let iteration = 0; iteration < options.iterations && microBatches.length > 0; iteration++) {
      loss = 0;
      microBatches.forEach((microBatch, i) => {
        const results = this.#graph.run(microBatch, inputs[i]!);
        loss += results.loss;
        // The first pass sees the policy that sampled: the difference measures the two decoders, not learning.
        if (iteration === 0) statistics.add(measured(results.logProbs, results.entropies, inputs[i]!));
      });
      const step = this.optimizer.step(learningRate);
      gradNorm = step.gradNorm;
      applied ||= step.applied;
    }
    return {
      metrics: { loss, grad_norm: gradNorm, learning_rate: learningRate, ...statistics.metrics() },
      outcomes: applied ? batch.outcomes : withoutApplied(batch.outcomes),
      dropped: batch.dropped,
      applied,
      packedTokens: microBatches.reduce((total, { tokenCount }) => total + tokenCount, 0),
    };
  }

  release(): void {
    this.#graph.release();
    this.#reference?.release();
    this.optimizer.release();
  }

  #lossInputs(batch: Batch, microBatch: MicroBatch): LossInputs {
    const perToken = (value: (trajectory: Trajectory, i: number) => number): Float32Array => {
      const result = new Float32Array(microBatch.predictionCount);
      for (const { group, completion, firstPrediction, length } of microBatch.completions) {
        const trajectory = batch.groups[group]!.trajectories[completion]!;
        for (let i = 0; i < length; i++) result[firstPrediction + i] = value(trajectory, i);
      }
      return result;
    };
    const sequence = new Int32Array(microBatch.predictionCount);
    microBatch.completions.forEach(({ firstPrediction, length }, s) => {
      sequence.fill(s, firstPrediction, firstPrediction + length);
    });
    return {
      behaviour: perToken(({ behaviourLogProbs }, i) => behaviourLogProbs[i]!),
      supportLogMass: perToken(({ supportLogMass }, i) => supportLogMass[i]!),
      advantages: perToken(({ advantage }) => advantage),
      weights: perToken(({ weight }) => weight),
      isReal: perToken(() => 1),
      sequence,
      inverseLengths: Float32Array.from(microBatch.completions, ({ length }) => 1 / length),
      reference: this.#reference?.run(microBatch).logProbs ?? null,
    };
  }
}

/** Trajectories whose gradient was not finite taught nothing: they count as cancelled. */
function withoutApplied(outcomes: Readonly<Record<Outcome, number>>): Record<Outcome, number> {
  return { ...outcomes, applied: 0, cancelled: outcomes.cancelled + outcomes.applied };
}

function measured(logProbs: Float32Array, entropies: Float32Array, inputs: LossInputs) {
  const current = logProbs.map((logProb, i) => logProb - inputs.supportLogMass[i]!);
  const { behaviour, reference, advantages } = inputs;
  return { current, behaviour, reference, advantages, entropies };
}

function copyOf(weights: Weights): Weights {
  const copy = createWeights(weights.layout);
  copy.flat.set(weights.flat);
  return copy;
}
