/** Groups that are searched trees: each segment is computed once, and teaches what it would teach as a completion of its path. */
import t from 'tap';
import { Learner } from '../../../src/learner/learner.js';
import { packGroups } from '../../../src/learner/packing.js';
import { PADDED_KEY_POSITION } from '../../../src/model/packed-attention.js';
import { type GroupCompleted, message } from '../../../src/protocol/index.js';
import { Random } from '../../../src/random.js';
import { groupCompleted } from '../../../src/testing/messages.js';
import { ADVANTAGE_EPSILON, LOSS_CASES, lossOptions, normOf } from '../../kit/grpo-fixture.js';
import { fixturePolicy, runtime } from '../../kit/tiny-policies.js';

const SEED = Number(process.env.TEST_SEED ?? 1);
const VOCABULARY = fixturePolicy('gemma2').config.vocabSize;

/** prompt ─┬─ 0 ─┬─ 1
 *          │     └─ 2 ─┬─ 3
 *          └─ 5        └─ 4 */
const PARENTS = Int32Array.of(-1, 0, 0, 2, 2, -1);
const LENGTHS = [3, 4, 2, 5, 1, 6];
const ADVANTAGES = [0.4, -0.7, 0.9, 1.1, -0.2, -0.5];
const PATH_WEIGHTS = [0.5, 0.25, 0.25, 0.125, 0.125, 0.5];
const ENDS = 4;

function drawTree(random: Random) {
  const tokens = (count: number): Int32Array =>
    Int32Array.from({ length: count }, () => random.integer(3, VOCABULARY - 1));
  return { promptTokens: tokens(5), segments: LENGTHS.map(tokens) };
}

function groupOf(
  promptTokens: Int32Array,
  segments: readonly Int32Array[],
  places: readonly number[],
  parents: Int32Array,
  weightFactor: number,
  promptIndex = 0,
): GroupCompleted {
  const tokens = Int32Array.from(places.flatMap((i) => [...segments[i]!]));
  return groupCompleted({
    groupId: `g${promptIndex}`,
    promptIndex,
    promptTokens,
    tokens,
    lengths: Int32Array.from(places, (i) => segments[i]!.length),
    logProbs: new Float32Array(tokens.length).fill(-2),
    supportLogMass: new Float32Array(tokens.length),
    stopped: new Uint8Array(places.length).fill(1),
    rewardNames: ['answer'],
    rewards: Float32Array.from(places, (i) => i / 10),
    scored: new Uint8Array(places.length).fill(1),
    parents,
    advantages: Float32Array.from(places, (i) => ADVANTAGES[i]!),
    pathWeights: Float32Array.from(places, (i) => PATH_WEIGHTS[i]! * weightFactor),
  });
}

function update(
  groups: readonly GroupCompleted[],
  tokensPerMicroBatch = 4096,
  loss: 'dapo' | 'dr_grpo' = 'dapo',
) {
  const { config, weights } = fixturePolicy('gemma2');
  const dapo = LOSS_CASES.find(({ name }) => name === 'dapo')!;
  const learner = new Learner({
    runtime,
    config,
    weights,
    batch: {
      scale: 'group',
      epsilon: ADVANTAGE_EPSILON,
      loss,
      rewards: { answer: { weight: 1, kind: 'outcome' } },
      maskTruncated: true,
      maxCompletionTokens: 64,
      shuffleSeed: null,
    },
    loss: { ...lossOptions(dapo), epsilonHigh: 1e6, epsilonLow: 0.999_999 },
    adam: { beta1: 0, beta2: 0.99, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 1e30 },
    schedule: { learningRate: 1e-3, warmupUpdates: 0, schedule: 'constant', finalLearningRateFraction: 0 },
    updates: 10,
    iterations: 1,
    temperature: 1,
    tokensPerMicroBatch,
  });
  const result = learner.update(0, groups);
  learner.release();
  return { result, gradients: learner.optimizer.state.firstMoments };
}

t.test(
  'a tree gives the gradient of its segments taken one by one as completions of their paths',
  async (t) => {
    const { promptTokens, segments } = drawTree(new Random(SEED, 'tree'));
    const pathTo = (i: number): number[] => (i < 0 ? [] : [...pathTo(PARENTS[i]!), i]);
    const tree = update([groupOf(promptTokens, segments, [0, 1, 2, 3, 4, 5], PARENTS, 1)]);
    // One segment has one end, so that its relative weight is its path weight times 1.
    const apart = segments.map((_, i) => {
      const before = pathTo(PARENTS[i]!).flatMap((k) => [...segments[k]!]);
      return groupOf(
        Int32Array.from([...promptTokens, ...before]),
        segments,
        [i],
        Int32Array.of(-1),
        ENDS,
        i,
      );
    });
    const flat = update(apart);
    t.ok(tree.result.applied && flat.result.applied);
    const relative = normOf(tree.gradients.map((x, i) => x - flat.gradients[i]!)) / normOf(flat.gradients);
    t.ok(relative < 2e-6, `gradients differ by ${relative} of their norm (seed ${SEED})`);
    t.ok(Math.abs(tree.result.metrics.loss - flat.result.metrics.loss) < 1e-6);
    t.ok(tree.result.packedTokens < 0.5 * flat.result.packedTokens, 'shared segments are computed once');
  },
);

