import t from 'tap';
import { Learner, type LearnerOptions, type UpdateResult } from '../../../src/learner/learner.js';
import type { GroupCompleted } from '../../../src/protocol/index.js';
import { Random } from '../../../src/random.js';
import {
  ADVANTAGE_EPSILON,
  groupMessages,
  LOSS_CASES,
  type LossCase,
  lossOptions,
  namedGradients,
  normOf,
  parameterGradient,
} from '../../kit/grpo-fixture.js';
import { fixturePolicy, maxDifference, runtime } from '../../kit/tiny-policies.js';

const SEED = Number(process.env.TEST_SEED ?? 1);
const named = (name: string): LossCase => LOSS_CASES.find((lossCase) => lossCase.name === name)!;
type Change = { [K in keyof LearnerOptions]?: Partial<LearnerOptions[K]> | LearnerOptions[K] };

/** A learner of the fixture's policy. With beta1 = 0 its first moments are the gradients of the last update. */
function createLearner(lossCase = named('dapo'), change: Change = {}) {
  const { config, weights } = fixturePolicy('gemma2');
  const options: LearnerOptions = {
    runtime,
    config,
    weights,
    batch: {
      scale: 'group',
      epsilon: ADVANTAGE_EPSILON,
      loss: lossCase.lossType,
      rewards: { answer: { weight: 1, kind: 'outcome' } },
      maskTruncated: true,
      maxCompletionTokens: lossCase.maxCompletionLength ?? 12,
      shuffleSeed: null,
    },
    loss: lossOptions(lossCase),
    adam: { beta1: 0, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1, maxGradNorm: 1e30 },
    schedule: { learningRate: 1e-3, warmupUpdates: 0, schedule: 'constant', finalLearningRateFraction: 0 },
    updates: 10,
    iterations: 1,
    temperature: lossCase.temperature,
    tokensPerMicroBatch: 4096,
  };
  const merged = { ...options } as Record<string, unknown>;
  for (const [key, value] of Object.entries(change)) {
    const own = merged[key];
    merged[key] = typeof value === 'object' && value !== null ? { ...(own as object), ...value } : value;
  }
  const learner = new Learner(merged as unknown as LearnerOptions);
  return { learner, weights };
}

interface Outcome {
  readonly result: UpdateResult;
  readonly gradients: Float32Array;
  readonly weights: Float32Array;
}

function updateOnce(groups: readonly GroupCompleted[], lossCase?: LossCase, change?: Change): Outcome {
  const { learner, weights } = createLearner(lossCase, change);
  const result = learner.update(0, groups);
  learner.release();
  return { result, gradients: learner.optimizer.state.firstMoments, weights: weights.flat };
}

const unpenalised = LOSS_CASES.filter(
  ({ beta, mask, behaviour }) => beta === 0 && mask === 'mask' && behaviour === 'behaviour',
);
t.ok(unpenalised.length > 0, 'the fixture has cases without a KL penalty');

for (const lossCase of unpenalised) {
  t.test(`${lossCase.name}: groups of messages give TRL's loss and gradients`, async (t) => {
    const { learner, weights } = createLearner(lossCase);
    const result = learner.update(0, groupMessages(lossCase.temperature));
    t.ok(result.applied);
    t.ok(
      Math.abs(result.metrics.loss - lossCase.loss) < 1e-6,
      `loss ${result.metrics.loss}, expected ${lossCase.loss}`,
    );
    t.ok(Math.abs(result.metrics.grad_norm / lossCase.gradientNorm - 1) < 1e-5);
    t.strictSame([result.outcomes.applied, result.outcomes.dead_group], [6, 3], 'group 1 is dead');
    const gradients = { ...weights, flat: learner.optimizer.state.firstMoments };
    if (lossCase.hasFullGradient) {
      for (const [name, gradient] of namedGradients(gradients)) {
        const expected = lossCase.parameterGradients[name]!.norm;
        const difference = maxDifference(gradient, parameterGradient(lossCase, name)) / expected;
        if (difference > 1e-5) t.fail(`${name}: relative difference ${difference}`);
      }
    }
    learner.release();
  });
}

