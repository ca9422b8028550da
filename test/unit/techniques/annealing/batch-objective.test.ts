import t from 'tap';
import { expectedVariance, varianceParts } from '../../../../lab/annealing/signal.js';
import { Random } from '../../../../src/random.js';
import { StrategyPosterior } from '../../../../src/techniques/annealing/bandit.js';
import {
  type BatchItem,
  batchObjective,
  energyTerms,
  type ObjectiveOptions,
} from '../../../../src/techniques/annealing/batch-objective.js';
import { categoricalEnergy } from '../../../../src/techniques/annealing/categorical.js';
import { Checks } from '../../../kit/checks.js';

const OPTIONS: ObjectiveOptions = {
  exploration: 1,
  batchCoupling: 1,
  signalWeight: 0,
  signal: 'within',
  costWeight: 0,
  costs: [1, 2, 4],
};

/** Chances that are known almost exactly: a million observations each. */
function knownPosterior(chances: Readonly<Record<string, readonly number[]>>): StrategyPosterior {
  const strategies = Object.values(chances)[0]!.length;
  const posterior = new StrategyPosterior({ strategies });
  for (const [context, row] of Object.entries(chances))
    row.forEach((chance, strategy) => {
      posterior.observe(context, strategy, chance, 1e6);
    });
  return posterior;
}

function someKnowledge(seed: number): StrategyPosterior {
  const random = new Random('objective test', seed);
  const posterior = new StrategyPosterior({ strategies: 3 });
  for (const context of ['a', 'b'])
    for (let strategy = 0; strategy < 3; strategy++)
      posterior.observe(context, strategy, random.uniform(), random.integer(0, 20));
  return posterior;
}

t.test('the terms of any decision add up to its energy', async (t) => {
  const checks = new Checks();
  const items: BatchItem[] = [
    { context: 'a', group: 'g' },
    { context: 'a', group: 'g' },
    { context: 'b', group: 'h' },
    { context: 'a', group: 'g' },
    { context: 'b', group: 'h' },
    { context: 'b' },
  ];
  for (let seed = 0; seed < 20; seed++) {
    const options = { ...OPTIONS, signalWeight: 2, signal: 'total', costWeight: 0.1 } as const;
    const objective = batchObjective(items, someKnowledge(seed), options);
    const random = new Random('decisions', seed);
    for (let draw = 0; draw < 20; draw++) {
      const assignment = items.map(() => random.integer(0, 2));
      const sum = energyTerms(objective, assignment).reduce(
        (total, { field, coupling, signal, cost }) => total + field + coupling + signal + cost,
        0,
      );
      const energy = categoricalEnergy(objective.problem, assignment);
      checks.near(sum, energy, 1e-12, `seed ${seed}, draw ${draw}: ${assignment}`);
    }
  }
  checks.report(t, { moreThan: 399 });
});

t.test('with nothing but fields the energy is UCB’s', async (t) => {
  const posterior = someKnowledge(1);
  const objective = batchObjective([{ context: 'a' }], posterior, { ...OPTIONS, exploration: 0.7 });
  for (let a = 0; a < 3; a++) {
    const ucb = posterior.mean('a', a) + 0.7 * posterior.deviation('a', a);
    t.ok(Math.abs(categoricalEnergy(objective.problem, [a]) + ucb) < 1e-15);
  }
});

t.test('two similar problems with one strategy pay what one pending observation is worth', async (t) => {
  const posterior = someKnowledge(2);
  const items = [{ context: 'a' }, { context: 'a' }, { context: 'b' }];
  const options = { ...OPTIONS, exploration: 2, batchCoupling: 0.5 };
  const { problem, couplingEdges } = batchObjective(items, posterior, options);
  t.equal(couplingEdges.length, 1, 'the third is not similar');
  const alone = (i: number, a: number) => problem.fields[i * 3 + a]!;
  const pair = categoricalEnergy(problem, [1, 1, 0]) - alone(0, 1) - alone(1, 1) - alone(2, 0);
  const expected = 0.5 * 2 * (posterior.deviation('a', 1) - posterior.deviation('a', 1, 1));
  t.ok(Math.abs(pair - expected) < 1e-12);
  const apart = categoricalEnergy(problem, [1, 2, 2]) - alone(0, 1) - alone(1, 2) - alone(2, 2);
  t.ok(Math.abs(apart) < 1e-15);
  const off = batchObjective(items, posterior, { ...options, batchCoupling: 0 });
  t.equal(off.problem.edges.length, 0);
});

t.test('the signal term is the expected variance of each group, all of it or the part within', async (t) => {
  const chances = [0.9, 0.5, 0.1];
  const posterior = knownPosterior({ a: chances });
  const items = Array.from({ length: 4 }, () => ({ context: 'a', group: 'g' }));
  for (const assignment of [
    [0, 0, 0, 0],
    [0, 1, 2, 0],
    [2, 2, 0, 0],
  ]) {
    const slots = assignment.map((strategy) => chances[strategy]!);
    const signalOf = (signal: 'within' | 'total') => {
      const objective = batchObjective(items, posterior, { ...OPTIONS, signalWeight: 3, signal });
      return energyTerms(objective, assignment).reduce((sum, terms) => sum + terms.signal, 0) / -3;
    };
    t.ok(Math.abs(signalOf('total') - expectedVariance(slots)) < 1e-4, `${assignment}`);
    t.ok(Math.abs(signalOf('within') - varianceParts(slots).within) < 1e-4, `${assignment}`);
  }
  const whole = batchObjective([{ context: 'a' }], posterior, { ...OPTIONS, signalWeight: 1 });
  t.ok(Math.abs(energyTerms(whole, [0])[0]!.signal + 0.09) < 1e-4, 'one strategy for the group: p(1 − p)');
});

t.test('the signal term is the expectation over what is not known', async (t) => {
  // Uniform p: E[p(1 − p)] = 1/2 − 1/3 = 1/6; two unknown strategies: E[(p − q)²] = 2/12, twice the variance.
  const items = [
    { context: 'a', group: 'g' },
    { context: 'a', group: 'g' },
  ];
  const posterior = new StrategyPosterior({ strategies: 3 });
  const objective = batchObjective(items, posterior, { ...OPTIONS, signalWeight: 1, signal: 'total' });
  const signal = (x: number[]) => energyTerms(objective, x).reduce((sum, terms) => sum - terms.signal, 0);
  t.ok(Math.abs(signal([1, 1]) - 1 / 6) < 1e-12);
  t.ok(Math.abs(signal([0, 1]) - (1 / 6 + 1 / 12)) < 1e-12);
});

t.test('costs are charged for each decision, and must be one for each strategy', async (t) => {
  const posterior = new StrategyPosterior({ strategies: 3 });
  const objective = batchObjective([{ context: 'a' }], posterior, { ...OPTIONS, costWeight: 0.5 });
  t.same(
    [0, 1, 2].map((a) => energyTerms(objective, [a])[0]!.cost),
    [0.5, 1, 2],
  );
  t.throws(() => batchObjective([], posterior, { ...OPTIONS, costs: [1] }), {
    code: 'CONFIG',
    message: /1 costs for 3 strategies/,
  });
});