t.test('a star-shaped tree with the advantages of its group is the group', async (t) => {
  const { promptTokens, segments } = drawTree(new Random(SEED, 'star'));
  const star = groupOf(promptTokens, segments, [0, 1, 2, 3], new Int32Array(4).fill(-1), 1);
  const { parents: _p, advantages: _a, pathWeights: _w, ...plain } = star;
  const rewards = [...star.rewards];
  const mean = rewards.reduce((sum, x) => sum + x, 0) / 4;
  const deviation = Math.sqrt(rewards.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 3);
  const advantages = Float32Array.from(rewards, (x) => (x - mean) / (deviation + ADVANTAGE_EPSILON));
  const tree = { ...star, advantages, pathWeights: new Float32Array(4).fill(0.25) };
  const [a, b] = [update([tree]), update([plain])];
  const relative = normOf(a.gradients.map((x, i) => x - b.gradients[i]!)) / normOf(b.gradients);
  t.ok(relative < 1e-6, `gradients differ by ${relative} of their norm`);
});

t.test('with dr_grpo a tree gives the gradient of its paths as whole completions', async (t) => {
  const { promptTokens, segments } = drawTree(new Random(SEED, 'paths'));
  const pathTo = (i: number): number[] => (i < 0 ? [] : [...pathTo(PARENTS[i]!), i]);
  const ends = segments.flatMap((_, i) => (PARENTS.includes(i) ? [] : [i]));
  const paths = segments.map((_, i) => Int32Array.from(pathTo(i).flatMap((k) => [...segments[k]!])));
  const star = groupOf(promptTokens, paths, ends, new Int32Array(ends.length).fill(-1), 1);
  const whole = groupOf(promptTokens, segments, [0, 1, 2, 3, 4, 5], PARENTS, 1);
  // What a path is worth reaches each of its tokens: of a segment, the weighted mean over the paths through it.
  const advantages = whole.advantages!.map((_, i) => {
    const through = ends.filter((end) => pathTo(end).includes(i));
    const sum = (of: (end: number) => number): number => through.reduce((x, end) => x + of(end), 0);
    return sum((end) => PATH_WEIGHTS[end]! * ADVANTAGES[end]!) / sum((end) => PATH_WEIGHTS[end]!);
  });
  const [a, b] = [update([{ ...whole, advantages }], 4096, 'dr_grpo'), update([star], 4096, 'dr_grpo')];
  const relative = normOf(a.gradients.map((x, i) => x - b.gradients[i]!)) / normOf(b.gradients);
  t.ok(relative < 2e-6, `gradients differ by ${relative} of their norm (seed ${SEED})`);
});

t.test('every token of a tree sees its path and nothing else', async (t) => {
  const { promptTokens, segments } = drawTree(new Random(SEED, 'context'));
  const [batch] = packGroups([{ promptTokens, completions: segments, parents: PARENTS }], 1000);
  const { inputs, predictors, targets, completions } = batch!;
  const [, width] = inputs.queryIndex!.shape as [number, number];
  const [, keyWidth] = inputs.keyIndex!.shape as [number, number];
  const pathTo = (i: number): number[] => (i < 0 ? [] : [...pathTo(PARENTS[i]!), i]);
  for (const { completion, firstPrediction, length } of completions) {
    const before = pathTo(PARENTS[completion]!).flatMap((k) => [...segments[k]!]);
    for (let i = 0; i < length; i++) {
      const place = inputs.unpad!.data[predictors[firstPrediction + i]!]!;
      const [row, position] = [Math.floor(place / width), inputs.queryPositions!.data[place]!];
      const seen: number[] = [];
      for (let k = row * keyWidth; k < (row + 1) * keyWidth; k++) {
        const at = inputs.keyPositions!.data[k]!;
        if (at !== PADDED_KEY_POSITION && at <= position)
          seen.push(inputs.tokenIds!.data[inputs.keyIndex!.data[k]!]!);
      }
      t.same(seen, [...promptTokens, ...before, ...segments[completion]!.subarray(0, i)]);
      t.equal(targets[firstPrediction + i], segments[completion]![i]);
    }
  }
});

t.test('a truncated end is left out, its siblings and its path are not', async (t) => {
  const { promptTokens, segments } = drawTree(new Random(SEED, 'cut'));
  const group = groupOf(promptTokens, segments, [0, 1, 2, 3, 4, 5], PARENTS, 1);
  // Segments on the way do not stop; of the ends, number 3 was cut.
  const { result } = update([{ ...group, stopped: Uint8Array.of(0, 1, 0, 0, 1, 1) }]);
  t.same([result.outcomes.applied, result.outcomes.truncated], [3, 1], 'its four paths');
});

t.test('a tree whose advantages are all 0 is a dead group; arrays that do not fit are refused', async (t) => {
  const { promptTokens, segments } = drawTree(new Random(SEED, 'dead'));
  const group = groupOf(promptTokens, segments, [0, 1, 2, 3, 4, 5], PARENTS, 1);
  const dead = update([{ ...group, advantages: new Float32Array(6) }]);
  t.notOk(dead.result.applied);
  t.equal(dead.result.outcomes.dead_group, 4);
  t.ok(message.safeParse(group).success);
  const { parents: _, ...orphaned } = group;
  for (const wrong of [
    orphaned,
    { ...group, parents: Int32Array.of(-1, 0, 0, 2, 4, -1) },
    { ...group, advantages: new Float32Array(5) },
  ])
    t.notOk(message.safeParse(wrong).success);
});
