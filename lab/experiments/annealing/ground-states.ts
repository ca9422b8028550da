/** Annealers, ablations and simple ways on problems with known answers: how often each finds the ground state at equal spin updates. */

import { wilsonInterval } from '../../../src/evaluation/intervals.js';
import { Random } from '../../../src/random.js';
import { type AnnealSchedule, anneal } from '../../../src/techniques/annealing/anneal.js';
import {
  type CategoricalProblem,
  createCategorical,
  fieldArgmin,
  isingToCategorical,
} from '../../../src/techniques/annealing/categorical.js';
import {
  greedyDescent,
  randomSearch,
  simulatedAnnealingSchedule,
} from '../../../src/techniques/annealing/classical.js';
import { exactOptimum } from '../../../src/techniques/annealing/exact.js';
import { pathIntegralSchedule } from '../../../src/techniques/annealing/path-integral.js';
import { CategoricalReplicas } from '../../../src/techniques/annealing/replicas.js';
import { UniformStream } from '../../../src/techniques/annealing/uniform-stream.js';
import { HammingSpike, ISING_KINDS, randomIsing } from '../../annealing/instances.js';
import type { Row } from './rows.js';

const OPTIONS = { slices: 8, sweeps: 25, beta: 16, gammaStart: 2, gammaEnd: 0.01 };

// ---- ground states at equal spin updates ------------------------------------------------------------------

/** A problem and its least energy. */
type Instance = readonly [problem: CategoricalProblem, least: number];
/** What a way to search came to: the lowest energy on the way, and the one at the end. */
type Found = { readonly best: number; readonly final: number; readonly spinUpdates: number };

/** Ising problems of 10 to 16 spins. */
export function isingTable(problems: number): Row[] {
  const instances = Array.from({ length: problems }, (_, i): Instance => {
    const kind = ISING_KINDS[i % 3]!;
    const problem = isingToCategorical(randomIsing(kind, 10 + (i % 7), new Random('bench ising', i)));
    return [problem, exactOptimum(problem)!.energy];
  });
  return searchTable(instances, OPTIONS);
}

/** Problems of 8 variables with 4 states, fields and couplings of both signs between all pairs. */
export function strategiesTable(problems: number): Row[] {
  const instances = Array.from({ length: problems }, (_, q): Instance => {
    const random = new Random('bench strategies', q);
    const fields = Array.from({ length: 32 }, () => random.normal());
    const edges: { i: number; j: number; weight: number }[] = [];
    for (let i = 0; i < 8; i++) for (let j = 0; j < i; j++) edges.push({ i, j, weight: random.normal() });
    const problem = createCategorical(4, fields, edges);
    return [problem, exactOptimum(problem)!.energy];
  });
  return searchTable(instances, OPTIONS);
}

