/** Ways to choose strategies in a simulated stream of problems: signal of groups, and regret against the strongest bandit rules. */

import { Random } from '../../../src/random.js';
import { StrategyPosterior } from '../../../src/techniques/annealing/bandit.js';
import { batchObjective } from '../../../src/techniques/annealing/batch-objective.js';
import { fieldArgmin } from '../../../src/techniques/annealing/categorical.js';
import { descend } from '../../../src/techniques/annealing/classical.js';
import {
  DEFAULT_PLAN_OPTIONS,
  type PlanOptions,
  planStrategies,
} from '../../../src/techniques/annealing/plan.js';
import { UniformStream } from '../../../src/techniques/annealing/uniform-stream.js';
import {
  argmaxUcb,
  argmaxUcbRandomTies,
  batchPlanner,
  hallucinatedUcb,
  thompson,
  ucb1,
} from '../../annealing/choosers.js';
import {
  bestFixedRegret,
  type Chooser,
  type SimulationOptions,
  simulateRegret,
} from '../../annealing/regret.js';
import { deadGroupChance, expectedVariance } from '../../annealing/signal.js';
import { mean, type Row } from './rows.js';

// ---- signal of groups -------------------------------------------------------------------------------------

/** Easy, middling and hard problems with four strategies; 24 rewards seen of each; groups of 8. */
export function signalTable(seeds: number): Row[] {
  const weights = [0, 1, 2, 4, 8];
  const sums = new Map<'argmax' | number, { signal: number; dead: number; success: number }>();
  for (const key of ['argmax', ...weights] as const) sums.set(key, { signal: 0, dead: 0, success: 0 });
  for (let seed = 0; seed < seeds; seed++) {
    const random = new Random('bench signal', seed);
    const posterior = new StrategyPosterior({ strategies: 4 });
    const chances = new Map(
      Object.entries({ easy: 0.9, medium: 0.6, hard: 0.2 }).map(([context, level]) => [
        context,
        Array.from({ length: 4 }, () => Math.min(0.98, Math.max(0.02, level + 0.2 * random.normal()))),
      ]),
    );
    for (const [context, row] of chances)
      row.forEach((chance, a) => {
        for (let draw = 0; draw < 24; draw++)
          posterior.observe(context, a, random.uniform() < chance ? 1 : 0);
      });
    const items = Array.from({ length: 12 }, (_, i) => ({ context: ['easy', 'medium', 'hard'][i % 3]! }));
    const add = (key: 'argmax' | number, strategies: readonly number[]): void => {
      const sum = sums.get(key)!;
      strategies.forEach((strategy, i) => {
        const chance = chances.get(items[i]!.context)![strategy]!;
        const group = new Array<number>(8).fill(chance);
        sum.signal += expectedVariance(group) / (12 * seeds);
        sum.dead += deadGroupChance(group) / (12 * seeds);
        sum.success += chance / (12 * seeds);
      });
    };
    for (const signalWeight of weights) {
      const options = {
        ...DEFAULT_PLAN_OPTIONS,
        costs: [0, 0, 0, 0],
        sweeps: 20,
        maxExactStates: 0,
        signalWeight,
      };
      const { decisions } = planStrategies(items, posterior, options, new Random('plan', seed));
      add(
        signalWeight,
        decisions.map(({ strategy }) => strategy),
      );
      if (signalWeight === 0)
        add(
          'argmax',
          decisions.map(({ argmaxStrategy }) => argmaxStrategy),
        );
    }
  }
  const base = sums.get('argmax')!;
  return [...sums].map(([key, { signal, dead, success }]) => ({
    plan: key === 'argmax' ? 'argmax of UCB' : `η = ${key}`,
    'mean E[S²]': signal.toFixed(4),
    'against argmax': `${signal >= base.signal ? '+' : '−'}${Math.abs(100 * (signal / base.signal - 1)).toFixed(0)} %`,
    'dead groups': dead.toFixed(3),
    'against argmax ': `${dead >= base.dead ? '+' : '−'}${Math.abs(100 * (dead / base.dead - 1)).toFixed(0)} %`,
    'mean chance of success': success.toFixed(3),
  }));
}

// ---- regret -----------------------------------------------------------------------------------------------

interface Seeds {
  readonly seeds: number;
  /** Seeds on which the constants of the rules are chosen. */
  readonly tuningSeeds: number;
}
type World = Pick<SimulationOptions, 'strategies' | 'contexts' | 'chanceRange' | 'batchSize' | 'batches'>;
type Simulation = (seed: string) => Float64Array;

const DISCOUNTS = [1, 0.98, 0.97, 0.95, 0.9];
/** The planner at its defaults, but for few sweeps: a plan ends with descent, which on these problems finds the optimum (lab/results-annealing.md). */
const SHORT = { slices: 4, sweeps: 10 };
const planner = batchPlanner(SHORT);
/** The same energy lowered by descent alone, which is faster: the defaults of the planner but for `changed`. */
const descentAt =
  (changed: Partial<PlanOptions>): Chooser =>
  (contexts, posterior) => {
    const costs = new Array<number>(posterior.strategies).fill(0);
    const options = { ...DEFAULT_PLAN_OPTIONS, ...changed, costs };
    const items = contexts.map((context) => ({ context }));
    const { problem } = batchObjective(items, posterior, options);
    return descend(problem, fieldArgmin(problem)).assignment;
  };

