/** The experiment on annealing in its smallest form: every table has its rows and columns. */
import t from 'tap';
import { main as annealing } from '../../../lab/experiments/annealing/annealing.js';

/** Cells of each line of a table. */
const widths = (lines: readonly string[]): Set<number> =>
  new Set(lines.filter((line) => line.startsWith('|')).map((line) => line.split(' | ').length));

t.test('annealing: every table has as many cells in each row', async (t) => {
  const { tables } = annealing({
    speedUpdates: 200,
    isingProblems: 2,
    categoricalProblems: 2,
    spikeRuns: 1,
    spikeTuningRuns: 1,
    signalSeeds: 2,
    regretSeeds: 2,
    regretTuningSeeds: 1,
  });
  const names = ['speed', 'trotter', 'ising', 'strategies', 'spike', 'signal', 'regret', 'singleContext'];
  t.strictSame(Object.keys(tables), [...names, 'coupling', 'discount']);
  const odd = Object.entries(tables).filter(
    ([, [head, , ...rows]]) => rows.length === 0 || widths([head!, ...rows]).size !== 1,
  );
  t.strictSame(odd, []);
  t.match(tables.trotter![2], '| 4 | 0.15670 | 0.157 |', 'a number that depends on no size');
});
