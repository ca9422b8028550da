/** A policy-gradient step over micro-batches: the losses of losses.ts on the decoder's log-probabilities. */
import type { Weights } from '../model/weights.js';
import { sub } from '../tensor/elementwise.js';
import type { Tensor } from '../tensor/graph.js';
import { reshape } from '../tensor/movement.js';
import { floats, type Runtime } from '../tensor/runtime.js';
import { productOf } from '../tensor/shape.js';
import { type LossOptions, policyLoss } from './losses.js';
import type { MicroBatch } from './packing.js';
import {
  GradientGraph,
  type LossOf,
  padFloats,
  padIntegers,
  type TokenResults,
  type TrainingGraphOptions,
} from './training-graph.js';

/** What the loss needs beside the tokens: by predicted token [M], and by completion [S]. */
export interface LossInputs {
  readonly behaviour: Float32Array; // [M]
  /** Log of the mass that top-k and top-p kept: turns log-probabilities into those of the sampling distribution. */
  readonly supportLogMass: Float32Array; // [M]
  readonly advantages: Float32Array; // [M]
  readonly weights: Float32Array; // [M]
  readonly isReal: Float32Array; // [M]
  readonly sequence: Int32Array; // [M]
  readonly inverseLengths: Float32Array; // [S]
  readonly reference: Float32Array | null; // [M], where β > 0
}

export class PolicyGraph {
  readonly #graph: GradientGraph;

  /** `gradients` has the parameters' flat layout and receives the sums. */
  constructor(
    runtime: Runtime,
    weights: Weights,
    gradients: Weights,
    private readonly options: TrainingGraphOptions,
    private readonly loss: LossOptions,
  ) {
    this.#graph = new GradientGraph(runtime, weights, gradients, options, lossOf(loss));
  }

  /** Adds this micro-batch's gradients; gives its share of the loss. */
  run(batch: MicroBatch, inputs: LossInputs): TokenResults & { loss: number } {
    const padded = (values: Float32Array) => padFloats(values, this.options.chunks);
    return this.#graph.run(batch, {
      supportLogMass: padded(inputs.supportLogMass),
      behaviour: padded(inputs.behaviour),
      advantages: padded(inputs.advantages),
      weights: padded(inputs.weights),
      isReal: padded(inputs.isReal),
      sequence: padIntegers(inputs.sequence, this.options.chunks),
      inverseLengths: floats(inputs.inverseLengths, [inputs.inverseLengths.length]),
      ...(inputs.reference && this.loss.beta > 0 ? { reference: padded(inputs.reference) } : {}),
    });
  }

  release(): void {
    this.#graph.release();
  }
}

function lossOf(options: LossOptions): LossOf {
  return (graph, logProbs) => {
    const flat = (x: Tensor): Tensor => reshape(x, [productOf(x.shape)]);
    const perToken = (name: string): Tensor => flat(graph.input(name, 'float32', logProbs.shape));
    return policyLoss(
      {
        current: sub(flat(logProbs), perToken('supportLogMass')),
        behaviour: perToken('behaviour'),
        reference: options.beta > 0 ? perToken('reference') : null,
        advantages: perToken('advantages'),
        weights: perToken('weights'),
        isReal: perToken('isReal'),
        sequence: flat(graph.input('sequence', 'int32', logProbs.shape)),
        inverseLengths: graph.input('inverseLengths', 'float32', ['S']),
      },
      options,
    );
  };
}
