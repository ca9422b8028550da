import t from 'tap';
import { driveSearch } from '../../../../lab/search/drive.js';
import { SimulatedPolicy } from '../../../../lab/search/simulated-policy.js';
import { Random } from '../../../../src/random.js';
import { groupAdvantages } from '../../../../src/rewards/advantages.js';
import { leafGroup, leafTrajectories, stepAdvantages } from '../../../../src/techniques/search/export.js';
import { drawValues, pathWeights } from '../../../../src/techniques/search/policy-value.js';
import { type Continuation, TreeSearch } from '../../../../src/techniques/search/search.js';
import type { SearchTree, Step } from '../../../../src/techniques/search/tree.js';

const SCALE = { scale: 'group', epsilon: 1e-4 } as const;
const TOLERANCE = 1e-12;
const MODES = ['siblings', 'leaveOneOut', 'treeRl'] as const;

const step = (text: string): Step => ({
  text,
  tokens: Int32Array.from(text, (letter) => letter.charCodeAt(0)),
  logProbs: Float32Array.from(text, (letter) => -letter.charCodeAt(0) / 64),
  supportLogMass: Float32Array.from(text, () => -0.25),
});
/** A path of steps to an answer of its own. */
const path = (texts: readonly string[], reward: number): Continuation => ({
  steps: texts.map(step),
  ending: { answer: texts.join('/'), answerClass: texts.join('/'), stopped: true },
  reward,
});
/** The tree of these completions, drawn from the root. */
function treeOf(...paths: readonly Continuation[]): SearchTree {
  const search = new TreeSearch({ width: 99, maxDraws: 99 });
  for (const continuation of paths) {
    const work = search.next();
    if (work.kind === 'ticket') search.complete(work.ticket.ticketId, continuation);
  }
  return search.tree;
}
const star = (rewards: readonly number[]): SearchTree =>
  treeOf(...rewards.map((reward, i) => path([`leaf ${i}`], reward)));
const searched = (seed: number): SearchTree => {
  const task = { branching: 3, depth: 4, rightShare: 0.6, skill: 0, confidence: 1, tokensPerStep: 2 };
  const search = new TreeSearch({ maxRollouts: 30, seed });
  driveSearch(search, new SimulatedPolicy({ ...task, seed, distinct: seed % 2 === 0 }));
  return search.tree;
};
const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= TOLERANCE;

t.test('a star is plain GRPO: the advantages are those of the learner', async (t) => {
  for (let seed = 0; seed < 200; seed++) {
    const random = new Random(seed, 'star');
    // Rewards that float32 holds exactly, as the learner has them.
    const rewards = Array.from({ length: random.integer(2, 16) }, () => random.integer(-8, 8) / 8);
    const tree = star(rewards);
    const mean = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
    const squares = rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0);
    const deviation = Math.sqrt(squares / (rewards.length - 1));
    const isDead = new Set(rewards).size === 1;
    for (const scale of ['group', 'none'] as const) {
      const divisor = scale === 'group' ? deviation + SCALE.epsilon : 1;
      const group = leafGroup(tree, { ...SCALE, scale });
      const siblings = stepAdvantages(tree, 'siblings', { ...SCALE, scale });
      const float32 = Float32Array.from(rewards);
      const learner = groupAdvantages(float32, float32, { ...SCALE, scale });
      t.equal(group.isDead, learner.isDead, `seed ${seed}`);
      group.advantages.forEach((advantage, i) => {
        const plain = isDead ? 0 : (rewards[i]! - mean) / divisor;
        t.ok(isNear(advantage, plain), `seed ${seed}: leaf ${i} ${advantage}, plain GRPO ${plain}`);
        t.ok(isNear(siblings[i + 1]!, plain), `seed ${seed}: step ${i} ${siblings[i + 1]}`);
        t.ok(
          isNear(Math.fround(advantage), learner.advantages[i]!),
          `seed ${seed}: learner's ${learner.advantages[i]}`,
        );
        t.ok(isNear(group.weights[i]! * rewards.length, 1), `seed ${seed}: equal weights`);
      });
    }
    // TreeRL judges a step against its parent and against the root, which are one node here: twice the centred reward.
    const treeRl = stepAdvantages(tree, 'treeRl', SCALE);
    rewards.forEach((reward, i) => {
      t.ok(isNear(treeRl[i + 1]!, isDead ? 0 : 2 * (reward - mean)), `seed ${seed}`);
    });
  }
});

