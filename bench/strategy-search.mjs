/** Annealers, ablations and simple ways on problems with known answers: how often each finds the ground state at equal spin updates. */

import { wilsonInterval } from '../dist/evaluation/intervals.js';
import { Random } from '../dist/random.js';
import { anneal } from '../dist/techniques/annealing/anneal.js';
import {
  createCategorical,
  fieldArgmin,
  isingToCategorical,
} from '../dist/techniques/annealing/categorical.js';
import {
  greedyDescent,
  randomSearch,
  simulatedAnnealingSchedule,
} from '../dist/techniques/annealing/classical.js';
import { exactOptimum } from '../dist/techniques/annealing/exact.js';
import { pathIntegralSchedule } from '../dist/techniques/annealing/path-integral.js';
import { CategoricalReplicas } from '../dist/techniques/annealing/replicas.js';
import { UniformStream } from '../dist/techniques/annealing/uniform-stream.js';
import { HammingSpike, ISING_KINDS, randomIsing } from '../lab/annealing/instances.js';

const OPTIONS = { slices: 8, sweeps: 25, beta: 16, gammaStart: 2, gammaEnd: 0.01 };

// ---- ground states at equal spin updates ------------------------------------------------------------------

/** 200 Ising problems of 10 to 16 spins. */
export function isingTable() {
  const instances = Array.from({ length: 200 }, (_, i) => {
    const kind = ISING_KINDS[i % 3];
    const problem = isingToCategorical(randomIsing(kind, 10 + (i % 7), new Random('bench ising', i)));
    return [problem, exactOptimum(problem).energy];
  });
  return searchTable(instances, OPTIONS);
}

/** 100 problems of 8 variables with 4 states, fields and couplings of both signs between all pairs. */
export function strategiesTable() {
  const instances = Array.from({ length: 100 }, (_, q) => {
    const random = new Random('bench strategies', q);
    const fields = Array.from({ length: 32 }, () => random.normal());
    const edges = [];
    for (let i = 0; i < 8; i++) for (let j = 0; j < i; j++) edges.push({ i, j, weight: random.normal() });
    const problem = createCategorical(4, fields, edges);
    return [problem, exactOptimum(problem).energy];
  });
  return searchTable(instances, OPTIONS);
}

/** `instances` are pairs of a categorical problem and its least energy. */
function searchTable(instances, options) {
  const { slices, sweeps } = options;
  const states = instances[0][0].states;
  const classical = (count, length) => [
    count,
    simulatedAnnealingSchedule({ sweeps: length, betaStart: 0.5, betaEnd: 5 }),
  ];
  const schedules = {
    'path integral': [slices, pathIntegralSchedule(states, options)],
    'path integral, half of the sweeps, worldline moves': [
      slices,
      pathIntegralSchedule(states, { ...options, sweeps: Math.floor(sweeps / 2), worldlineMoves: true }),
    ],
    'uncoupled (K = 0)': [slices, pathIntegralSchedule(states, { ...options, coupled: false })],
    'annealing, best of P': classical(slices, sweeps),
    'annealing, one long run': classical(1, slices * sweeps),
  };
  const rows = [];
  const add = (name, results) => {
    const updates = results.reduce((sum, { spinUpdates }) => sum + spinUpdates, 0) / results.length;
    const hits = (key) => results.filter((result, i) => result[key] < instances[i][1] + 1e-9).length;
    rows.push(hitRow(name, hits('best'), hits('final'), results.length, updates));
  };
  for (const [name, [count, schedule]] of Object.entries(schedules)) {
    const results = instances.map(([problem], i) => {
      const uniforms = new UniformStream(new Random('bench run', i));
      const replicas = new CategoricalReplicas(problem, count, uniforms);
      const { best, final, spinUpdates } = anneal(replicas, schedule, uniforms);
      return { best: best.energy, final: final.energy, spinUpdates };
    });
    add(name, results);
  }
  const budgetOf = (problem) => slices * sweeps * problem.variables;
  const once = (search) =>
    instances.map(([problem], i) => {
      const { energy, spinUpdates } = search(problem, new UniformStream(new Random('bench run', i)));
      return { best: energy, final: energy, spinUpdates };
    });
  add(
    'greedy descent, restarted',
    once((problem, uniforms) => greedyDescent(problem, budgetOf(problem), uniforms)),
  );
  add(
    'argmax of fields',
    once((problem) => {
      const replicas = new CategoricalReplicas(problem, 1, fieldArgmin(problem));
      return { energy: replicas.energies[0], spinUpdates: problem.variables };
    }),
  );
  add(
    'random',
    once((problem, uniforms) => {
      const replicas = new CategoricalReplicas(problem, 1, uniforms);
      return { ...randomSearch(replicas, budgetOf(problem), uniforms), spinUpdates: budgetOf(problem) };
    }),
  );
  return rows;
}