t.test('the update does not depend on the size of micro-batches', async (t) => {
  for (const name of ['dapo', 'grpo', 'dr_grpo', 'gspo']) {
    const whole = updateOnce(groupMessages(1), named(name));
    t.ok(whole.result.packedTokens > 30);
    for (const tokensPerMicroBatch of [1, 15, 25]) {
      const cut = updateOnce(groupMessages(1), named(name), { tokensPerMicroBatch });
      const difference = cut.gradients.map((x, i) => x - whole.gradients[i]!);
      const relative = normOf(difference) / normOf(whole.gradients);
      t.ok(
        relative < 1e-6,
        `${name}, ${tokensPerMicroBatch} tokens: gradients differ by ${relative} of their norm`,
      );
      t.ok(Math.abs(cut.result.metrics.loss - whole.result.metrics.loss) < 2e-7);
    }
  }
});

t.test('the update is the same bits whatever order the groups arrive in', async (t) => {
  const groups = groupMessages(1);
  const expected = updateOnce(groups);
  for (const order of [
    [2, 1, 0],
    [1, 2, 0],
  ]) {
    const arrived = order.map((i) => groups[i]!);
    const { weights, result } = updateOnce(arrived);
    t.equal(maxDifference(weights, expected.weights), 0);
    t.strictSame(result.metrics, expected.result.metrics);
  }
});

t.test('two learners with the same input end with the same bits after several updates', async (t) => {
  const runs = [0, 1].map(() => {
    const { learner, weights } = createLearner(named('dapo'), { adam: { beta1: 0.9 } });
    const losses = [0, 1, 2].map((update) => learner.update(update, groupMessages(1)).metrics.loss);
    learner.release();
    return { losses, flat: weights.flat };
  });
  t.strictSame(runs[0]!.losses, runs[1]!.losses);
  t.equal(maxDifference(runs[0]!.flat, runs[1]!.flat), 0);
  t.equal(new Set(runs[0]!.losses).size, 3, 'the policy moves');
});

/** Groups 0 and 2 live, as `change` says. */
function withRewards(rewards: readonly number[], change: Partial<GroupCompleted> = {}): GroupCompleted[] {
  return groupMessages(1).map((group) => ({ ...group, rewards: Float32Array.from(rewards), ...change }));
}

t.test('a batch with nothing to learn from changes nothing and says so', async (t) => {
  const nothing: Record<string, readonly GroupCompleted[]> = {
    'no group': [],
    'all rewards equal': withRewards([1, 1, 1]),
    'every completion cut at the limit': withRewards([1, 0, 0], { stopped: new Uint8Array(3) }),
    'rewards that are not finite': withRewards([Number.NaN, 0, 1]),
    'groups of one': groupMessages(1).map((group) => ({
      ...group,
      tokens: group.tokens.slice(0, group.lengths[0]),
      logProbs: group.logProbs.slice(0, group.lengths[0]),
      supportLogMass: group.supportLogMass.slice(0, group.lengths[0]),
      lengths: group.lengths.slice(0, 1),
      stopped: group.stopped.slice(0, 1),
      scored: group.scored.slice(0, 1),
      rewards: Float32Array.of(1),
    })),
  };
  const { learner, weights } = createLearner();
  learner.update(0, groupMessages(1)); // so that there are moments to keep
  const { firstMoments, secondMoments } = learner.optimizer.state;
  const before = [weights.flat, firstMoments, secondMoments].map((x) => Float32Array.from(x));
  for (const [title, groups] of Object.entries(nothing)) {
    const { applied, outcomes, metrics } = learner.update(1, groups);
    t.notOk(applied, title);
    t.equal(metrics.grad_norm, 0, title);
    t.equal(metrics.loss, 0, title);
    const after = [weights.flat, firstMoments, secondMoments];
    t.equal(Math.max(...after.map((x, i) => maxDifference(x, before[i]!))), 0, title);
    t.equal(learner.optimizer.state.count, 1, title);
    const expected = groups.reduce((sum, { lengths }) => sum + lengths.length, 0);
    const counted = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
    t.equal(counted, expected, `${title}: every trajectory is counted`);
    t.equal(outcomes.applied, 0);
  }
  t.ok(learner.update(2, groupMessages(1)).applied, 'and learning goes on');
  learner.release();
});

