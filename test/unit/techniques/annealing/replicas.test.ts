import t from 'tap';
import { HammingSpike, randomIsing } from '../../../../lab/annealing/instances.js';
import { IsingReplicas } from '../../../../lab/annealing/ising-replicas.js';
import { Random } from '../../../../src/random.js';
import { createCategorical, type Edge } from '../../../../src/techniques/annealing/categorical.js';
import { createIsing } from '../../../../src/techniques/annealing/ising.js';
import {
  CategoricalReplicas,
  computeLocalFields,
  type Replicas,
} from '../../../../src/techniques/annealing/replicas.js';
import { UniformStream } from '../../../../src/techniques/annealing/uniform-stream.js';
import { Checks } from '../../../kit/checks.js';

const SEED = 7;
const stream = (name: string) => new UniformStream(new Random(SEED, name));

function categoricalReplicas(hasTables: boolean): CategoricalReplicas {
  const random = new Random(SEED, 'problem');
  const [variables, states] = [12, 4];
  const table = Float64Array.from({ length: states * states }, () => random.normal());
  const edges: Edge[] = [];
  for (let i = 0; i < variables; i++)
    for (let j = 0; j < i; j++)
      edges.push({ i, j, weight: random.normal(), ...(hasTables && (i + j) % 2 === 0 ? { table } : {}) });
  const fields = Array.from({ length: variables * states }, () => random.normal());
  return new CategoricalReplicas(createCategorical(states, fields, edges, 3), 3, stream('start'));
}

/** Makes random moves; `delta` must be what the direct energies say, and running energies must not drift. */
function walk(checks: Checks, replicas: Replicas, moves: number, what: string): void {
  const random = new Random(SEED, 'walk', what);
  const { variables, states, count } = replicas;
  const own = (p: number) => replicas.assignment.slice(p * variables, (p + 1) * variables);
  for (let move = 0; move < moves; move++) {
    const [p, i, to] = [
      random.integer(0, count - 1),
      random.integer(0, variables - 1),
      random.integer(0, states - 1),
    ];
    const delta = replicas.delta(p, i, to);
    if (move % 1000 === 0) {
      const after = own(p);
      after[i] = to;
      const direct = replicas.energyOf(after) - replicas.energyOf(own(p));
      checks.near(delta, direct, 1e-9, `${what}, seed ${SEED}, move ${move}`);
    }
    replicas.move(p, i, to, delta);
  }
  for (let p = 0; p < count; p++)
    checks.near(replicas.energies[p]!, replicas.energyOf(own(p)), 1e-9, `${what}, replica ${p}`);
}

t.test('local fields and energies follow 100,000 moves to 1e-9', async (t) => {
  const checks = new Checks();
  for (const hasTables of [false, true]) {
    const replicas = categoricalReplicas(hasTables);
    walk(checks, replicas, 100_000, hasTables ? 'with tables' : 'Potts');
    const { variables, states, count } = replicas;
    for (let p = 0; p < count; p++) {
      const own = replicas.assignment.slice(p * variables, (p + 1) * variables);
      computeLocalFields(replicas.problem, own).forEach((field, index) => {
        const kept = replicas.localFields[p * variables * states + index]!;
        checks.near(kept, field, 1e-9, `tables: ${hasTables}, replica ${p}, field ${index}`);
      });
    }
  }
  for (const size of [1, 5, 16]) {
    const problem = randomIsing('sherrington-kirkpatrick', size, new Random(SEED, size));
    const replicas = new IsingReplicas(problem, 2, stream('ising'));
    walk(checks, replicas, 100_000, `Ising ${size}`);
    const fresh = new IsingReplicas(problem, 1, replicas.assignment.slice(0, size));
    for (let i = 0; i < size; i++)
      checks.near(replicas.localField(0, i), fresh.localField(0, i), 1e-9, `spin ${i} of ${size}`);
  }
  walk(checks, new HammingSpike(40, 12, 3, stream('spike')), 100_000, 'spike');
  checks.report(t, { moreThan: 900 });
});

t.test('an Ising problem has the energy of its spins', async (t) => {
  const problem = createIsing([1, 0], [[0, 1, -2]], 5);
  const replicas = new IsingReplicas(problem, 1, Uint8Array.from([0, 1]));
  // Spins +1, −1: 5 + 1 + 2 = 8. Flipping the second gives 5 + 1 − 2 = 4.
  t.equal(replicas.energies[0], 8);
  t.equal(replicas.delta(0, 1, 0), -4);
  t.equal(replicas.delta(0, 1, 1), 0, 'staying costs nothing');
});

t.test('the spike stands where a quarter of the bits are 1', async (t) => {
  const energyOf = (ones: number) =>
    new HammingSpike(40, 12, 1, new Uint8Array(40)).energyOf(new Uint8Array(40).fill(1, 0, ones));
  t.same([0, 9, 10, 11, 40].map(energyOf), [0, 9, 22, 11, 40]);
});
