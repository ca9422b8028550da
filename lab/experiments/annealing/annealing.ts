/**
 * The strategy annealer against its ablations and the simple ways, at equal cost; every table of lab/results-annealing.md.
 * Baselines are tuned on seeds of their own ("tune"), in the same run; nothing is tuned on the seeds of a table.
 */

import { provenance } from '../../../bench/kit.js';
import { Random } from '../../../src/random.js';
import { anneal } from '../../../src/techniques/annealing/anneal.js';
import { createIsing } from '../../../src/techniques/annealing/ising.js';
import { pathIntegralSchedule } from '../../../src/techniques/annealing/path-integral.js';
import { UniformStream } from '../../../src/techniques/annealing/uniform-stream.js';
import { randomIsing } from '../../annealing/instances.js';
import { IsingReplicas } from '../../annealing/ising-replicas.js';
import { trotterError } from '../../annealing/trotter-error.js';
import { isingTable, spikeTable, strategiesTable } from './ground-states.js';
import { type Row, toMarkdown } from './rows.js';
import { regretTables, signalTable } from './streams.js';

export interface AnnealingExperiment {
  /** Spin updates of a slice where speed is measured. */
  readonly speedUpdates: number;
  readonly isingProblems: number;
  readonly categoricalProblems: number;
  readonly spikeRuns: number;
  /** Runs that choose the schedules of the spike. */
  readonly spikeTuningRuns: number;
  readonly signalSeeds: number;
  readonly regretSeeds: number;
  readonly regretTuningSeeds: number;
}

const DEFAULTS: AnnealingExperiment = {
  speedUpdates: 120_000,
  isingProblems: 200,
  categoricalProblems: 100,
  spikeRuns: 100,
  spikeTuningRuns: 40,
  signalSeeds: 200,
  regretSeeds: 1000,
  regretTuningSeeds: 300,
};

export function main(options: Partial<AnnealingExperiment> = {}) {
  const sizes = { ...DEFAULTS, ...options };
  const start = performance.now();
  const tables = {
    speed: speedTable(sizes.speedUpdates),
    trotter: trotterTable(),
    ising: isingTable(sizes.isingProblems),
    strategies: strategiesTable(sizes.categoricalProblems),
    spike: spikeTable({ runs: sizes.spikeRuns, tuningRuns: sizes.spikeTuningRuns }),
    signal: signalTable(sizes.signalSeeds),
    ...regretTables({ seeds: sizes.regretSeeds, tuningSeeds: sizes.regretTuningSeeds }),
  };
  const markdown = Object.fromEntries(Object.entries(tables).map(([name, rows]) => [name, toMarkdown(rows)]));
  return {
    ...provenance('npm run lab -- annealing'),
    experiment: 'annealing',
    wallSeconds: Math.round((performance.now() - start) / 1000),
    tables: markdown,
  };
}

function speedTable(updates: number): Row[] {
  const rows: Row[] = [];
  for (const spins of [32, 64, 128]) {
    const problem = randomIsing('sherrington-kirkpatrick', spins, new Random('speed', spins));
    const schedule = pathIntegralSchedule(2, {
      slices: 16,
      sweeps: Math.round(updates / spins),
      beta: 20,
      gammaStart: 2,
      gammaEnd: 0.01,
    });
    let best = 0;
    for (let round = 0; round < 4; round++) {
      const uniforms = new UniformStream(new Random('speed', round));
      const replicas = new IsingReplicas(problem, 16, uniforms);
      const start = performance.now();
      const { spinUpdates } = anneal(replicas, schedule, uniforms);
      best = Math.max(best, spinUpdates / (performance.now() - start) / 1000);
    }
    rows.push({ 'dense Ising, 16 slices, β 20': `${spins} spins`, 'M spin updates/s': best.toFixed(1) });
  }
  return rows;
}

function trotterTable(): Row[] {
  const problem = createIsing(
    [0.3, -0.2, 0.1],
    [
      [0, 1, -1],
      [0, 2, 0.5],
      [1, 2, -0.7],
    ],
  );
  const wanted = { 4: 0.157, 8: 0.0636, 16: 0.0196, 32: 0.0052, 64: 0.0013 };
  return Object.entries(wanted).map(([slices, value]) => ({
    'slices P': slices,
    'total variation': trotterError(problem, Number(slices), 5, 1).toFixed(5),
    expected: value,
  }));
}
