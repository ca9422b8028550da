import t from 'tap';
import { type PretrainProgress, pretrain, type SupervisedExample } from '../../../src/learner/pretrain.js';
import { parameterLayout } from '../../../src/model/parameters.js';
import { createWeights, initializeWeights } from '../../../src/model/weights.js';
import { Random } from '../../../src/random.js';
import { fixtureConfig, maxDifference, runtime } from '../../kit/tiny-policies.js';

// The fixture's soft-caps are so tight that no policy could be sure of a token.
const config = { ...fixtureConfig('gemma2'), attentionSoftcap: 50, finalSoftcap: 30 };
const [BEGIN, END, FIRST, DIGITS] = [2, 1, 10, 8];

/** Prompt: a digit and a count; completion: that many successors of the digit, then the end. */
function successors(seed: number): (index: number) => SupervisedExample {
  return (index) => {
    const random = new Random(seed, 'successors', index);
    const [digit, count] = [random.integer(0, DIGITS - 1), random.integer(1, 3)];
    const following = Array.from({ length: count }, (_, i) => FIRST + ((digit + 1 + i) % DIGITS));
    return {
      promptTokens: Int32Array.of(BEGIN, FIRST + digit, 30 + count),
      completionTokens: Int32Array.of(...following, END),
    };
  };
}

function run(
  seed: number,
  tokenBudget: number,
  fill?: number,
): { flat: Float32Array; log: PretrainProgress[]; last: PretrainProgress; asked: number[] } {
  const weights = createWeights(parameterLayout(config));
  initializeWeights(weights, new Random(seed), config.normOffset, 0.1);
  if (fill !== undefined) weights.flat.fill(fill);
  const log: PretrainProgress[] = [];
  const asked: number[] = [];
  const examples = successors(seed);
  const last = pretrain({
    runtime,
    config,
    weights,
    example: (index) => {
      asked.push(index);
      return examples(index);
    },
    tokenBudget,
    tokensPerUpdate: 120,
    schedule: { learningRate: 0.02, warmupUpdates: 5, schedule: 'cosine', finalLearningRateFraction: 0.05 },
    adam: { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.01, maxGradNorm: 1 },
    onUpdate: (progress) => log.push(progress),
  });
  return { flat: weights.flat, log, last, asked };
}

t.test('the loss falls from that of a guess to nearly nothing on a task without chance', async (t) => {
  const { log, last, asked } = run(1, 24_000);
  const guess = Math.log(config.vocabSize); // 4.16 nats
  t.ok(Math.abs(log[0]!.loss - guess) < 0.5, `first loss ${log[0]!.loss}`);
  t.ok(last.loss < 0.05, `last loss ${last.loss}`);
  t.strictSame(log.at(-1), last);
  t.strictSame(
    log.map(({ update }) => update),
    log.map((_, i) => i + 1),
  );
  t.ok(last.tokens >= 24_000 && last.tokens < 24_000 + 130, `${last.tokens} tokens`);
  t.strictSame(
    asked,
    asked.map((_, i) => i),
    'every example is seen once, in order',
  );
  t.ok(log.every(({ gradNorm }) => gradNorm > 0 && Number.isFinite(gradNorm)));
  t.equal(last.skippedUpdates, 0);
  t.ok(log[0]!.learningRate < log[4]!.learningRate && last.learningRate < 0.002, 'the schedule is followed');
});

t.test('a run is a function of its seed, bit for bit', async (t) => {
  const [first, second, other] = [run(1, 2400), run(1, 2400), run(2, 2400)];
  t.strictSame(first.log, second.log);
  t.equal(maxDifference(first.flat, second.flat), 0);
  t.ok(maxDifference(first.flat, other.flat) > 0.01);
});

t.test('updates whose gradient is not finite change nothing and are counted', async (t) => {
  // Finite weights, but queries times keys are not.
  const { log, last, flat } = run(1, 600, 1e37);
  t.strictSame(
    log.map(({ skippedUpdates }) => skippedUpdates),
    log.map((_, i) => i + 1),
  );
  t.equal(last.skippedUpdates, last.update);
  t.ok(
    flat.every((x) => x === Math.fround(1e37)),
    'the weights are those it began with',
  );
});
