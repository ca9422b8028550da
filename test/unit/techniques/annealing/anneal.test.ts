import t from 'tap';
import { HammingSpike, ISING_KINDS, randomIsing } from '../../../../lab/annealing/instances.js';
import { IsingReplicas, toSpins } from '../../../../lab/annealing/ising-replicas.js';
import { Random } from '../../../../src/random.js';
import {
  type AnnealResult,
  type AnnealSchedule,
  anneal,
  worldlineSweep,
} from '../../../../src/techniques/annealing/anneal.js';
import {
  categoricalEnergy,
  createCategorical,
  isingToCategorical,
} from '../../../../src/techniques/annealing/categorical.js';
import {
  annealCategorical,
  descend,
  greedyDescent,
  randomSearch,
  simulatedAnnealingSchedule,
} from '../../../../src/techniques/annealing/classical.js';
import { exactOptimum } from '../../../../src/techniques/annealing/exact.js';
import { bruteForceIsing, createIsing, isingEnergy } from '../../../../src/techniques/annealing/ising.js';
import { pathIntegralSchedule } from '../../../../src/techniques/annealing/path-integral.js';
import { CategoricalReplicas } from '../../../../src/techniques/annealing/replicas.js';
import { UniformStream } from '../../../../src/techniques/annealing/uniform-stream.js';

const stream = (...keys: (number | string)[]) => new UniformStream(new Random(...keys));
const GLASS = randomIsing('sherrington-kirkpatrick', 16, new Random('anneal test'));

t.test('ground states of random problems are found, 97 of 100', async (t) => {
  const schedule = pathIntegralSchedule(2, {
    slices: 8,
    sweeps: 25,
    beta: 16,
    gammaStart: 2,
    gammaEnd: 0.01,
  });
  let hits = 0;
  for (let seed = 0; seed < 100; seed++) {
    const problem = randomIsing(ISING_KINDS[seed % 3]!, 8 + (seed % 7), new Random('ground states', seed));
    const uniforms = stream('ground states run', seed);
    const { best } = anneal(new IsingReplicas(problem, 8, uniforms), schedule, uniforms);
    if (best.energy < bruteForceIsing(problem).energy + 1e-9) hits++;
  }
  t.ok(hits >= 97, `seeds 0 to 99: ${hits} of 100`);
});

t.test('a chain pinned at one end and a small problem with a free spin are solved every time', async (t) => {
  const chain = createIsing(
    [-10, ...new Array<number>(29).fill(0)],
    Array.from({ length: 29 }, (_, i) => [i, i + 1, 1] as const),
  );
  const small = createIsing(
    [-1, -1, 1, 1, 0],
    [
      [0, 1, -1],
      [3, 4, -1],
    ],
  );
  for (const [problem, ground] of [[chain, -39] as const, [small, -6] as const]) {
    let hits = 0;
    for (let seed = 0; seed < 100; seed++) {
      const uniforms = stream('toy', seed);
      const options = { slices: 10, sweeps: 100, beta: 20, gammaStart: 2, gammaEnd: 0.01 };
      const schedule = pathIntegralSchedule(2, { ...options, worldlineMoves: true });
      const { best } = anneal(new IsingReplicas(problem, 10, uniforms), schedule, uniforms);
      if (best.energy === ground) hits++;
    }
    t.equal(hits, 100, `${problem.size} spins`);
  }
});

/** Share of runs that end, in any replica, without a 1. */
function spikeRate(height: number, count: number, schedule: AnnealSchedule, runs: number): number {
  let hits = 0;
  for (let seed = 0; seed < runs; seed++) {
    const uniforms = stream('spike test', seed);
    const replicas = new HammingSpike(40, height, count, uniforms);
    if (anneal(replicas, schedule, uniforms).final.energy === 0) hits++;
  }
  return hits / runs;
}

t.test(
  'tunnelling passes a tall thin barrier that stops its own ablation and classical annealing',
  async (t) => {
    const options = { slices: 16, sweeps: 200, beta: 4, gammaStart: 0.75, gammaEnd: 1e-3, finalStrength: 3 };
    const quantum = spikeRate(12, 16, pathIntegralSchedule(2, options), 40);
    t.ok(quantum >= 0.65, `seeds 0 to 39: path integral ${quantum}`);
    const uncoupled = spikeRate(12, 16, pathIntegralSchedule(2, { ...options, coupled: false }), 40);
    t.ok(uncoupled < 0.05, `uncoupled ${uncoupled}`);
    const classical = simulatedAnnealingSchedule({ sweeps: 200, betaStart: 0.05, betaEnd: 6 });
    const rate = spikeRate(12, 16, classical, 40);
    t.ok(quantum >= 2 * rate, `classical ${rate}`);
    t.equal(spikeRate(0, 16, classical, 20), 1, 'no barrier, no difference');
    t.ok(spikeRate(0, 16, pathIntegralSchedule(2, options), 20) >= 0.95);
  },
);

function run(seed: number, problem = GLASS): AnnealResult {
  const uniforms = stream('determinism', seed);
  const options = { slices: 6, sweeps: 20, beta: 10, gammaStart: 2, gammaEnd: 0 };
  const schedule = pathIntegralSchedule(2, { ...options, worldlineMoves: seed % 2 === 1 });
  return anneal(new IsingReplicas(problem, 6, uniforms), schedule, uniforms);
}

