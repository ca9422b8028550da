import t from 'tap';
import { driveSearch } from '../../../../lab/search/drive.js';
import { SimulatedPolicy } from '../../../../lab/search/simulated-policy.js';
import { pathWeights, policyValue } from '../../../../src/techniques/search/policy-value.js';
import { TreeSearch } from '../../../../src/techniques/search/search.js';

const policyOf = (seed: number, branching: number, depth: number): SimulatedPolicy =>
  new SimulatedPolicy({
    seed,
    branching,
    depth,
    rightShare: 0.6,
    skill: 0,
    confidence: 0,
    tokensPerStep: 1,
    distinct: true,
  });

function search(policy: SimulatedPolicy, maxRollouts: number): TreeSearch {
  const { branching } = policy.task;
  const tree = new TreeSearch({ width: branching, maxDraws: branching, maxRollouts });
  driveSearch(tree, policy);
  return tree;
}

t.test(
  'the policy-weighted value is near the truth where the search statistics are far above it',
  async (t) => {
    const trees = 100; // the bench has 3000 and the ratio of 5 at every budget
    for (const rollouts of [32, 64]) {
      let bias = 0;
      let naiveBias = 0;
      for (let seed = 0; seed < trees; seed++) {
        const policy = policyOf(seed, 3, 4);
        const { tree, ...rest } = search(policy, rollouts);
        const isFull = (node: (typeof tree.nodes)[number]): boolean =>
          node.children.length === rest.options.width || node.depth >= rest.options.maxDepth;
        bias += (policyValue(tree, isFull) - policy.value()) / trees;
        naiveBias += (tree.root.valueSum / tree.root.visits - policy.value()) / trees;
      }
      t.ok(Math.abs(bias) <= 0.03, `${rollouts} rollouts, seeds 0-${trees - 1}: bias ${bias}`);
      t.ok(
        naiveBias >= 3 * Math.abs(bias),
        `${rollouts} rollouts: naive bias ${naiveBias}, policy-weighted ${bias}`,
      );
    }
  },
);

t.test('on a tree searched to its end the values are exact', async (t) => {
  for (const [branching, depth] of [
    [2, 3],
    [3, 3],
    [3, 4],
  ] as const) {
    for (let seed = 0; seed < 10; seed++) {
      const policy = policyOf(seed, branching, depth);
      const done = search(policy, 10 * branching ** depth);
      const truth = policy.value();
      const value = policyValue(done.tree, (node) => done.isFull(node));
      t.equal(done.tree.leaves().length, branching ** depth, `seed ${seed}`);
      t.ok(Math.abs(value - truth) < 1e-12, `seed ${seed}: value ${value}, truth ${truth}`);
      t.equal(done.tree.root.provenValue, truth > 0 ? 1 : 0, `seed ${seed}`);
    }
  }
});

//        root          a was drawn 3 times, d once: b, c and e weigh 3/4 · 1/3 = 1/4 each, and so does d
//      a       d=1     V(a) = (1 + 0 + 0) / 3, V(root) = (3 · 1/3 + 1) / 4 = 1/2
//  b=1 c=0 e=0
t.test('weights count draws, values are means over draws', async (t) => {
  const uneven = new TreeSearch({ width: 99, maxDraws: 99 });
  for (const [text, reward] of Object.entries({ 'a/b': 1, 'a/c': 0, 'a/e': 0, d: 1 })) {
    const work = uneven.next();
    if (work.kind !== 'ticket') return t.fail('expected a ticket');
    const empty = new Float32Array(1);
    const steps = text
      .split('/')
      .map((name) => ({ text: name, tokens: Int32Array.of(1), logProbs: empty, supportLogMass: empty }));
    const ending = { answer: text, answerClass: text, stopped: true };
    uneven.complete(work.ticket.ticketId, { steps, ending, reward });
  }
  const weights = pathWeights(uneven.tree);
  t.strictSame(
    uneven.tree.leaves().map(({ text, id }) => [text, weights[id]]),
    [
      ['b', 1 / 4],
      ['c', 1 / 4],
      ['e', 1 / 4],
      ['d', 1 / 4],
    ],
  );
  t.equal(
    policyValue(uneven.tree, () => true),
    1 / 2,
  );
});
