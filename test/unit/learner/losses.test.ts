import t from 'tap';
import { aggregationWeight } from '../../../src/learner/losses.js';
import { packGroups } from '../../../src/learner/packing.js';
import type { LossName } from '../../../src/protocol/index.js';
import { gradientsOfLoss } from '../../../src/tensor/gradients.js';
import { Graph } from '../../../src/tensor/graph.js';
import { floats } from '../../../src/tensor/runtime.js';
import {
  currentLogProbs,
  GROUP_SIZE,
  groups,
  LOSS_CASES,
  type LossCase,
  logProbGradient,
  policyInputs,
} from '../../kit/grpo-fixture.js';
import { lossOf } from '../../kit/policy-graph.js';
import { maxDifference, runtime } from '../../kit/tiny-policies.js';

const [microBatch] = packGroups(groups, Number.POSITIVE_INFINITY);
const count = microBatch!.predictionCount;

/** Values by row of the fixture, laid out as the predictions of the micro-batch, which sorts groups by length. */
function inPackedOrder(valuesOf: (row: number) => Float32Array): number[] {
  return microBatch!.completions.flatMap(({ group, completion }) => [
    ...valuesOf(group * GROUP_SIZE + completion),
  ]);
}

/** The loss of a case and its gradient by log-probability, from the log-probabilities that PyTorch had. */
function lossOfLogProbs(lossCase: LossCase): { loss: number; gradient: Float32Array } {
  const graph = new Graph();
  const current = graph.input('current', 'float32', [count]);
  const loss = lossOf(lossCase, graph, current, microBatch!);
  graph.output('loss', loss);
  graph.output('gradient', gradientsOfLoss(loss, [current])[0]!);
  const rows = inPackedOrder((row) => currentLogProbs(lossCase.temperature, row));
  const executable = runtime.compile(graph);
  const results = executable.run({ current: floats(rows, [count]) });
  executable.release();
  return { loss: results.loss!.data[0]!, gradient: results.gradient!.data as Float32Array };
}

t.ok(LOSS_CASES.length > 0, 'the fixture has cases');

for (const lossCase of LOSS_CASES) {
  t.test(`${lossCase.name}: the loss and its gradient by log-probability are TRL's`, async (t) => {
    const { loss, gradient } = lossOfLogProbs(lossCase);
    // Terms are of order 1 and may cancel, so that the loss is compared absolutely.
    t.ok(Math.abs(loss - lossCase.loss) < 5e-7, `loss ${loss}, expected ${lossCase.loss}`);
    const expected = inPackedOrder((row) => logProbGradient(lossCase, row));
    const scale = Math.max(...expected.map(Math.abs));
    const difference = maxDifference(gradient, expected) / scale;
    t.ok(difference < 2e-6, `relative difference ${difference}`);
  });
}

t.test('the gradient of a masked token is exactly zero', async (t) => {
  const partial = LOSS_CASES.filter(({ mask }) => mask === 'partial_mask');
  t.ok(partial.length > 0, 'the fixture has cases with a partial mask');
  for (const lossCase of partial) {
    const { gradient } = lossOfLogProbs(lossCase);
    const { isReal } = policyInputs(lossCase, microBatch!);
    const masked = gradient.filter((_, i) => isReal[i] === 0);
    t.ok(masked.length > 3, `${masked.length} masked tokens`);
    t.ok(masked.every((x) => x === 0));
  }
});

t.test('weights aggregate as each loss says', async (t) => {
  // Completions of 4, 2 and 0 trained tokens, at most 8: B = 3, N = 6.
  const shape = { trajectoryCount: 3, tokenCount: 6, maxCompletionTokens: 8 };
  const weightsOf = (loss: LossName): number[] =>
    [4, 2, 0].map((length) => aggregationWeight(loss, shape, length));
  t.strictSame(weightsOf('grpo'), [1 / 12, 1 / 6, 1 / 3]);
  t.strictSame(weightsOf('gspo'), weightsOf('grpo'));
  t.strictSame(weightsOf('dapo'), [1 / 6, 1 / 6, 1 / 6]);
  t.strictSame(weightsOf('bnpo'), weightsOf('dapo'));
  t.strictSame(weightsOf('cispo'), weightsOf('dapo'));
  t.strictSame(weightsOf('dr_grpo'), [1 / 24, 1 / 24, 1 / 24]);
  t.equal(
    aggregationWeight('dapo', { trajectoryCount: 2, tokenCount: 0, maxCompletionTokens: 8 }, 0),
    1,
    'no token: no division by zero',
  );
});
