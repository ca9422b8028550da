import t from 'tap';
import { driveSearch } from '../../../../lab/search/drive.js';
import { SimulatedPolicy } from '../../../../lab/search/simulated-policy.js';
import { buildBatch } from '../../../../src/learner/batch.js';
import { type GroupCompleted, message, noOutcomes } from '../../../../src/protocol/index.js';
import { Random } from '../../../../src/random.js';
import { groupAdvantages } from '../../../../src/rewards/advantages.js';
import { pathWeights } from '../../../../src/techniques/search/policy-value.js';
import { type Continuation, TreeSearch } from '../../../../src/techniques/search/search.js';
import type { SearchTree, Step } from '../../../../src/techniques/search/tree.js';
import { treeGroup, treeSegments } from '../../../../src/techniques/search/tree-group.js';
import { groupCompleted } from '../../../../src/testing/messages.js';
import { Checks } from '../../../kit/checks.js';

const SEED = Number(process.env.TEST_SEED ?? 1);
const RULES = { answer: { weight: 1, kind: 'outcome' }, format: { weight: 0.5, kind: 'shaping' } } as const;
const OPTIONS = { scale: 'group', epsilon: 1e-4, rewardNames: ['answer', 'format'], rules: RULES } as const;

const step = (text: string): Step => ({
  text,
  tokens: Int32Array.from(text, (letter) => letter.charCodeAt(0)),
  logProbs: Float32Array.from(text, (letter) => -letter.charCodeAt(0) / 64),
  supportLogMass: Float32Array.from(text, () => -0.25),
});
const path = (texts: readonly string[], reward: number, stopped = true): Continuation => ({
  steps: texts.map(step),
  ending: { answer: texts.join('/'), answerClass: texts.join('/'), stopped },
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
/** A tree that UCB1 grew, with draws that repeat or not. */
function searched(seed: number): SearchTree {
  const random = new Random(SEED, 'tree', seed);
  const task = { branching: 3, depth: 4, rightShare: 0.6, skill: 0, confidence: 1, tokensPerStep: 2 };
  const search = new TreeSearch({ maxRollouts: random.integer(1, 40), width: random.integer(1, 4), seed });
  driveSearch(search, new SimulatedPolicy({ ...task, seed, distinct: false }), random.integer(1, 4));
  return search.tree;
}
/** The search's own value and a format reward drawn at random, by leaf. */
function rewardsOf(tree: SearchTree, seed: number): Map<number, number[]> {
  const random = new Random(SEED, 'format', seed);
  return new Map(tree.leaves().map(({ id, maxValue }) => [id, [maxValue, random.integer(0, 8) / 8]]));
}
const isNear = (a: number, b: number, tolerance = 1e-12): boolean => Math.abs(a - b) <= tolerance;

t.test('a star is a GRPO group: its advantages are those of the learner, its weights equal', async (t) => {
  const checks = new Checks();
  for (let seed = 0; seed < 200; seed++) {
    const random = new Random(SEED, 'star', seed);
    const size = random.integer(2, 16);
    // Rewards that float32 holds exactly, as the learner has them.
    const rows = Array.from({ length: size }, () => [random.integer(0, 2) / 2, random.integer(0, 8) / 8]);
    const tree = treeOf(...rows.map(([answer], i) => path([`leaf ${i}`], answer!)));
    const rewards = new Map(tree.leaves().map(({ id }, i) => [id, rows[i]!]));
    for (const scale of ['group', 'none'] as const) {
      const segments = treeSegments(tree, rewards, { ...OPTIONS, scale });
      const totals = rows.map(([answer, format]) => answer! + 0.5 * format!);
      const outcomes = rows.map(([answer]) => answer!);
      const mean = totals.reduce((sum, x) => sum + x, 0) / size;
      const deviation = Math.sqrt(totals.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (size - 1));
      const divisor = scale === 'group' ? deviation + OPTIONS.epsilon : 1;
      const isDead = new Set(outcomes).size === 1;
      const learner = groupAdvantages(Float32Array.from(totals), Float32Array.from(outcomes), {
        ...OPTIONS,
        scale,
      });
      checks.same(segments.length, size, `seed ${seed}: segments`);
      segments.forEach(({ advantage, weight, parent, rewards }, i) => {
        const plain = isDead ? 0 : (totals[i]! - mean) / divisor;
        checks.ok(isNear(advantage, plain), `seed ${seed}: ${advantage}, plain GRPO ${plain}`);
        checks.ok(isNear(Math.fround(advantage), learner.advantages[i]!), `seed ${seed}: learner's`);
        checks.ok(isNear(weight, 1 / size), `seed ${seed}: weight ${weight}`);
        checks.same([parent, [...rewards]], [-1, rows[i]], `seed ${seed}: segment ${i}`);
      });
    }
  }
  checks.report(t, { moreThan: 12_000 });
});

t.test(
  'every token is in one segment, after its parents; weights of ends add up to 1, weighted advantages to 0',
  async (t) => {
    const checks = new Checks();
    let branching = 0;
    for (let seed = 0; seed < 100; seed++) {
      const tree = searched(seed);
      const rewards = rewardsOf(tree, seed);
      const segments = treeSegments(tree, rewards, OPTIONS);
      const weights = pathWeights(tree);
      const placed = segments.flatMap(({ nodes }) => nodes.map(({ id }) => id));
      checks.same(
        placed.toSorted((a, b) => a - b),
        tree.nodes.slice(1).map(({ id }) => id),
        `seed ${seed}: each node once`,
      );
      let [weightSum, advantageSum] = [0, 0];
      segments.forEach(({ nodes, parent, weight, advantage }, i) => {
        const [first, last] = [nodes[0]!, nodes.at(-1)!];
        checks.ok(parent < i, `seed ${seed}`);
        checks.same(
          first.parent,
          parent < 0 ? 0 : segments[parent]!.nodes.at(-1)!.id,
          `seed ${seed}: segment ${i}`,
        );
        const isEnd = !segments.some((other) => other.parent === i);
        checks.same(isEnd, last.ending !== null, `seed ${seed}`);
        const below = segments.filter((other) => other.parent === i);
        checks.ok(below.length !== 1, `seed ${seed}: chains are one segment`);
        if (isEnd) {
          weightSum += weight;
          advantageSum += weight * advantage;
          return;
        }
        branching++;
        const sum = (of: (s: (typeof below)[number]) => number): number =>
          below.reduce((x, s) => x + of(s), 0);
        checks.ok(
          isNear(
            weight,
            sum((s) => s.weight),
          ),
          `seed ${seed}: weight of what follows`,
        );
        checks.ok(
          isNear(
            weight * advantage,
            sum((s) => s.weight * s.advantage),
          ),
          `seed ${seed}: mean advantage`,
        );
        checks.ok(isNear(weight, weights[first.id]!), `seed ${seed}: one weight along a chain`);
      });
      checks.ok(isNear(weightSum, 1), `seed ${seed}: ${weightSum}`);
      checks.ok(isNear(advantageSum, 0), `seed ${seed}: ${advantageSum}`);
    }
    t.ok(branching > 100);
    checks.report(t, { moreThan: 6000 });
  },
);

t.test('token by token, the weighted advantages are those of the leaves taken one by one', async (t) => {
  const checks = new Checks();
  for (let seed = 0; seed < 50; seed++) {
    const tree = searched(seed);
    const rewards = rewardsOf(tree, seed);
    const leaves = tree.leaves();
    const weights = pathWeights(tree);
    // Each leaf as a completion of its own with its policy weight: the weighted advantage that reaches each node.
    const total = new Map(leaves.map(({ id }) => [id, rewards.get(id)![0]! + 0.5 * rewards.get(id)![1]!]));
    const mean = leaves.reduce((sum, { id }) => sum + weights[id]! * total.get(id)!, 0);
    const reaching = new Float64Array(tree.size);
    for (const leaf of leaves)
      for (const { id } of tree.path(leaf)) reaching[id]! += weights[leaf.id]! * (total.get(leaf.id)! - mean);
    const isDead = new Set(leaves.map(({ maxValue }) => maxValue)).size < 2;
    for (const { nodes, weight, advantage } of treeSegments(tree, rewards, { ...OPTIONS, scale: 'none' }))
      for (const { id } of nodes)
        checks.ok(isNear(weight * advantage, isDead ? 0 : reaching[id]!), `seed ${seed}: node ${id}`);
  }
  checks.report(t, { moreThan: 400 });
});

t.test('the arrays are a valid message that the learner takes whole', async (t) => {
  const checks = new Checks();
  for (let seed = 0; seed < 20; seed++) {
    const tree = searched(seed);
    const { texts, ...group } = treeGroup(tree, rewardsOf(tree, seed), OPTIONS)!;
    const completed: GroupCompleted = groupCompleted({ ...group, texts });
    checks.ok(message.safeParse(completed).success, `seed ${seed}`);
    checks.same(
      group.tokens.length,
      tree.nodes.reduce((sum, { tokens }) => sum + tokens.length, 0),
      `seed ${seed}: tokens`,
    );
    const batch = buildBatch([completed], noOutcomes(), BATCH);
    const isDead = group.advantages.every((advantage) => advantage === 0);
    checks.same(batch.outcomes[isDead ? 'dead_group' : 'applied'], tree.leaves().length, `seed ${seed}`);
  }
  checks.report(t, { moreThan: 50 });
});

const BATCH = {
  ...({ scale: 'group', epsilon: 1e-4, loss: 'dapo', rewards: RULES, maskTruncated: true } as const),
  maxCompletionTokens: 64,
  shuffleSeed: null,
};

t.test('shared steps come once, with log-probabilities, and only a stop token stops', async (t) => {
  const tree = treeOf(path(['a.', 'b.', 'c'], 1), path(['a.', 'b.', 'd'], 0, false), path(['e.', 'f'], 0));
  const rows = new Map(tree.leaves().map(({ id, maxValue }) => [id, [maxValue, 0]]));
  const group = treeGroup(tree, rows, { ...OPTIONS, scale: 'none' })!;
  t.same(group.texts, ['a.b.', 'c', 'd', 'e.f']);
  t.same([...group.parents], [-1, 0, 0, -1]);
  t.same([...group.lengths], [4, 1, 1, 3]);
  t.same([...group.stopped], [0, 1, 0, 1]);
  // Three draws from the root, two of them a; two draws from b: leaves 1/3 each.
  t.same([...group.pathWeights], [2 / 3, 1 / 3, 1 / 3, 1 / 3].map(Math.fround));
  t.same([...group.advantages], [1 / 6, 2 / 3, -1 / 3, -1 / 3].map(Math.fround));
  t.same([...group.rewards], [0.5, 1, 0, 0, 0, 0, 0, 0]);
  t.same([...group.logProbs].slice(0, 2), [-97 / 64, -46 / 64]);
  t.equal(group.supportLogMass[3], -0.25);
});

t.test('a leaf that was drawn twice keeps both draws', async (t) => {
  const tree = treeOf(path(['x'], 1), path(['x'], 1), path(['y'], 0));
  const rows = new Map(tree.leaves().map(({ id, maxValue }) => [id, [maxValue, 0]]));
  const segments = treeSegments(tree, rows, { ...OPTIONS, scale: 'none' });
  t.ok(isNear(segments[0]!.weight, 2 / 3));
  t.ok(isNear(segments[0]!.advantage, 1 / 3));
  t.ok(isNear(segments[1]!.advantage, -2 / 3));
});

t.test('one leaf, equal outcomes, nothing sampled: no advantage, or no group', async (t) => {
  const dead = [
    treeOf(path(['only'], 1)),
    treeOf(path(['a.', 'b'], 0.3), path(['a.', 'c'], 0.3), path(['d'], 0.3)),
  ];
  for (const tree of dead) {
    // The format differs; the outcome does not.
    const rows = new Map(tree.leaves().map(({ id, maxValue }, i) => [id, [maxValue, i / 4]]));
    const { advantages } = treeGroup(tree, rows, OPTIONS)!;
    t.same(new Set(advantages), new Set([0]));
  }
  t.equal(treeGroup(treeOf(), new Map(), OPTIONS), null);
  t.equal(treeGroup(treeOf(path([], 1)), new Map([[1, [1, 0]]]), OPTIONS), null);
  t.throws(() => treeGroup(treeOf(path(['a'], 1)), new Map(), OPTIONS), { code: 'INTERNAL' });
});

t.test('an ending without tokens counts for what comes before it, and is no segment', async (t) => {
  const search = new TreeSearch({ width: 9, maxDraws: 9 });
  const tree = search.tree;
  const a = tree.addChild(tree.root, step('a.'), null);
  const silent = tree.addChild(a, step(''), { answer: null, answerClass: null, stopped: true });
  const b = tree.addChild(a, step('b'), { answer: 'b', answerClass: 'b', stopped: true });
  for (const [node, draws] of [
    [tree.root, 2],
    [a, 2],
  ] as const)
    node.drawCount = draws;
  for (const [node, draws] of [
    [a, 2],
    [silent, 1],
    [b, 1],
  ] as const)
    node.draws = draws;
  const rows = new Map([
    [silent.id, [0, 0]],
    [b.id, [1, 0]],
  ]);
  const segments = treeSegments(tree, rows, { ...OPTIONS, scale: 'none' });
  t.same(
    segments.map(({ nodes, parent }) => [nodes.map(({ text }) => text), parent]),
    [
      [['a.'], -1],
      [['b'], 0],
    ],
  );
  t.same(
    segments.map(({ advantage }) => advantage),
    [0, 0.5],
  );
});
