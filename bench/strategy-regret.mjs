/** Ways to choose strategies in a simulated stream of problems: signal of groups, and regret against the strongest bandit rules. */

import { Random } from '../dist/random.js';
import { StrategyPosterior } from '../dist/techniques/annealing/bandit.js';
import { batchObjective } from '../dist/techniques/annealing/batch-objective.js';
import { fieldArgmin } from '../dist/techniques/annealing/categorical.js';
import { descend } from '../dist/techniques/annealing/classical.js';
import { DEFAULT_PLAN_OPTIONS, planStrategies } from '../dist/techniques/annealing/plan.js';
import { UniformStream } from '../dist/techniques/annealing/uniform-stream.js';
import {
  argmaxUcb,
  argmaxUcbRandomTies,
  batchPlanner,
  hallucinatedUcb,
  thompson,
  ucb1,
} from '../lab/annealing/choosers.js';
import { bestFixedRegret, simulateRegret } from '../lab/annealing/regret.js';
import { deadGroupChance, expectedVariance } from '../lab/annealing/signal.js';

// ---- signal of groups -------------------------------------------------------------------------------------

/** Easy, middling and hard problems with four strategies; 24 rewards seen of each; groups of 8. */
export function signalTable() {
  const weights = [0, 1, 2, 4, 8];
  const sums = new Map(['argmax', ...weights].map((key) => [key, { signal: 0, dead: 0, success: 0 }]));
  const seeds = 200;
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
    const items = Array.from({ length: 12 }, (_, i) => ({ context: ['easy', 'medium', 'hard'][i % 3] }));
    const add = (key, strategies) => {
      const sum = sums.get(key);
      strategies.forEach((strategy, i) => {
        const chance = chances.get(items[i].context)[strategy];
        const group = new Array(8).fill(chance);
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
  const base = sums.get('argmax');
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

const [SEEDS, TUNING_SEEDS] = [1000, 300];
const DISCOUNTS = [1, 0.98, 0.97, 0.95, 0.9];
/** The planner at its defaults, but for few sweeps: a plan ends with descent, which on these problems finds the optimum (docs/techniques.md). */
const SHORT = { slices: 4, sweeps: 10 };
const planner = batchPlanner(SHORT);
/** The same energy lowered by descent alone, which is faster: the defaults of the planner but for `changed`. */
const descentAt = (changed) => (contexts, posterior) => {
  const options = { ...DEFAULT_PLAN_OPTIONS, ...changed, costs: new Array(posterior.strategies).fill(0) };
  const items = contexts.map((context) => ({ context }));
  const { problem } = batchObjective(items, posterior, options);
  return descend(problem, fieldArgmin(problem)).assignment;
};

export function regretTables() {
  const world = { strategies: 4, contexts: 6, chanceRange: [0.15, 0.85] };
  return {
    regret: [
      [96, 10],
      [96, 3],
      [24, 10],
      [24, 40],
    ].flatMap(([batchSize, batches]) => compare({ ...world, batchSize, batches })),
    singleContext: compare({ ...world, contexts: 1, batchSize: 24, batches: 10 }),
    coupling: couplingTable({ ...world, batchSize: 96, batches: 10 }),
    discount: discountTable(world),
  };
}

function regrets(simulate, seeds, key, from = 0) {
  return Array.from({ length: seeds }, (_, seed) => mean(simulate(`${key} ${seed}`).subarray(from)));
}

/** The rule of each row, and the exploration constants it may choose from on the tuning seeds. */
const RULES = [
  ['contextual UCB, ties to the first', argmaxUcb, [0.25, 0.5, 1, 2]],
  ['contextual UCB, ties at random', argmaxUcbRandomTies, [0.25, 0.5, 1, 2]],
  ['GP-BUCB', hallucinatedUcb, [0.25, 0.5, 1, 2]],
  ['Thompson', thompson, [0.15, 0.25, 0.5, 1]],
  ['UCB1 without contexts', ucb1, [0.25, 0.5, 1]],
];

function compare(world) {
  const simulate = (chooser, isContextual) => (seed) =>
    simulateRegret({ ...world, seed, chooser, isContextual });
  const rows = RULES.map(([name, rule, grid]) => {
    const isContextual = rule !== ucb1;
    const results = grid.map((c) => mean(regrets(simulate(rule(c), isContextual), TUNING_SEEDS, 'tune')));
    const c = grid[results.indexOf(Math.min(...results))];
    return [`${name}, c = ${c}`, regrets(simulate(rule(c), isContextual), SEEDS, 'regret')];
  });
  const annealed = regrets(simulate(planner, true), SEEDS, 'regret');
  const first = (names) => names.map(() => 0);
  rows.push(
    ['batch energy, annealed', annealed],
    ['batch energy, descent only', regrets(simulate(descentAt({}), true), SEEDS, 'regret')],
    ['best fixed strategy', regrets((seed) => bestFixedRegret({ ...world, seed }), SEEDS, 'regret')],
    ['off: always the first strategy', regrets(simulate(first, true), SEEDS, 'regret')],
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
function couplingTable(world) {
  const regretOf = (chooser) =>
    mean(regrets((seed) => simulateRegret({ ...world, seed, chooser }), SEEDS, 'tune')).toFixed(4);
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
function discountTable(world) {
  const streams = [
    { batchSize: 24, batches: 60, changeAt: 30 },
    { batchSize: 96, batches: 10 },
    { batchSize: 24, batches: 40 },
    { batchSize: 16, batches: 120 },
  ];
  const columns = streams.map((stream) => {
    const { batchSize, batches, changeAt } = stream;
    const name = changeAt
      ? `${batchSize}, ${batches}, after the change`
      : `${batchSize}, ${batches}, no change`;
    const at = (discount) => (seed) =>
      simulateRegret({ ...world, ...stream, seed, discount, chooser: descentAt({}) });
    const remembering = regrets(at(1), SEEDS, 'change', changeAt);
    const cells = DISCOUNTS.map((discount) => {
      if (discount === 1) return mean(remembering).toFixed(4);
      const values = regrets(at(discount), SEEDS, 'change', changeAt);
      return `${mean(values).toFixed(4)}: ${ratioInterval(values, remembering)}`;
    });
    return [name, cells];
  });
  return DISCOUNTS.map((discount, i) => ({
    discount,
    ...Object.fromEntries(columns.map(([name, cells]) => [name, cells[i]])),
  }));
}

/** Ratio of two means with a bootstrap over seeds, both sides drawn together. */
function ratioInterval(a, b) {
  const uniforms = new UniformStream(new Random('bootstrap', a.length));
  const ratios = Array.from({ length: 1000 }, () => {
    let [top, bottom] = [0, 0];
    for (let draw = 0; draw < a.length; draw++) {
      const i = Math.floor(uniforms.next() * a.length);
      top += a[i];
      bottom += b[i];
    }
    return top / bottom;
  }).sort((x, y) => x - y);
  return `${(mean(a) / mean(b)).toFixed(3)} (${ratios[25].toFixed(3)}–${ratios[974].toFixed(3)})`;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
