/** The losses of the GRPO fixture as graphs: from log-probabilities, and on top of a whole policy. */
import { policyLoss } from '../../src/learner/losses.js';
import { type MicroBatch, packGroups } from '../../src/learner/packing.js';
import { tokenLogProbs } from '../../src/learner/token-log-probs.js';
import { decode, outputTable, parameterInputs } from '../../src/model/decoder.js';
import { packedAttention } from '../../src/model/packed-attention.js';
import { Graph, type Tensor } from '../../src/tensor/graph.js';
import { reshape } from '../../src/tensor/movement.js';
import { integers, type Values } from '../../src/tensor/runtime.js';
import { groups, type LossCase, lossOptions, policyInputs } from './grpo-fixture.js';
import type { TinyPolicy } from './tiny-policies.js';

export interface WholeLoss {
  readonly graph: Graph;
  readonly loss: Tensor;
  readonly inputs: Values;
}

/** The loss of a case of the GRPO fixture, from log-probabilities `current` [M]; all else is constant. */
export function lossOf(lossCase: LossCase, graph: Graph, current: Tensor, microBatch: MicroBatch): Tensor {
  const perToken = policyInputs(lossCase, microBatch);
  const constant = (values: Float32Array | Int32Array): Tensor => graph.constant(values, [values.length]);
  return policyLoss(
    {
      current,
      behaviour: constant(perToken.behaviour),
      reference: perToken.reference && constant(perToken.reference),
      advantages: constant(perToken.advantages),
      weights: constant(perToken.weights),
      isReal: constant(perToken.isReal),
      sequence: constant(perToken.sequence),
      inverseLengths: constant(perToken.inverseLengths),
    },
    lossOptions(lossCase),
  );
}

/** The loss of a case of the GRPO fixture, on one pack of the whole batch. */
export function wholeLoss(lossCase: LossCase, { config, weights }: TinyPolicy): WholeLoss {
  const [microBatch] = packGroups(groups, Number.POSITIVE_INFINITY);
  const count = microBatch!.predictionCount;
  const graph = new Graph();
  const parameter = parameterInputs(graph, weights.layout);
  const { tokenIds, attend } = packedAttention(graph, config, config.maxPositions);
  const hidden = decode(config, parameter, tokenIds, attend);
  const { logProbs } = tokenLogProbs(
    config,
    hidden,
    outputTable(config, parameter),
    graph.input('predictors', 'int32', [1, count]),
    graph.input('targets', 'int32', [1, count]),
    lossCase.temperature,
  );
  const loss = lossOf(lossCase, graph, reshape(logProbs, [count]), microBatch!);
  graph.output('loss', loss);
  const inputs = {
    ...weights.values,
    ...microBatch!.inputs,
    predictors: integers(microBatch!.predictors, [1, count]),
    targets: integers(microBatch!.targets, [1, count]),
  };
  return { graph, loss, inputs };
}