t.test('the same seed gives the same bits, another seed another walk', async (t) => {
  t.same(run(4), run(4));
  t.same(run(5), run(5));
  t.notSame(run(4).finalEnergies, run(6).finalEnergies);
});

t.test('reported energies are direct sums of reported states', async (t) => {
  const { best, final, finalEnergies, spinUpdates } = run(3);
  for (const { assignment, energy } of [best, final])
    t.equal(energy, isingEnergy(GLASS, toSpins(assignment)));
  t.equal(final.energy, Math.min(...finalEnergies));
  t.ok(best.energy <= final.energy + 1e-12);
  t.equal(spinUpdates, 20 * 16 * 6 * 2, 'worldline moves are counted');
});

t.test('no temperature and no field gives NaN', async (t) => {
  const problem = createCategorical(
    3,
    Array.from({ length: 12 }, (_, i) => (i % 5) - 2),
    [{ i: 0, j: 1, weight: 1 }],
  );
  for (const beta of [0, 1, 1e12, Number.POSITIVE_INFINITY]) {
    for (const gamma of [0, 1e-300, 1, 1e300]) {
      for (const slices of [1, 2, 5]) {
        const options = { slices, sweeps: 5, beta, gammaStart: gamma, gammaEnd: 0, worldlineMoves: true };
        const { best, finalEnergies } = annealCategorical(
          problem,
          slices,
          pathIntegralSchedule(3, options),
          stream('edges'),
        );
        t.ok(Number.isFinite(best.energy), `β ${beta}, Γ ${gamma}, P ${slices}`);
        t.ok(finalEnergies.every(Number.isFinite));
        t.ok(best.assignment.every((state) => state < 3));
      }
    }
  }
});

t.test('at zero field all slices can still come to rest in the same state', async (t) => {
  const options = { slices: 8, sweeps: 60, beta: 40, gammaStart: 2, gammaEnd: 0 };
  const uniforms = stream('rest');
  const field = createIsing(new Float64Array(6).fill(1), []);
  const { finalEnergies } = anneal(
    new IsingReplicas(field, 8, uniforms),
    pathIntegralSchedule(2, options),
    uniforms,
  );
  t.ok(
    finalEnergies.every((energy) => energy === -6),
    `${finalEnergies}`,
  );
});

t.test('no sweeps, no variables and a single state are answered, not annealed', async (t) => {
  const none = annealCategorical(
    createCategorical(3, [], []),
    2,
    pathIntegralSchedule(3, { slices: 2, sweeps: 3, beta: 1, gammaStart: 1, gammaEnd: 0 }),
    stream('none'),
  );
  t.equal(none.best.energy, 0);
  const start = Uint8Array.from([2, 0]);
  const problem = createCategorical(3, [5, 1, 7, 2, 3, 4], []);
  const replicas = new CategoricalReplicas(problem, 2, start);
  const { best } = anneal(
    replicas,
    simulatedAnnealingSchedule({ sweeps: 0, betaStart: 1, betaEnd: 2 }),
    stream('x'),
  );
  t.same(best, { assignment: start, energy: 9 });
  const single = annealCategorical(
    createCategorical(1, [4, 5], [{ i: 0, j: 1, weight: 1 }]),
    2,
    simulatedAnnealingSchedule({ sweeps: 3, betaStart: 1, betaEnd: 2 }),
    stream('single'),
  );
  t.equal(single.best.energy, 10);
});

t.test('a worldline move changes a variable alike in all slices', async (t) => {
  const problem = createCategorical(4, new Float64Array(8), []);
  const replicas = new CategoricalReplicas(problem, 5, stream('worldline'));
  const before = replicas.assignment.slice();
  worldlineSweep(replicas, 1, stream('worldline moves'));
  for (let i = 0; i < 2; i++) {
    const shifts = Array.from(
      { length: 5 },
      (_, p) => (replicas.assignment[p * 2 + i]! - before[p * 2 + i]! + 4) % 4,
    );
    t.ok(shifts[0]! > 0 && shifts.every((shift) => shift === shifts[0]), `${shifts}`);
  }
});

t.test('the simple ways report true energies, and descent ends where no change helps', async (t) => {
  const problem = isingToCategorical(GLASS);
  const least = exactOptimum(problem)!.energy;
  const uniforms = stream('simple');
  const greedy = greedyDescent(problem, 16 * 200, uniforms);
  const random = randomSearch(new CategoricalReplicas(problem, 1, uniforms), 16 * 200, uniforms);
  const down = descend(problem, uniforms);
  for (const solution of [greedy, random, down]) {
    t.equal(solution.energy, categoricalEnergy(problem, solution.assignment));
    t.ok(solution.energy >= least - 1e-12);
  }
  t.ok(greedy.spinUpdates >= 16 * 200);
  const replicas = new CategoricalReplicas(problem, 1, down.assignment);
  for (let i = 0; i < 16; i++) t.ok(replicas.delta(0, i, 1 - down.assignment[i]!) >= -1e-9, `variable ${i}`);
});
