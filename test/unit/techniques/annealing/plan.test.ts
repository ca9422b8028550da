import t from 'tap';
import { deadGroupChance, expectedVariance } from '../../../../lab/annealing/signal.js';
import { Random } from '../../../../src/random.js';
import { StrategyPosterior } from '../../../../src/techniques/annealing/bandit.js';
import {
  DEFAULT_PLAN_OPTIONS,
  type PlanOptions,
  planStrategies,
} from '../../../../src/techniques/annealing/plan.js';

const OPTIONS: PlanOptions = { ...DEFAULT_PLAN_OPTIONS, costs: [1, 1.2, 4, 6] };

/** Three rounds of eight rewards for each arm, drawn with these chances. */
function learned(chances: ReadonlyMap<string, readonly number[]>, random: Random): StrategyPosterior {
  const posterior = new StrategyPosterior({ strategies: 4 });
  for (const [context, row] of chances)
    row.forEach((chance, strategy) => {
      for (let draw = 0; draw < 24; draw++)
        posterior.observe(context, strategy, random.uniform() < chance ? 1 : 0);
    });
  return posterior;
}

/** Easy, middling and hard problems, strategies that differ. */
function mixedDifficulty(random: Random): Map<string, number[]> {
  const levels = { easy: 0.9, medium: 0.6, hard: 0.2 };
  return new Map(
    Object.entries(levels).map(([context, level]) => [
      context,
      Array.from({ length: 4 }, () => Math.min(0.98, Math.max(0.02, level + 0.2 * random.normal()))),
    ]),
  );
}

t.test('plans of small batches reach the exact optimum, and never lose to UCB alone', async (t) => {
  for (let seed = 0; seed < 30; seed++) {
    const random = new Random('plan test', seed);
    const posterior = learned(mixedDifficulty(random), random);
    const items = Array.from({ length: 12 }, (_, i) => ({
      context: random.pick(['easy', 'medium', 'hard']),
      ...(seed % 2 === 0 ? { group: `group ${i % 3}` } : {}),
    }));
    const options = { ...OPTIONS, signalWeight: 2, signal: 'total', costWeight: 0.02 } as const;
    const plan = planStrategies(items, posterior, { ...options, maxExactStates: 2 ** 20 }, random);
    t.ok(plan.energy <= plan.argmaxEnergy + 1e-12, `seed ${seed}`);
    if (plan.gap !== null) t.ok(Math.abs(plan.gap) < 1e-9, `seed ${seed}: gap ${plan.gap}`);
    const sum = plan.decisions.reduce(
      (total, { terms }) => total + terms.field + terms.coupling + terms.signal + terms.cost,
      0,
    );
    t.ok(Math.abs(sum - plan.energy) < 1e-9, `seed ${seed}: terms ${sum}, energy ${plan.energy}`);
  }
});

t.test('without coupling, signal and cost a plan is UCB’s argmax', async (t) => {
  const random = new Random('argmax', 1);
  const posterior = learned(mixedDifficulty(random), random);
  const items = ['easy', 'hard', 'hard', 'medium'].map((context) => ({ context }));
  const plan = planStrategies(items, posterior, { ...OPTIONS, batchCoupling: 0 }, random);
  for (const { strategy, argmaxStrategy } of plan.decisions) t.equal(strategy, argmaxStrategy);
  t.equal(plan.energy, plan.argmaxEnergy);
  t.equal(plan.gap, 0);
});

t.test('a batch of similar problems tries every unknown strategy, where UCB alone tries one', async (t) => {
  const items = Array.from({ length: 8 }, () => ({ context: 'new' }));
  const posterior = new StrategyPosterior({ strategies: 4 });
  const { decisions } = planStrategies(items, posterior, OPTIONS, new Random(1));
  const counts = [0, 0, 0, 0];
  for (const { strategy } of decisions) counts[strategy]!++;
  t.same(counts, [2, 2, 2, 2]);
  t.same(new Set(decisions.map(({ argmaxStrategy }) => argmaxStrategy)), new Set([0]));
});

