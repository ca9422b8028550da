/**
 * Compiles the forward and backward pass of a decoder over packed micro-batches, for every loss that trains one.
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
import { add } from '../tensor/elementwise.js';
import { gradientsOfLoss } from '../tensor/gradients.js';
import { Graph, type Tensor } from '../tensor/graph.js';
import {
  type Executable,
  floats,
  integers,
  type Runtime,
  type Value,
  type Values,
} from '../tensor/runtime.js';
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

/** The loss of a micro-batch from its log-probabilities [chunks, m]; may declare further inputs of the graph. */
export type LossOf = (graph: Graph, logProbs: Tensor) => Tensor;

/** Forward and backward pass: adds a loss's gradients to accumulators, in place. */
export class GradientGraph {
  readonly #executable: Executable;
  readonly #sums: Record<string, Value>;
  readonly #newSums: Record<string, Value>;

  /** `gradients` has the parameters' flat layout and receives the sums. */
  constructor(
    runtime: Runtime,
    private readonly weights: Weights,
    gradients: Weights,
    private readonly options: TrainingGraphOptions,
    lossOf: LossOf,
  ) {
    const body = buildBody(weights, options);
    const loss = lossOf(body.graph, body.logProbs);
    body.graph.output('loss', loss);
    accumulateGradients(body, weights, loss);
    this.#executable = runtime.compile(body.graph);
    const named = (prefix: string) =>
      Object.fromEntries(
        Object.entries(gradients.values).map(([name, value]) => [`${prefix}${name}`, value]),
      );
    this.#sums = named('sum.');
    this.#newSums = named('newSum.');
  }

  /** Adds this micro-batch's gradients; gives its share of the loss. `inputs` are those that the loss declared. */
  run(batch: MicroBatch, inputs: Values): TokenResults & { loss: number } {
    const results = this.#executable.run(
      {
        ...this.weights.values,
        ...this.#sums,
        ...batch.inputs,
        ...predictionInputs(batch, this.options.chunks),
        ...inputs,
      },
      this.#newSums,
    );
    return { ...tokenResults(batch, results), loss: results.loss!.data[0]! };
  }

  release(): void {
    this.#executable.release();
  }
}

function tokenResults(batch: MicroBatch, results: Record<string, Value>): TokenResults {
  const cut = (name: string): Float32Array =>
    (results[name]!.data as Float32Array).subarray(0, batch.predictionCount);
  return { logProbs: cut('logProbs'), entropies: cut('entropies') };
}

function predictionInputs(batch: MicroBatch, chunks: number): Record<string, Value> {
  return { predictors: padIntegers(batch.predictors, chunks), targets: padIntegers(batch.targets, chunks) };
}

/** Values by prediction [M], zero-padded to a multiple of the chunk count, as [chunks, m]. */
export function padIntegers(values: Int32Array, chunks: number): Value {
  const width = Math.ceil(values.length / chunks);
  const result = new Int32Array(width * chunks);
  result.set(values);
  return integers(result, [chunks, width]);
}

/** The same for floats. */
export function padFloats(values: Float32Array, chunks: number): Value {
  const width = Math.ceil(values.length / chunks);
  const result = new Float32Array(width * chunks);
  result.set(values);
  return floats(result, [chunks, width]);
}