t.test('weighted advantages of leaves, and of siblings by draws, add up to 0', async (t) => {
  for (let seed = 0; seed < 60; seed++) {
    const tree = searched(seed);
    const { weights, advantages, mean, rewards } = leafGroup(tree, SCALE);
    const weighted = (values: Float64Array): number =>
      values.reduce((sum, value, i) => sum + weights[i]! * value, 0);
    t.ok(
      isNear(
        weights.reduce((sum, weight) => sum + weight, 0),
        1,
      ),
      `seed ${seed}: weights`,
    );
    t.ok(isNear(weighted(advantages), 0), `seed ${seed}: leaves ${weighted(advantages)}`);
    t.ok(isNear(weighted(rewards), mean), `seed ${seed}`);
    t.ok(isNear(drawValues(tree)[0]!, mean), `seed ${seed}: V(root) is the weighted mean of the leaves`);
    for (const baseline of ['siblings', 'leaveOneOut'] as const) {
      const steps = stepAdvantages(tree, baseline, SCALE);
      for (const parent of tree.nodes) {
        const sum = tree.childrenOf(parent).reduce((total, { id, draws }) => total + draws * steps[id]!, 0);
        t.ok(isNear(sum, 0), `seed ${seed}: ${baseline} below node ${parent.id} ${sum}`);
      }
    }
  }
});

t.test('a group of one and equal rewards give exactly 0', async (t) => {
  const trees = [
    star([1]),
    star([0.1, 0.1, 0.1]),
    treeOf(path(['a', 'b'], 0.3), path(['a', 'c'], 0.3), path(['d'], 0.3)),
  ];
  for (const tree of trees) {
    t.same(new Set(leafGroup(tree, SCALE).advantages), new Set([0]));
    t.equal(leafGroup(tree, SCALE).isDead, true);
    for (const mode of MODES) t.same(new Set(stepAdvantages(tree, mode, SCALE)), new Set([0]), mode);
  }
  t.same(leafGroup(treeOf(), SCALE).advantages.length, 0, 'a tree without rollouts has no group');
});

//        root          a was drawn 3 times: V(a) = (1 + 0 + 0) / 3, V(root) = (3 · 1/3 + 1) / 4 = 1/2
//      a       d=1     weights: b, c, e = 3/4 · 1/3 = 1/4 each; d = 1/4
//  b=1 c=0 e=0
const uneven = treeOf(path(['a', 'b'], 1), path(['a', 'c'], 0), path(['a', 'e'], 0), path(['d'], 1));
const idOf = (text: string): number => uneven.nodes.findIndex((node) => node.text === text);

t.test('weights count draws, values are means over draws', async (t) => {
  const [weights, values] = [pathWeights(uneven), drawValues(uneven)];
  for (const leaf of ['b', 'c', 'e', 'd']) t.ok(isNear(weights[idOf(leaf)]!, 1 / 4), leaf);
  t.ok(isNear(values[idOf('a')]!, 1 / 3));
  t.ok(isNear(values[0]!, 1 / 2));
});

t.test('steps are judged by the published formulas', async (t) => {
  const a = idOf('a');
  const treeRl = stepAdvantages(uneven, 'treeRl', SCALE);
  // [(1/3 − 1/2) + (1/3 − 1/2)] / √3;  [(1 − 1/3) + (1 − 1/2)] / √1
  t.ok(isNear(treeRl[a]!, -1 / 3 / Math.sqrt(3)));
  t.ok(isNear(treeRl[idOf('b')]!, 2 / 3 + 1 / 2));
  const others = stepAdvantages(uneven, 'leaveOneOut', SCALE);
  // Three draws of a and one of d: a against (2 · 1/3 + 1) / 3, d against 1/3.
  t.ok(isNear(others[a]!, 1 / 3 - 5 / 9));
  t.ok(isNear(others[idOf('d')]!, 1 - 1 / 3));
  const siblings = stepAdvantages(uneven, 'siblings', { scale: 'none', epsilon: 0 });
  t.ok(isNear(siblings[idOf('d')]!, 1 - 1 / 2));
  t.ok(isNear(siblings[idOf('c')]!, 0 - 1 / 3));
});

t.test(
  'a trajectory is a whole path with the log-probabilities it was sampled at; shared tokens are first once',
  async (t) => {
    for (const tree of [uneven, searched(4), searched(5)]) {
      const trajectories = leafTrajectories(tree);
      t.equal(trajectories.length, tree.leaves().length);
      let firsts = 0;
      for (const trajectory of trajectories) {
        const nodes = tree.path(tree.node(trajectory.leafId));
        t.same(
          [...trajectory.tokens],
          nodes.flatMap(({ tokens }) => [...tokens]),
        );
        t.same(
          [...trajectory.logProbs],
          nodes.flatMap(({ logProbs }) => [...logProbs]),
        );
        t.same(
          [...trajectory.supportLogMass],
          nodes.flatMap(({ supportLogMass }) => [...supportLogMass]),
        );
        t.same(
          [...trajectory.nodeOfToken],
          nodes.flatMap(({ id, tokens }) => [...tokens].map(() => id)),
        );
        firsts += trajectory.isFirst.reduce((sum, first) => sum + first, 0);
      }
      t.equal(
        firsts,
        tree.nodes.reduce((sum, { tokens }) => sum + tokens.length, 0),
      );
    }
  },
);
