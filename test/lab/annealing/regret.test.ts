import t from 'tap';
import {
  argmaxUcb,
  argmaxUcbRandomTies,
  batchPlanner,
  hallucinatedUcb,
  thompson,
  ucb1,
} from '../../../lab/annealing/choosers.js';
import {
  bestFixedRegret,
  type Chooser,
  type SimulationOptions,
  simulateRegret,
} from '../../../lab/annealing/regret.js';
import { DISCOUNT } from '../../../src/techniques/annealing/annealing-planner.js';

const SEEDS = 40;
const WORLD = {
  contexts: 6,
  strategies: 4,
  batchSize: 96,
  batches: 10,
  chanceRange: [0.15, 0.85] as const,
};
const PLANNER = batchPlanner({ slices: 4, sweeps: 10 });

function meanRegret(chooser: Chooser | null, options: Partial<SimulationOptions> = {}, from = 0): number {
  let sum = 0;
  for (let seed = 0; seed < SEEDS; seed++) {
    const world = { ...WORLD, ...options, seed };
    const regret = (chooser ? simulateRegret({ ...world, chooser }) : bestFixedRegret(world)).subarray(from);
    sum += regret.reduce((total, value) => total + value, 0) / regret.length / SEEDS;
  }
  return sum;
}

t.test('planning whole batches loses less than choosing problem by problem', async (t) => {
  const planned = meanRegret(PLANNER);
  const contextual = meanRegret(argmaxUcb(0.5));
  const fixed = meanRegret(null);
  t.ok(planned <= 0.8 * contextual, `seeds 0 to ${SEEDS - 1}: ${planned}, contextual UCB ${contextual}`);
  t.ok(planned <= 0.5 * fixed, `${planned}, best fixed ${fixed}`);
  t.ok(planned <= 1.05 * meanRegret(hallucinatedUcb(1)), 'as good as GP-BUCB');
  t.ok(planned < meanRegret(ucb1(0.25), { isContextual: false }), 'and better than without contexts');
  // Most of the gain over the first line is not piling onto one unknown strategy, which random ties avoid as well.
  const randomTies = meanRegret(argmaxUcbRandomTies(0.5));
  t.ok(randomTies < contextual && planned <= 1.02 * randomTies, `${planned}, random ties ${randomTies}`);
  t.ok(meanRegret(thompson(0.25)) < contextual, 'Thompson sampling explores a batch too');
});

t.test('with a single kind of problem planning is no worse than contextual UCB', async (t) => {
  const [planned, contextual] = [
    meanRegret(PLANNER, { contexts: 1 }),
    meanRegret(argmaxUcb(0.5), { contexts: 1 }),
  ];
  t.ok(planned <= 1.02 * contextual, `seeds 0 to ${SEEDS - 1}: ${planned}, ${contextual}`);
});

t.test('after a change the discount of a run loses at most 0.7 of what a perfect memory does', async (t) => {
  const changing = { batchSize: 24, batches: 60, changeAt: 30 };
  const planner = batchPlanner({ slices: 2, sweeps: 4 });
  const forgetting = meanRegret(planner, { ...changing, discount: DISCOUNT }, 30);
  const remembering = meanRegret(planner, changing, 30);
  t.ok(forgetting <= 0.7 * remembering, `seeds 0 to ${SEEDS - 1}: ${forgetting}, ${remembering}`);
});

t.test('a chooser that knows the best strategy has no regret, the worst has all of it', async (t) => {
  const single = { ...WORLD, contexts: 1, seed: 1 };
  const regrets = [0, 1, 2, 3].map(
    (strategy) => simulateRegret({ ...single, chooser: (names) => names.map(() => strategy) })[0]!,
  );
  t.equal(Math.min(...regrets), 0);
  t.same(bestFixedRegret(single), new Float64Array(10));
  t.ok(Math.max(...regrets) > 0 && Math.max(...regrets) <= 0.7);
});

t.test('two choosers with the same seed meet the same problems', async (t) => {
  const seen: string[][] = [];
  const spy: Chooser = (names) => {
    seen.push([...names]);
    return names.map(() => 0);
  };
  const options = { ...WORLD, batches: 3, seed: 9 };
  simulateRegret({ ...options, chooser: spy });
  simulateRegret({
    ...options,
    chooser: (names, ...rest) => {
      spy(names, ...rest);
      return names.map(() => 3);
    },
  });
  t.same(seen.slice(0, 3), seen.slice(3));
  t.same(simulateRegret({ ...options, chooser: PLANNER }), simulateRegret({ ...options, chooser: PLANNER }));
});
