import t from 'tap';
import { fromOneHot, oneHotQubo, toOneHot } from '../../../../lab/annealing/one-hot.js';
import { quboEnergy, quboToIsing } from '../../../../lab/annealing/qubo.js';
import { Random } from '../../../../src/random.js';
import {
  type CategoricalProblem,
  categoricalEnergy,
  createCategorical,
  type Edge,
  fieldArgmin,
} from '../../../../src/techniques/annealing/categorical.js';
import { exactOptimum } from '../../../../src/techniques/annealing/exact.js';
import { bruteForceIsing } from '../../../../src/techniques/annealing/ising.js';
import { Checks } from '../../../kit/checks.js';

/** Random fields with a common shift, Potts edges and edges with asymmetric tables. */
function randomProblem(seed: number, variables: number, states: number, shift = 0): CategoricalProblem {
  const random = new Random('categorical test', seed);
  const fields = Array.from({ length: variables * states }, () => shift + random.normal());
  const table = Float64Array.from({ length: states * states }, () => random.normal());
  const edges: Edge[] = [];
  for (let i = 0; i < variables; i++) {
    for (let j = 0; j < i; j++) {
      const draw = random.uniform();
      if (draw < 0.4) edges.push({ i, j, weight: random.normal() });
      else if (draw < 0.7) edges.push({ i, j, weight: random.normal(), table });
    }
  }
  return createCategorical(states, fields, edges, random.normal());
}

function* allAssignments(variables: number, states: number): Generator<Uint8Array> {
  for (let code = 0; code < states ** variables; code++)
    yield Uint8Array.from({ length: variables }, (_, i) => Math.floor(code / states ** i) % states);
}

t.test('an energy is fields, weighted equalities and tables', async (t) => {
  const table = Float64Array.from([0, 1, 2, 3]);
  const problem = createCategorical(
    2,
    [1, 2, 4, 8],
    [
      { i: 0, j: 1, weight: 10 },
      { i: 1, j: 0, weight: 100, table },
    ],
    0.5,
  );
  // x = (0, 1): 0.5 + 1 + 8, not equal, 100·T[x_1 = 1, x_0 = 0] = 100·2.
  t.equal(categoricalEnergy(problem, [0, 1]), 209.5);
  // x = (1, 1): 0.5 + 2 + 8 + 10 + 100·T[1, 1].
  t.equal(categoricalEnergy(problem, [1, 1]), 320.5);
  t.same([...fieldArgmin(problem)], [0, 0]);
});

t.test('the exact optimum is the least energy of plain enumeration', async (t) => {
  for (let seed = 0; seed < 30; seed++) {
    const [variables, states] = [1 + (seed % 5), 1 + (seed % 4)];
    const problem = randomProblem(seed, variables, states);
    let least = Number.POSITIVE_INFINITY;
    for (const assignment of allAssignments(variables, states))
      least = Math.min(least, categoricalEnergy(problem, assignment));
    const optimum = exactOptimum(problem)!;
    t.ok(Math.abs(optimum.energy - least) < 1e-12, `seed ${seed}: ${optimum.energy}, ${least}`);
    t.equal(optimum.energy, categoricalEnergy(problem, optimum.assignment));
  }
});

t.test('of variables that are all alike the optimum is found by counts, whatever the signs', async (t) => {
  for (let seed = 0; seed < 60; seed++) {
    const random = new Random('alike', seed);
    const [variables, states] = [1 + (seed % 6), 1 + (seed % 4)];
    const own = Array.from({ length: states }, () => random.normal());
    const fields = Array.from({ length: variables }, () => own).flat();
    const table = new Float64Array(states * states);
    for (let a = 0; a < states; a++) table[a * (states + 1)] = random.normal();
    const weight = random.normal();
    const pairs: Edge[] = [];
    for (let i = 0; i < variables; i++)
      for (let j = 0; j < i; j++) pairs.push(seed % 3 ? { i, j, weight, table } : { i: j, j: i, weight });
    const problem = createCategorical(states, fields, pairs);
    let least = Number.POSITIVE_INFINITY;
    for (const assignment of allAssignments(variables, states))
      least = Math.min(least, categoricalEnergy(problem, assignment));
    const sums = (states * (variables + 1) * (variables + 2)) / 2;
    const optimum = exactOptimum(problem, sums)!;
    t.ok(Math.abs(optimum.energy - least) < 1e-12, `seed ${seed}: ${optimum.energy}, ${least}`);
    t.equal(optimum.energy, categoricalEnergy(problem, optimum.assignment));
    t.equal(exactOptimum(problem, sums - 1), null, 'the limit counts the sums that are looked at');
  }
});