t.test('a strategy that is no better is not chosen at a higher cost', async (t) => {
  const posterior = new StrategyPosterior({ strategies: 4 });
  for (let a = 0; a < 4; a++) posterior.observe('math', a, 0.5, 1e4);
  const items = Array.from({ length: 6 }, () => ({ context: 'math' }));
  const { decisions } = planStrategies(items, posterior, { ...OPTIONS, costWeight: 0.1 }, new Random(2));
  for (const { strategy, terms } of decisions) {
    t.equal(strategy, 0);
    t.ok(Math.abs(terms.cost - 0.1) < 1e-15);
  }
});

t.test('with the signal term groups teach at least 25 % more and at least 40 % fewer are dead', async (t) => {
  const groupSize = 8;
  let [signal, argmaxSignal, dead, argmaxDead] = [0, 0, 0, 0];
  for (let seed = 0; seed < 100; seed++) {
    const random = new Random('signal fixture', seed);
    const chances = mixedDifficulty(random);
    const posterior = learned(chances, random);
    const items = Array.from({ length: 12 }, (_, i) => ({ context: ['easy', 'medium', 'hard'][i % 3]! }));
    const options = { ...OPTIONS, signalWeight: 4, sweeps: 20, maxExactStates: 0 };
    planStrategies(items, posterior, options, random).decisions.forEach(({ strategy, argmaxStrategy }, i) => {
      const row = chances.get(items[i]!.context)!;
      const group = (a: number) => new Array<number>(groupSize).fill(row[a]!);
      signal += expectedVariance(group(strategy));
      argmaxSignal += expectedVariance(group(argmaxStrategy));
      dead += deadGroupChance(group(strategy));
      argmaxDead += deadGroupChance(group(argmaxStrategy));
    });
  }
  t.ok(signal >= 1.25 * argmaxSignal, `seeds 0 to 99: E[S²] ${signal}, argmax ${argmaxSignal}`);
  t.ok(dead <= 0.6 * argmaxDead, `seeds 0 to 99: dead ${dead}, argmax ${argmaxDead}`);
});

t.test('the same seed gives the same plan; an empty batch gives an empty one', async (t) => {
  const random = () => new Random('repeat', 3);
  const posterior = learned(mixedDifficulty(random()), random());
  const items = Array.from({ length: 20 }, (_, i) => ({ context: ['easy', 'hard'][i % 2]! }));
  t.same(
    planStrategies(items, posterior, OPTIONS, random()),
    planStrategies(items, posterior, OPTIONS, random()),
  );
  const empty = planStrategies([], posterior, OPTIONS, random());
  t.same([empty.decisions, empty.energy, empty.gap], [[], 0, 0]);
});

t.test('a large batch has a gap too: the problems of one kind are alike', async (t) => {
  const random = new Random('large batch', 5);
  const posterior = learned(mixedDifficulty(random), random);
  const items = Array.from({ length: 96 }, () => ({ context: random.pick(['easy', 'medium', 'hard']) }));
  const options = { ...OPTIONS, signalWeight: 4, costWeight: 0.05 };
  const plan = planStrategies(items, posterior, options, random);
  t.ok(Math.abs(plan.gap!) < 1e-9, `gap ${plan.gap}`);
  t.ok(plan.argmaxEnergy > plan.optimum! + 1e-3, 'UCB alone is not optimal');
});

t.test('beyond the reach of enumeration the optimum is null, not a guess', async (t) => {
  const posterior = new StrategyPosterior({ strategies: 4 });
  const items = Array.from({ length: 40 }, (_, i) => ({ context: 'math', group: `group ${i % 2}` }));
  const options = { ...OPTIONS, signalWeight: 1, signal: 'total' } as const;
  const plan = planStrategies(items, posterior, options, new Random(4));
  t.equal(plan.optimum, null);
  t.equal(plan.gap, null);
  t.equal(plan.decisions.length, 40);
});
