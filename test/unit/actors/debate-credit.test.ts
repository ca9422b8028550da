/** What the learner makes of a debate: each role is trained on its own tokens and on nothing that it read. */
import t from 'tap';
import type { Turn } from '../../../src/data/prompt.js';
import { type BatchOptions, buildBatch } from '../../../src/learner/batch.js';
import { Learner } from '../../../src/learner/learner.js';
import type { LossOptions } from '../../../src/learner/losses.js';
import { packGroups } from '../../../src/learner/packing.js';
import { PolicyGraph } from '../../../src/learner/policy-graph.js';
import { createWeights } from '../../../src/model/weights.js';
import { type GroupCompleted, noOutcomes, type Role } from '../../../src/protocol/index.js';
import { Random } from '../../../src/random.js';
import { taskAssign } from '../../../src/testing/messages.js';
import { until } from '../../../src/testing/settle.js';
import { type Asked, answering, codes, makeDebateSystem, textOf } from '../../kit/debates.js';
import { maxDifference, nanoPolicy, runtime } from '../../kit/tiny-policies.js';

const SEED = Number(process.env.TEST_SEED ?? 1);

const BATCH: BatchOptions = {
  scale: 'group',
  epsilon: 1e-4,
  loss: 'dapo',
  maskTruncated: true,
  maxCompletionTokens: 64,
  rewards: { answer: { weight: 1, kind: 'outcome' }, critique: { weight: 1, kind: 'outcome' } },
  shuffleSeed: null,
};
const LOSS: LossOptions = {
  loss: 'dapo',
  epsilonLow: 0.2,
  epsilonHigh: 0.28,
  delta: null,
  cispoEpsilonMax: 5,
  beta: 0,
  klEstimator: 'k3',
};

/** Prompts short enough for a small policy; one token for each letter. */
const encodePrompt = (question: string, role: Role = 'forward', turns: readonly Turn[] = []): Int32Array =>
  codes(`${role}: ${question}${turns.map(({ text }) => ` ${text}`).join('')}`);

/** Answers drawn from the key of a completion. */
function complete({ prompt, promptIndex, stream, sample }: Asked): string {
  const random = new Random(SEED, 'credit', promptIndex, stream, sample);
  return answering(
    prompt.startsWith('skeptic') ? random.pick(['forward', 'neither']) : String(random.integer(2, 3)),
  );
}

/** The groups of one debate and of a task of forward alone, both of eight completions. */
async function groupsOf(options: Partial<Parameters<typeof makeDebateSystem>[0]> = {}) {
  const { system, learner } = makeDebateSystem({ complete, encodePrompt, ...options });
  const task = { promptIndex: 3, groupSize: 8 };
  system.tell('main/moderator', taskAssign({ ...task, taskId: 'debate', strategy: 'debate' }));
  system.tell('main/forward-0', taskAssign({ ...task, taskId: 'plain' }));
  await until('both tasks', () => learner.filter(({ endsTask }) => endsTask).length === 2);
  const groups = learner as GroupCompleted[];
  return {
    debate: groups.filter(({ taskId }) => taskId === 'debate'),
    plain: groups.filter(({ taskId }) => taskId === 'plain'),
  };
}

t.test('of a debate exactly the tokens that its roles sampled are predicted', async (t) => {
  const { debate } = await groupsOf();
  t.equal(new Set(debate.map(({ role }) => role)).size, 4);
  const judge = debate.find(({ role }) => role === 'synthesizer')!;
  t.match(textOf(judge.promptTokens), /: 1 \+ 1\? [23] [23]/, 'a prompt shows what others said');
  const batch = buildBatch(debate, noOutcomes(), BATCH);
  t.ok(batch.groups.length >= 4, `seed ${SEED}: ${batch.groups.length} groups live`);
  for (const maxTokens of [1, 400, 1e6]) {
    let completionCount = 0;
    for (const { completions, targets, predictionCount } of packGroups(batch.groups, maxTokens)) {
      completionCount += completions.length;
      const sampled = completions.flatMap(({ group, completion }) => [
        ...batch.groups[group]!.trajectories[completion]!.tokens,
      ]);
      t.same([...targets], sampled);
      t.equal(predictionCount, sampled.length, 'nothing of a prompt is predicted');
    }
    t.equal(completionCount, batch.outcomes.applied);
  }
});

t.test('what a role read gets no gradient: without weight on its own tokens nothing is left', async (t) => {
  const { debate } = await groupsOf();
  const { groups } = buildBatch(debate, noOutcomes(), BATCH);
  const { config, weights } = nanoPolicy(SEED);
  const gradients = createWeights(weights.layout);
  const options = { config, chunks: 1, temperature: 1, positionCount: config.maxPositions };
  const graph = new PolicyGraph(runtime, weights, gradients, options, LOSS);
  for (const weight of [0, 1]) {
    gradients.flat.fill(0);
    for (const packed of packGroups(groups, 2000)) {
      const perToken = (value: number) => new Float32Array(packed.predictionCount).fill(value);
      const { completions } = packed;
      graph.run(packed, {
        behaviour: perToken(-6),
        supportLogMass: perToken(0),
        advantages: perToken(1),
        weights: perToken(weight),
        isReal: perToken(1),
        reference: null,
        sequence: Int32Array.from(completions.flatMap(({ length }, s) => new Array<number>(length).fill(s))),
        inverseLengths: Float32Array.from(completions, ({ length }) => 1 / length),
      });
    }
    const largest = gradients.flat.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    if (weight === 0) t.equal(largest, 0);
    else t.ok(largest > 1e-3, `${largest}`);
  }
  graph.release();
});

t.test('a debate of one role and one round is plain GRPO: the same update, bit for bit', async (t) => {
  const { debate, plain } = await groupsOf({
    samplesPerTurn: (forward) => ({ forward, backward: 0, skeptic: 0, synthesizer: 0 }),
    maxRounds: 1,
  });
  const updated = [debate, plain].map((groups) => {
    const { config, weights } = nanoPolicy(SEED);
    const learner = new Learner({
      runtime,
      config,
      weights,
      batch: BATCH,
      loss: LOSS,
      updates: 10,
      iterations: 1,
      temperature: 1,
      adam: { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1, maxGradNorm: 1 },
      schedule: { learningRate: 1e-3, warmupUpdates: 0, schedule: 'constant', finalLearningRateFraction: 0 },
      tokensPerMicroBatch: 2000,
    });
    const { applied, metrics, outcomes } = learner.update(0, groups);
    learner.release();
    return { applied, metrics, outcomes, flat: weights.flat };
  });
  const [first, second] = updated;
  t.equal(first?.applied, true);
  t.strictSame([first?.metrics, first?.outcomes], [second?.metrics, second?.outcomes]);
  t.equal(maxDifference(first!.flat, second!.flat), 0);
  t.ok(maxDifference(first!.flat, nanoPolicy(SEED).weights.flat) > 0, 'the policy moves');
});
