/**
 * The strategy annealer against its ablations and the simple ways, at equal cost; every table of docs/techniques.md on it.
 * Baselines are tuned on seeds of their own ("tune"), in the same run; nothing is tuned on the seeds of a table.
 */

import { Random } from '../dist/random.js';
import { anneal } from '../dist/techniques/annealing/anneal.js';
import { createIsing } from '../dist/techniques/annealing/ising.js';
import { pathIntegralSchedule } from '../dist/techniques/annealing/path-integral.js';
import { UniformStream } from '../dist/techniques/annealing/uniform-stream.js';
import { randomIsing } from '../lab/annealing/instances.js';
import { IsingReplicas } from '../lab/annealing/ising-replicas.js';
import { trotterError } from '../lab/annealing/trotter-error.js';
import { provenance } from './kit.mjs';
import { regretTables, signalTable } from './strategy-regret.mjs';
import { isingTable, spikeTable, strategiesTable } from './strategy-search.mjs';

export function benchStrategy() {
  const start = performance.now();
  const tables = {
    speed: speedTable(),
    trotter: trotterTable(),
    ising: isingTable(),
    strategies: strategiesTable(),
    spike: spikeTable(),
    signal: signalTable(),
    ...regretTables(),
  };
  const markdown = Object.fromEntries(Object.entries(tables).map(([name, rows]) => [name, toMarkdown(rows)]));
  return {
    ...provenance('npm run bench -- strategy'),
    benchmark: 'strategy',
    wallSeconds: Math.round((performance.now() - start) / 1000),
    tables: markdown,
  };
}

function speedTable() {
  const rows = [];
  for (const spins of [32, 64, 128]) {
    const problem = randomIsing('sherrington-kirkpatrick', spins, new Random('speed', spins));
    const schedule = pathIntegralSchedule(2, {
      slices: 16,
      sweeps: Math.round(120_000 / spins),
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

function trotterTable() {
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

function toMarkdown(rows) {
  const columns = Object.keys(rows[0]);
  return [
    `| ${columns.map((name) => name.trim()).join(' | ')} |`,
    `|${columns.map(() => '---|').join('')}`,
    ...rows.map((row) => `| ${columns.map((name) => row[name]).join(' | ')} |`),
  ];
}
