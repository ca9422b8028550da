import t from 'tap';
import { keyedUniform, Random } from '../../../../src/random.js';
import {
  type ChildCounts,
  rankChildren,
  selectionScore,
} from '../../../../src/techniques/search/selection.js';

const SEED = 7;
const UCB1 = { formula: 'ucb1', exploration: Math.SQRT2, parallel: 'wu-uct' } as const;

/** The seed's formula, written down a second time: a plain scan for the maximum. */
function bruteUcb1(children: readonly ChildCounts[], c: number, order: (i: number) => number): number {
  let parentVisits = 0;
  for (const child of children) parentVisits += child.visits;
  let best = -1;
  let bestScore = 0;
  for (let i = 0; i < children.length; i++) {
    const { visits, valueSum } = children[i]!;
    const score =
      visits === 0
        ? Number.POSITIVE_INFINITY
        : valueSum / visits + c * Math.sqrt(Math.log(parentVisits) / visits);
    if (best >= 0) {
      const prior = children[i]!.prior - children[best]!.prior;
      const isTie = score === bestScore;
      if (score < bestScore || (isTie && prior < 0) || (isTie && prior === 0 && order(i) > order(best))) {
        continue;
      }
    }
    best = i;
    bestScore = score;
  }
  return best;
}

const child = (visits: number, valueSum: number, prior = 0.5, inFlight = 0): ChildCounts => ({
  visits,
  valueSum,
  prior,
  inFlight,
});
const totalVisits = (children: readonly ChildCounts[]): number =>
  children.reduce((sum, { visits }) => sum + visits, 0);

t.test('UCB1 picks what an independent implementation picks, on 100,000 random tables', async (t) => {
  const random = new Random(SEED, 'tables');
  let differences = 0;
  for (let table = 0; table < 100_000; table++) {
    const children = Array.from({ length: random.integer(1, 6) }, () => {
      const visits = random.integer(0, 12);
      // Few priors and sums of whole rewards, so that ties are common.
      return child(visits, random.integer(0, visits), random.integer(1, 3) / 4);
    });
    const exploration = random.pick([0, 0.5, Math.SQRT2, 10]);
    const order = (i: number): number => keyedUniform(SEED, table, i, 0, 0);
    const ranked = rankChildren(children, totalVisits(children), { ...UCB1, exploration }, order);
    if (ranked[0] !== bruteUcb1(children, exploration, order)) differences++;
  }
  t.equal(differences, 0, `seed ${SEED}`);
});

/** Pulls each arm as the rule says; gives the visits. */
function play(means: readonly number[], pulls: number, exploration: number, reward: (arm: number) => number) {
  const arms = means.map(() => ({ visits: 0, valueSum: 0, prior: 1 / means.length, inFlight: 0 }));
  for (let pull = 0; pull < pulls; pull++) {
    const arm = rankChildren(arms, pull, { ...UCB1, exploration }, (i) => i)[0]!;
    arms[arm]!.visits++;
    arms[arm]!.valueSum += reward(arm);
    if (pull === means.length - 1)
      t.ok(
        arms.every(({ visits }) => visits === 1),
        'every child once before any twice',
      );
  }
  return arms.map(({ visits }) => visits);
}

t.test('C = 0 is greedy and a huge C goes round', async (t) => {
  const means = [0.2, 0.6, 0.4];
  t.same(
    play(means, 30, 0, (arm) => means[arm]!),
    [1, 28, 1],
  );
  const visits = play(means, 100, 1e9, (arm) => means[arm]!);
  t.ok(Math.max(...visits) - Math.min(...visits) <= 1, `visits ${visits}`);
});

t.test('regret grows with the logarithm of the pulls', async (t) => {
  const means = [0.5, 0.3];
  const random = new Random(SEED, 'bandit');
  const draw = (arm: number): number => (random.uniform() < means[arm]! ? 1 : 0);
  const pulls = 10_000;
  const visits = play(means, pulls, Math.SQRT2, draw);
  // Auer et al., theorem 1: regret <= sum of 8 ln n / gap + (1 + pi^2 / 3) * sum of gaps.
  const bound = (8 * Math.log(pulls)) / 0.2 + (1 + Math.PI ** 2 / 3) * 0.2;
  t.ok(0.2 * visits[1]! <= bound, `seed ${SEED}: regret ${0.2 * visits[1]!}, bound ${bound}`);
  t.ok(visits[0]! / pulls >= 0.9, `seed ${SEED}: share of the best arm ${visits[0]! / pulls}`);
});

t.test('tickets under way count as visits, and as losses only with virtual loss', async (t) => {
  // 3 of 4 rollouts were right, 2 more are under way; the parent has 10 visits and 2 under way.
  const busy = child(4, 3, 0.5, 2);
  const explored = 0.5 * Math.sqrt(Math.log(12) / 6);
  const rule = { formula: 'ucb1', exploration: 0.5 } as const;
  t.equal(selectionScore(busy, 12, { ...rule, parallel: 'wu-uct' }), 3 / 4 + explored);
  t.equal(selectionScore(busy, 12, { ...rule, parallel: 'virtual-loss' }), 3 / 6 + explored);
  t.equal(selectionScore(busy, 10, { ...rule, parallel: 'none' }), 3 / 4 + 0.5 * Math.sqrt(Math.log(10) / 4));
});

t.test('PUCT weighs exploration by the prior', async (t) => {
  const rule = { formula: 'puct', exploration: 2, parallel: 'wu-uct' } as const;
  t.equal(selectionScore(child(3, 1.5, 0.2), 16, rule), 0.5 + (2 * 0.2 * 4) / 4);
  t.equal(selectionScore(child(0, 0, 0.2), 16, rule), 2 * 0.2 * 4);
  const ranked = rankChildren([child(0, 0, 0.2), child(0, 0, 0.7), child(0, 0, 0.1)], 1, rule, (i) => i);
  t.same(ranked, [1, 0, 2]);
});

t.test('equal scores fall to the prior, then to the given order', async (t) => {
  const children = [child(2, 1, 0.25), child(2, 1, 0.5), child(2, 1, 0.25)];
  t.same(
    rankChildren(children, 6, UCB1, (i) => -i),
    [1, 2, 0],
  );
});
