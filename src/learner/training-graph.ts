/**
 * Compiles the forward and backward pass of a decoder over packed micro-batches.
 *
 * Invariants:
 * - one compiled graph serves micro-batches of any size: every size that varies is a named dimension;
 * - gradients are added, in place, to arrays that the caller owns;
 * - log-probabilities are those of the sampling distribution: the logits are divided by the temperature.
 */
import type { DecoderConfig } from '../model/config.js';
import { decode, outputTable, type ParameterTensors, parameterInputs } from '../model/decoder.js';
import { packedAttention } from '../model/packed-attention.js';
import type { Weights } from '../model/weights.js';
import { add, mul, neg, sub } from '../tensor/elementwise.js';
import { gradientsOfLoss } from '../tensor/gradients.js';
import { Graph, type Tensor } from '../tensor/graph.js';
import { reshape } from '../tensor/movement.js';
import { sum } from '../tensor/reduction.js';
import { type Executable, floats, integers, type Runtime, type Value } from '../tensor/runtime.js';
import { productOf } from '../tensor/shape.js';
import { type LossOptions, policyLoss } from './losses.js';
import type { MicroBatch } from './packing.js';
import { tokenLogProbs } from './token-log-probs.js';

export interface TrainingGraphOptions {
  readonly config: DecoderConfig;
  /** Chunks that predictions are cut into for the output layer. */
  readonly chunks: number;
  readonly temperature: number;
  /** Positions that sequences may have. */
  readonly positionCount: number;
}

/** Per predicted token of a micro-batch, in its order. */
export interface TokenResults {
  readonly logProbs: Float32Array; // [M]
  readonly entropies: Float32Array; // [M]
}

/** Float inputs by predicted token [M], plus those by completion [S]. */
export interface LossInputs {
  readonly behaviour: Float32Array; // [M]
  readonly advantages: Float32Array; // [M]
  readonly weights: Float32Array; // [M]
  readonly isReal: Float32Array; // [M]
  readonly sequence: Int32Array; // [M]
  readonly inverseLengths: Float32Array; // [S]
  readonly reference: Float32Array | null; // [M]
}

interface Body {
  readonly graph: Graph;
  readonly parameter: ParameterTensors;
  readonly logProbs: Tensor; // [chunks, m]
}

function buildBody(weights: Weights, options: TrainingGraphOptions): Body {
  const graph = new Graph();
  const parameter = parameterInputs(graph, weights.layout);
  const { tokenIds, attend } = packedAttention(graph, options.config, options.positionCount);
  const hidden = decode(options.config, parameter, tokenIds, attend);
  const predictors = graph.input('predictors', 'int32', [options.chunks, 'm']);
  const targets = graph.input('targets', 'int32', [options.chunks, 'm']);
  const table = outputTable(options.config, parameter);
  const { logProbs, entropies } = tokenLogProbs(
    options.config,
    hidden,
    table,
    predictors,
    targets,
    options.temperature,
  );
  graph.output('logProbs', logProbs);
  graph.output('entropies', entropies);
  return { graph, parameter, logProbs };
}

/** Declares gradient accumulators and names `accumulator + gradient` as their new content. */
function accumulateGradients({ graph, parameter }: Body, weights: Weights, loss: Tensor): void {
  const names = weights.layout.parameters.map(({ name }) => name);
  const gradients = gradientsOfLoss(
    loss,
    names.map((name) => parameter(name)),
  );
  weights.layout.parameters.forEach(({ name, shape }, i) => {
    const accumulator = graph.input(`sum.${name}`, 'float32', shape);
    graph.output(`newSum.${name}`, add(accumulator, gradients[i]!));
  });
}

/** Log-probabilities and entropies only. */
export class ForwardGraph {
  readonly #executable: Executable;

  constructor(
    runtime: Runtime,
    private readonly weights: Weights,
    private readonly options: TrainingGraphOptions,
  ) {
    this.#executable = runtime.compile(buildBody(weights, options).graph);
  }

  run(batch: MicroBatch): TokenResults {
    const inputs = {
      ...this.weights.values,
      ...batch.inputs,
      ...predictionInputs(batch, this.options.chunks),
    };
    return tokenResults(batch, this.#executable.run(inputs));
  }

  release(): void {
    this.#executable.release();
  }
}

/** A policy-gradient step's forward and backward pass. */
export class PolicyGraph {
  readonly #executable: Executable;
  readonly #sums: Record<string, Value>;
  readonly #newSums: Record<string, Value>;