function hitRow(name, best, final, runs, updates) {
  return {
    method: name,
    'ground state seen': share(best, runs),
    'ground state at the end': share(final, runs),
    'spin updates': Math.round(updates),
    'TTS99 at the end, spin updates': timeToSolution(final / runs, updates),
  };
}

function share(hits, runs) {
  const [low, high] = wilsonInterval(hits, runs);
  return `${(hits / runs).toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`;
}

/** Updates until a success has been seen with 99 % chance. */
function timeToSolution(rate, updates) {
  if (rate === 0) return '∞';
  return Math.round(updates * Math.max(1, Math.log(0.01) / Math.log(1 - rate)));
}

// ---- the spike --------------------------------------------------------------------------------------------

const [SPIKE_BITS, SPIKE_SLICES, SPIKE_SWEEPS, SPIKE_RUNS] = [40, 16, 200, 100];

function spikeRuns(height, count, schedule, runs, key) {
  let [best, final, updates] = [0, 0, 0];
  for (let run = 0; run < runs; run++) {
    const uniforms = new UniformStream(new Random(`spike ${key}`, run));
    const result = anneal(new HammingSpike(SPIKE_BITS, height, count, uniforms), schedule, uniforms);
    best += result.best.energy === 0 ? 1 : 0;
    final += result.final.energy === 0 ? 1 : 0;
    updates = result.spinUpdates;
  }
  return [best, final, runs, updates];
}

/** The annealing schedule that ends at the ground state of the spike of 12 most often, on seeds of its own. */
function tunedAnnealing(count, sweeps) {
  let [tuned, most] = [null, -1];
  for (const betaStart of [0.05, 0.1, 0.4]) {
    for (const betaEnd of [4, 6, 8, 12]) {
      const schedule = simulatedAnnealingSchedule({ sweeps, betaStart, betaEnd });
      const [, final] = spikeRuns(12, count, schedule, 40, 'tune');
      if (final > most) [tuned, most] = [{ schedule, name: `β ${betaStart} to ${betaEnd}` }, final];
    }
  }
  return tuned;
}

export function spikeTable() {
  const options = {
    slices: SPIKE_SLICES,
    sweeps: SPIKE_SWEEPS,
    beta: 4,
    gammaStart: 0.75,
    gammaEnd: 1e-3,
    finalStrength: 3,
  };
  const parallel = tunedAnnealing(SPIKE_SLICES, SPIKE_SWEEPS);
  const long = tunedAnnealing(1, SPIKE_SLICES * SPIKE_SWEEPS);
  const methods = [
    ['path integral', SPIKE_SLICES, pathIntegralSchedule(2, options)],
    ['uncoupled (K = 0)', SPIKE_SLICES, pathIntegralSchedule(2, { ...options, coupled: false })],
    [`annealing, best of P, ${parallel.name}`, SPIKE_SLICES, parallel.schedule],
    [`annealing, one long run, ${long.name}`, 1, long.schedule],
    ['greedy (annealing at β = ∞), best of P', SPIKE_SLICES, coldSchedule()],
  ];
  const rows = [];
  for (const height of [12, 0, 20]) {
    for (const [name, count, schedule] of methods)
      rows.push({
        height,
        ...hitRow(name, ...spikeRuns(height, count, schedule, SPIKE_RUNS, `height ${height}`)),
      });
    const updates = SPIKE_BITS * SPIKE_SLICES * SPIKE_SWEEPS;
    let hits = 0;
    for (let run = 0; run < SPIKE_RUNS; run++) {
      const uniforms = new UniformStream(new Random('spike random', run));
      const replicas = new HammingSpike(SPIKE_BITS, height, 1, uniforms);
      if (randomSearch(replicas, updates, uniforms).energy === 0) hits++;
    }
    rows.push({ height, ...hitRow('random', hits, hits, SPIKE_RUNS, updates) });
  }
  return rows;
}

function coldSchedule() {
  return { sweeps: SPIKE_SWEEPS, settingsAt: () => ({ beta: Number.POSITIVE_INFINITY, coupling: 0 }) };
}
