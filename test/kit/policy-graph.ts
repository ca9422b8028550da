/** The forward pass of a whole policy with a loss on top, as a graph that can be evaluated in double precision. */
import { policyLoss } from '../../src/learner/losses.js';
import { packGroups } from '../../src/learner/packing.js';
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

/** The loss of a case of the GRPO fixture, on one pack of the whole batch. */
export function wholeLoss(lossCase: LossCase, { config, weights }: TinyPolicy): WholeLoss {
  const [microBatch] = packGroups(groups, Number.POSITIVE_INFINITY);
  const perToken = policyInputs(lossCase, microBatch!);
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
  const constant = (values: Float32Array): Tensor => graph.constant(values, [count]);
  const loss = policyLoss(
    {
      current: reshape(logProbs, [count]),
      behaviour: constant(perToken.behaviour),
      reference: perToken.reference && constant(perToken.reference),
      advantages: constant(perToken.advantages),
      weights: constant(perToken.weights),
      isReal: constant(perToken.isReal),
      sequence: graph.constant(perToken.sequence, [count]),
      inverseLengths: graph.constant(perToken.inverseLengths, [perToken.inverseLengths.length]),
    },
    lossOptions(lossCase),
  );
  graph.output('loss', loss);
  const inputs = {
    ...weights.values,
    ...microBatch!.inputs,
    predictors: integers(microBatch!.predictors, [1, count]),
    targets: integers(microBatch!.targets, [1, count]),
  };
  return { graph, loss, inputs };
}