t.test('variables that are almost alike are told apart', async (t) => {
  const diagonal = Float64Array.from([1, 0, 0, 1]);
  const fields = [0, 0.1, 0, 0.1, 0, 0.1];
  const [a, b, c] = [
    [1, 0],
    [2, 0],
    [2, 1],
  ].map(([i, j]) => ({ i: i!, j: j!, weight: 1, table: diagonal }));
  const problems = {
    'another field': createCategorical(2, [0, 0.1, 0, 0.1, 9, 0.1], [a!, b!, c!]),
    'another weight': createCategorical(2, fields, [a!, b!, { ...c!, weight: -3 }]),
    'another table': createCategorical(2, fields, [
      a!,
      b!,
      { ...c!, table: Float64Array.from([9, 0, 0, 5]) },
    ]),
    'an edge twice': createCategorical(2, fields, [a!, b!, b!]),
    'not diagonal': createCategorical(
      2,
      fields,
      [a!, b!, c!].map((edge) => ({ ...edge, table: Float64Array.from([1, 2, 0, 1]) })),
    ),
  };
  for (const [name, problem] of Object.entries(problems)) {
    const energies = [...allAssignments(3, 2)].map((assignment) => categoricalEnergy(problem, assignment));
    t.ok(Math.abs(exactOptimum(problem)!.energy - Math.min(...energies)) < 1e-12, name);
    t.equal(exactOptimum(problem, 7), null, `${name}: all 8 states are visited`);
  }
});

t.test('parts without a common edge are enumerated apart; what is too large gives null', async (t) => {
  const chain = (length: number, start: number): Edge[] =>
    Array.from({ length: length - 1 }, (_, i) => ({ i: start + i, j: start + i + 1, weight: 1 }));
  const fields = new Float64Array(24 * 4);
  const parts = createCategorical(4, fields, [...chain(8, 0), ...chain(8, 8), ...chain(8, 16)]);
  t.equal(exactOptimum(parts)?.energy, 0, '4^24 states in three parts of 4^8');
  t.equal(exactOptimum(createCategorical(4, fields, chain(24, 0))), null);
  t.equal(exactOptimum(createCategorical(4, new Float64Array(40), chain(10, 0)))?.energy, 0, '4^10 = 2^20');
  t.equal(exactOptimum(parts, 2 ** 10), null, 'the limit counts what has to be visited');
  t.equal(exactOptimum(createCategorical(3, [], []))?.energy, 0, 'no variables');
});

t.test('one-hot QUBOs keep energies, and their ground states are one-hot optima', async (t) => {
  const checks = new Checks();
  // A shift of +10 is where a penalty of field gaps and couplings alone would leave all bits at 0.
  for (const [seed, shift] of [0, 0, 0, 0, 10, 10, -10, -10].entries()) {
    const [variables, states] = seed % 2 === 0 ? [4, 3] : [3, 4];
    const problem = randomProblem(50 + seed, variables, states, shift);
    const { qubo, penalty } = oneHotQubo(problem);
    for (const assignment of allAssignments(variables, states)) {
      const energy = categoricalEnergy(problem, assignment);
      const bits = toOneHot(problem, assignment);
      const at = `seed ${seed}: ${assignment}`;
      checks.near(quboEnergy(qubo, bits), energy, 1e-12 * (1 + penalty), at);
      checks.same(fromOneHot(problem, bits)?.assignment, assignment, at);
    }
    const ground = bruteForceIsing(quboToIsing(qubo));
    const decoded = fromOneHot(
      problem,
      ground.spins.map((spin) => (1 + spin) / 2),
    );
    checks.ok(decoded, `seed ${seed}: the ground state is one-hot`);
    checks.near(decoded?.energy ?? Number.NaN, exactOptimum(problem)!.energy, 1e-9, `seed ${seed}`);
  }
  t.equal(fromOneHot(randomProblem(1, 1, 3), [1, 1, 0]), null);
  t.equal(fromOneHot(randomProblem(1, 1, 3), [0, 0, 0]), null);
  checks.report(t, { moreThan: 1100 });
});

t.test('fields, tables and edges that do not fit are refused', async (t) => {
  t.throws(() => createCategorical(3, [1, 2], []), { code: 'SHAPE', message: /2 fields for 3 states/ });
  t.throws(() => createCategorical(0, [], []), { code: 'SHAPE' });
  t.throws(() => createCategorical(2, [0, Number.NaN], []), { code: 'SHAPE', message: /field 1 is NaN/ });
  t.throws(() => createCategorical(2, [0, 0], [{ i: 0, j: 1, weight: 1 }]), { code: 'SHAPE' });
  const table = new Float64Array(3);
  t.throws(() => createCategorical(2, [0, 0, 0, 0], [{ i: 0, j: 1, weight: 1, table }]), {
    code: 'SHAPE',
    message: /3 energies; expected 2 × 2/,
  });
});