function searchTable(instances: readonly Instance[], options: typeof OPTIONS): Row[] {
  const { slices, sweeps } = options;
  const states = instances[0]![0].states;
  const classical = (count: number, length: number): [number, AnnealSchedule] => [
    count,
    simulatedAnnealingSchedule({ sweeps: length, betaStart: 0.5, betaEnd: 5 }),
  ];
  const schedules: Record<string, [replicas: number, schedule: AnnealSchedule]> = {
    'path integral': [slices, pathIntegralSchedule(states, options)],
    'path integral, half of the sweeps, worldline moves': [
      slices,
      pathIntegralSchedule(states, { ...options, sweeps: Math.floor(sweeps / 2), worldlineMoves: true }),
    ],
    'uncoupled (K = 0)': [slices, pathIntegralSchedule(states, { ...options, coupled: false })],
    'annealing, best of P': classical(slices, sweeps),
    'annealing, one long run': classical(1, slices * sweeps),
  };
  const rows: Row[] = [];
  const add = (name: string, results: readonly Found[]): void => {
    const updates = results.reduce((sum, { spinUpdates }) => sum + spinUpdates, 0) / results.length;
    const hits = (key: 'best' | 'final'): number =>
      results.filter((result, i) => result[key] < instances[i]![1] + 1e-9).length;
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
  const budgetOf = (problem: CategoricalProblem): number => slices * sweeps * problem.variables;
  const once = (
    search: (problem: CategoricalProblem, uniforms: UniformStream) => { energy: number; spinUpdates: number },
  ): Found[] =>
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
      return { energy: replicas.energies[0]!, spinUpdates: problem.variables };
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

function hitRow(name: string, best: number, final: number, runs: number, updates: number): Row {
  return {
    method: name,
    'ground state seen': share(best, runs),
    'ground state at the end': share(final, runs),
    'spin updates': Math.round(updates),
    'TTS99 at the end, spin updates': timeToSolution(final / runs, updates),
  };
}

function share(hits: number, runs: number): string {
  const [low, high] = wilsonInterval(hits, runs);
  return `${(hits / runs).toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`;
}

/** Updates until a success has been seen with 99 % chance. */
function timeToSolution(rate: number, updates: number): number | string {
  if (rate === 0) return '∞';
  return Math.round(updates * Math.max(1, Math.log(0.01) / Math.log(1 - rate)));
}

// ---- the spike --------------------------------------------------------------------------------------------

const [SPIKE_BITS, SPIKE_SLICES, SPIKE_SWEEPS] = [40, 16, 200];

interface SpikeRuns {
  readonly runs: number;
  /** Runs that choose a schedule, on seeds of their own. */
  readonly tuningRuns: number;
}

function spikeRuns(
  height: number,
  count: number,
  schedule: AnnealSchedule,
  runs: number,
  key: string,
): [best: number, final: number, runs: number, updates: number] {
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
function tunedAnnealing(
  count: number,
  sweeps: number,
  tuningRuns: number,
): { readonly schedule: AnnealSchedule; readonly name: string } {
  let tuned = { schedule: coldSchedule(), name: '' };
  let most = -1;
  for (const betaStart of [0.05, 0.1, 0.4]) {
    for (const betaEnd of [4, 6, 8, 12]) {
      const schedule = simulatedAnnealingSchedule({ sweeps, betaStart, betaEnd });
      const [, final] = spikeRuns(12, count, schedule, tuningRuns, 'tune');
      if (final > most) [tuned, most] = [{ schedule, name: `β ${betaStart} to ${betaEnd}` }, final];
    }
  }
  return tuned;
}

export function spikeTable({ runs, tuningRuns }: SpikeRuns): Row[] {
  const options = {
    slices: SPIKE_SLICES,
    sweeps: SPIKE_SWEEPS,
    beta: 4,
    gammaStart: 0.75,
    gammaEnd: 1e-3,
    finalStrength: 3,
  };
  const parallel = tunedAnnealing(SPIKE_SLICES, SPIKE_SWEEPS, tuningRuns);
  const long = tunedAnnealing(1, SPIKE_SLICES * SPIKE_SWEEPS, tuningRuns);
  const methods: [name: string, replicas: number, schedule: AnnealSchedule][] = [
    ['path integral', SPIKE_SLICES, pathIntegralSchedule(2, options)],
    ['uncoupled (K = 0)', SPIKE_SLICES, pathIntegralSchedule(2, { ...options, coupled: false })],
    [`annealing, best of P, ${parallel.name}`, SPIKE_SLICES, parallel.schedule],
    [`annealing, one long run, ${long.name}`, 1, long.schedule],
    ['greedy (annealing at β = ∞), best of P', SPIKE_SLICES, coldSchedule()],
  ];
  const rows: Row[] = [];
  for (const height of [12, 0, 20]) {
    for (const [name, count, schedule] of methods)
      rows.push({
        height,
        ...hitRow(name, ...spikeRuns(height, count, schedule, runs, `height ${height}`)),
      });
    const updates = SPIKE_BITS * SPIKE_SLICES * SPIKE_SWEEPS;
    let hits = 0;
    for (let run = 0; run < runs; run++) {
      const uniforms = new UniformStream(new Random('spike random', run));
      const replicas = new HammingSpike(SPIKE_BITS, height, 1, uniforms);
      if (randomSearch(replicas, updates, uniforms).energy === 0) hits++;
    }
    rows.push({ height, ...hitRow('random', hits, hits, runs, updates) });
  }
  return rows;
}

function coldSchedule(): AnnealSchedule {
  return { sweeps: SPIKE_SWEEPS, settingsAt: () => ({ beta: Number.POSITIVE_INFINITY, coupling: 0 }) };
}