  /** `gradients` has the parameters' flat layout and receives the sums. */
  constructor(
    runtime: Runtime,
    private readonly weights: Weights,
    gradients: Weights,
    private readonly options: TrainingGraphOptions,
    private readonly loss: LossOptions,
  ) {
    const body = buildBody(weights, options);
    const { graph, logProbs } = body;
    const perToken = (name: string): Tensor => flatten(graph.input(name, 'float32', logProbs.shape));
    const policy = policyLoss(
      {
        current: sub(flatten(logProbs), perToken('supportLogMass')),
        behaviour: perToken('behaviour'),
        reference: loss.beta > 0 ? perToken('reference') : null,
        advantages: perToken('advantages'),
        weights: perToken('weights'),
        isReal: perToken('isReal'),
        sequence: flatten(graph.input('sequence', 'int32', logProbs.shape)),
        inverseLengths: graph.input('inverseLengths', 'float32', ['S']),
      },
      loss,
    );
    graph.output('loss', policy);
    accumulateGradients(body, weights, policy);
    this.#executable = runtime.compile(graph);
    [this.#sums, this.#newSums] = accumulatorValues(gradients);
  }

  /** Adds this micro-batch's gradients; gives its share of the loss. */
  run(
    batch: MicroBatch,
    inputs: LossInputs & { supportLogMass: Float32Array },
  ): TokenResults & { loss: number } {
    const { chunks } = this.options;
    const padded = (values: Float32Array): Value => padFloats(values, chunks);
    const results = this.#executable.run(
      {
        ...this.weights.values,
        ...this.#sums,
        ...batch.inputs,
        ...predictionInputs(batch, chunks),
        supportLogMass: padded(inputs.supportLogMass),
        behaviour: padded(inputs.behaviour),
        advantages: padded(inputs.advantages),
        weights: padded(inputs.weights),
        isReal: padded(inputs.isReal),
        sequence: padIntegers(inputs.sequence, chunks),
        inverseLengths: floats(inputs.inverseLengths, [inputs.inverseLengths.length]),
        ...(inputs.reference && this.loss.beta > 0 ? { reference: padded(inputs.reference) } : {}),
      },
      this.#newSums,
    );
    return { ...tokenResults(batch, results), loss: results.loss!.data[0]! };
  }

  release(): void {
    this.#executable.release();
  }
}

/** A supervised step's forward and backward pass: −Σ weight·log-probability. */
export class SupervisedGraph {
  readonly #executable: Executable;
  readonly #sums: Record<string, Value>;
  readonly #newSums: Record<string, Value>;

  constructor(
    runtime: Runtime,
    private readonly weights: Weights,
    gradients: Weights,
    private readonly options: TrainingGraphOptions,
  ) {
    const body = buildBody(weights, options);
    const tokenWeights = body.graph.input('weights', 'float32', body.logProbs.shape);
    const loss = neg(sum(mul(body.logProbs, tokenWeights)));
    body.graph.output('loss', loss);
    accumulateGradients(body, weights, loss);
    this.#executable = runtime.compile(body.graph);
    [this.#sums, this.#newSums] = accumulatorValues(gradients);
  }

  run(batch: MicroBatch, tokenWeights: Float32Array): { loss: number } {
    const results = this.#executable.run(
      {
        ...this.weights.values,
        ...this.#sums,
        ...batch.inputs,
        ...predictionInputs(batch, this.options.chunks),
        weights: padFloats(tokenWeights, this.options.chunks),
      },
      this.#newSums,
    );
    return { loss: results.loss!.data[0]! };
  }

  release(): void {
    this.#executable.release();
  }
}

function accumulatorValues(gradients: Weights): [Record<string, Value>, Record<string, Value>] {
  const named = (prefix: string) =>
    Object.fromEntries(Object.entries(gradients.values).map(([name, value]) => [`${prefix}${name}`, value]));
  return [named('sum.'), named('newSum.')];
}

function flatten(x: Tensor): Tensor {
  return reshape(x, [productOf(x.shape)]);
}

function tokenResults(batch: MicroBatch, results: Record<string, Value>): TokenResults {
  const cut = (name: string): Float32Array =>
    (results[name]!.data as Float32Array).subarray(0, batch.predictionCount);
  return { logProbs: cut('logProbs'), entropies: cut('entropies') };
}

function predictionInputs(batch: MicroBatch, chunks: number): Record<string, Value> {
  return { predictors: padIntegers(batch.predictors, chunks), targets: padIntegers(batch.targets, chunks) };
}

/** Zero-padded to a multiple of the chunk count, as [chunks, m]. */
function padIntegers(values: Int32Array, chunks: number): Value {
  const width = Math.ceil(values.length / chunks);
  const result = new Int32Array(width * chunks);
  result.set(values);
  return integers(result, [chunks, width]);
}

function padFloats(values: Float32Array, chunks: number): Value {
  const width = Math.ceil(values.length / chunks);
  const result = new Float32Array(width * chunks);
  result.set(values);
  return floats(result, [chunks, width]);
}