export function regretTables(seeds: Seeds): Record<string, Row[]> {
  const world = { strategies: 4, contexts: 6, chanceRange: [0.15, 0.85] } as const;
  return {
    regret: (
      [
        [96, 10],
        [96, 3],
        [24, 10],
        [24, 40],
      ] as const
    ).flatMap(([batchSize, batches]) => compare({ ...world, batchSize, batches }, seeds)),
    singleContext: compare({ ...world, contexts: 1, batchSize: 24, batches: 10 }, seeds),
    coupling: couplingTable({ ...world, batchSize: 96, batches: 10 }, seeds.seeds),
    discount: discountTable(world, seeds.seeds),
  };
}

/** Mean regret per problem of each seed, batches from `from` on. */
function regrets(simulate: Simulation, seeds: number, key: string, from = 0): number[] {
  return Array.from({ length: seeds }, (_, seed) => mean(simulate(`${key} ${seed}`).subarray(from)));
}

/** The rule of each row, and the exploration constants it may choose from on the tuning seeds. */
const RULES: [name: string, rule: (exploration: number) => Chooser, grid: number[]][] = [
  ['contextual UCB, ties to the first', argmaxUcb, [0.25, 0.5, 1, 2]],
  ['contextual UCB, ties at random', argmaxUcbRandomTies, [0.25, 0.5, 1, 2]],
  ['GP-BUCB', hallucinatedUcb, [0.25, 0.5, 1, 2]],
  ['Thompson', thompson, [0.15, 0.25, 0.5, 1]],
  ['UCB1 without contexts', ucb1, [0.25, 0.5, 1]],
];

function compare(world: World, { seeds, tuningSeeds }: Seeds): Row[] {
  const simulate =
    (chooser: Chooser, isContextual: boolean): Simulation =>
    (seed) =>
      simulateRegret({ ...world, seed, chooser, isContextual });
  const rows = RULES.map(([name, rule, grid]): [string, number[]] => {
    const isContextual = rule !== ucb1;
    const results = grid.map((c) => mean(regrets(simulate(rule(c), isContextual), tuningSeeds, 'tune')));
    const c = grid[results.indexOf(Math.min(...results))]!;
    return [`${name}, c = ${c}`, regrets(simulate(rule(c), isContextual), seeds, 'regret')];
  });
  const annealed = regrets(simulate(planner, true), seeds, 'regret');
  const first: Chooser = (names) => names.map(() => 0);
  rows.push(
    ['batch energy, annealed', annealed],
    ['batch energy, descent only', regrets(simulate(descentAt({}), true), seeds, 'regret')],
    ['best fixed strategy', regrets((seed) => bestFixedRegret({ ...world, seed }), seeds, 'regret')],
    ['off: always the first strategy', regrets(simulate(first, true), seeds, 'regret')],
  );
  return rows.map(([name, values]) => ({
    'B, T': `${world.batchSize}, ${world.batches}`,
    chooser: name,
    'regret per problem': mean(values).toFixed(4),
    'annealed / this (95 %)':
      values === annealed || mean(values) === 0 ? '' : ratioInterval(annealed, values),
  }));
}

/** Where c = γ = 1 comes from, on seeds of its own. What GP-BUCB minimises is the same energy with the exact sum over counts. */
function couplingTable(world: World, seeds: number): Row[] {
  const regretOf = (chooser: Chooser): string =>
    mean(regrets((seed) => simulateRegret({ ...world, seed, chooser }), seeds, 'tune')).toFixed(4);
  return [0.5, 0.75, 1, 1.5].map((exploration) => ({
    c: exploration,
    ...Object.fromEntries(
      [0.5, 1, 2].map((batchCoupling) => [
        `pairs, γ = ${batchCoupling}`,
        regretOf(descentAt({ exploration, batchCoupling })),
      ]),
    ),
    'exact counts (GP-BUCB)': regretOf(hallucinatedUcb(exploration)),
  }));
}

/** What forgetting gains after a change and costs without one. */
function discountTable(world: Omit<World, 'batchSize' | 'batches'>, seeds: number): Row[] {
  const streams: { batchSize: number; batches: number; changeAt?: number }[] = [
    { batchSize: 24, batches: 60, changeAt: 30 },
    { batchSize: 96, batches: 10 },
    { batchSize: 24, batches: 40 },
    { batchSize: 16, batches: 120 },
  ];
  const columns = streams.map((stream): [string, string[]] => {
    const { batchSize, batches, changeAt } = stream;
    const name = changeAt
      ? `${batchSize}, ${batches}, after the change`
      : `${batchSize}, ${batches}, no change`;
    const at =
      (discount: number): Simulation =>
      (seed) =>
        simulateRegret({ ...world, ...stream, seed, discount, chooser: descentAt({}) });
    const remembering = regrets(at(1), seeds, 'change', changeAt);
    const cells = DISCOUNTS.map((discount) => {
      if (discount === 1) return mean(remembering).toFixed(4);
      const values = regrets(at(discount), seeds, 'change', changeAt);
      return `${mean(values).toFixed(4)}: ${ratioInterval(values, remembering)}`;
    });
    return [name, cells];
  });
  return DISCOUNTS.map((discount, i) => ({
    discount,
    ...Object.fromEntries(columns.map(([name, cells]) => [name, cells[i]!])),
  }));
}

/** Ratio of two means with a bootstrap over seeds, both sides drawn together. */
function ratioInterval(a: readonly number[], b: readonly number[]): string {
  const uniforms = new UniformStream(new Random('bootstrap', a.length));
  const ratios = Array.from({ length: 1000 }, () => {
    let [top, bottom] = [0, 0];
    for (let draw = 0; draw < a.length; draw++) {
      const i = Math.floor(uniforms.next() * a.length);
      top += a[i]!;
      bottom += b[i]!;
    }
    return top / bottom;
  }).sort((x, y) => x - y);
  return `${(mean(a) / mean(b)).toFixed(3)} (${ratios[25]!.toFixed(3)}–${ratios[974]!.toFixed(3)})`;
}