t.test('a group with a number that is not finite leaves the others as they are', async (t) => {
  const [first, , third] = groupMessages(1);
  const clean = updateOnce([first!, third!]);
  const spoiled: readonly Partial<GroupCompleted>[] = [
    { rewards: Float32Array.of(Number.NaN, 1, 0) },
    { logProbs: first!.logProbs.map((x, i) => (i === 2 ? Number.NaN : x)) },
    { supportLogMass: first!.supportLogMass.map(() => Number.NEGATIVE_INFINITY) },
    { scored: Uint8Array.of(1, 1, 0) },
  ];
  for (const change of spoiled) {
    const bad = { ...first!, promptIndex: 7, groupId: 'bad', ...change };
    const { result, weights } = updateOnce([first!, bad, third!]);
    t.equal(result.outcomes.scorer_error, 3);
    t.equal(result.outcomes.applied, 6);
    t.ok(result.applied);
    t.match(result.dropped, [{ outcome: 'scorer_error', group: { groupId: 'bad' } }]);
    t.equal(maxDifference(weights, clean.weights), 0);
  }
});

t.test('a gradient that is not finite is not applied, and is gone at the next update', async (t) => {
  const { learner, weights } = createLearner();
  const before = weights.flat.slice();
  // exp(current − behaviour) overflows, and a negative advantage does not clip it.
  const broken = groupMessages(1).map((group) => ({ ...group, logProbs: group.logProbs.map(() => -1e4) }));
  const result = learner.update(0, broken);
  t.notOk(result.applied);
  t.notOk(Number.isFinite(result.metrics.grad_norm));
  t.equal(maxDifference(weights.flat, before), 0);
  t.ok(learner.update(1, groupMessages(1)).applied);
  t.equal(maxDifference(weights.flat, updateOnce(groupMessages(1)).weights), 0, 'as if it had never been');
  learner.release();
});

t.test('log-probabilities over a kept set of tokens are compared with the same set', async (t) => {
  // A sampler that kept mass e^s of the tokens gives log-probabilities that are s higher.
  const random = new Random(SEED, 'support');
  const filtered = groupMessages(1).map((group) => {
    const supportLogMass = group.logProbs.map(() => -random.uniform());
    return { ...group, supportLogMass, logProbs: group.logProbs.map((x, i) => x - supportLogMass[i]!) };
  });
  const plain = updateOnce(groupMessages(1));
  const { gradients, result } = updateOnce(filtered);
  t.ok(Math.abs(result.metrics.loss - plain.result.metrics.loss) < 1e-6);
  t.ok(maxDifference(gradients, plain.gradients) < 1e-5 * normOf(plain.gradients), `seed ${SEED}`);
});

t.test('a divergence from the policy it started with is zero at first and grows', async (t) => {
  const { learner } = createLearner(named('dapo-kl-k3'), {
    loss: { beta: 10 },
    schedule: { learningRate: 0.01 },
  });
  const divergences = [0, 1, 2].map((update) => learner.update(update, groupMessages(1)).metrics.kl!);
  learner.release();
  t.ok(Math.abs(divergences[0]!) < 1e-6, `${divergences[0]}`);
  t.ok(divergences[1]! > 1e-4 && divergences[2]! > 1e-4, `${divergences}`);
  t.notOk(
    'kl' in updateOnce(groupMessages(1)).result.metrics,
    'without its weight there is no reference policy',
  );
});

t.test('several passes over a batch are several steps', async (t) => {
  const { learner, weights } = createLearner(named('dapo'), { iterations: 3 });
  const start = weights.flat.slice();
  const { metrics } = learner.update(0, groupMessages(1));
  t.equal(learner.optimizer.state.count, 3);
  const sampling = 'sampling/sampling_logp_difference/mean';
  t.equal(
    metrics[sampling],
    updateOnce(groupMessages(1)).result.metrics[sampling],
    'the behaviour policy is compared with what the first pass saw',
  );
  const once = createLearner(named('dapo'));
  for (let i = 0; i < 3; i++) once.learner.update(0, groupMessages(1));
  t.equal(maxDifference(weights.flat, once.weights.flat), 0, 'the same as the batch three times');
  t.ok(maxDifference(weights.flat, start) > 1e-3);
  learner.release();
  once.learner.release();
});

t.test('repeating a batch raises the probability of what was rewarded', async (t) => {
  const { learner } = createLearner(named('dapo'), {
    schedule: { learningRate: 3e-3 },
    adam: { beta1: 0.9, weightDecay: 0 },
  });
  const losses = Array.from(
    { length: 8 },
    (_, update) => learner.update(update, groupMessages(1)).metrics.loss,
  );
  learner.release();
  t.ok(losses.at(-1)! < losses[0]! - 0.05, `${losses}`);
});
