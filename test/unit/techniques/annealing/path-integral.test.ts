import t from 'tap';
import { IsingReplicas } from '../../../../lab/annealing/ising-replicas.js';
import {
  quantumDistribution,
  sliceDistribution,
  trotterError,
} from '../../../../lab/annealing/trotter-error.js';
import { Random } from '../../../../src/random.js';
import { sweep } from '../../../../src/techniques/annealing/anneal.js';
import { createCategorical } from '../../../../src/techniques/annealing/categorical.js';
import { createIsing, type IsingProblem } from '../../../../src/techniques/annealing/ising.js';
import {
  pathIntegralSchedule,
  pathIntegralSettings,
  tunnellingCoupling,
} from '../../../../src/techniques/annealing/path-integral.js';
import { CategoricalReplicas, type Replicas } from '../../../../src/techniques/annealing/replicas.js';
import { UniformStream } from '../../../../src/techniques/annealing/uniform-stream.js';

const FIXTURE = createIsing(
  [0.3, -0.2, 0.1],
  [
    [0, 1, -1],
    [0, 2, 0.5],
    [1, 2, -0.7],
  ],
);

/** exp of a dense matrix by its Taylor series; enough for the norms used here. */
function exponential(matrix: readonly number[][]): number[][] {
  const size = matrix.length;
  const multiply = (a: readonly number[][], b: readonly number[][]) =>
    a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));
  let term: number[][] = matrix.map((_, i) => Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)));
  let sum = term;
  for (let order = 1; order <= 60; order++) {
    term = multiply(term, matrix).map((row) => row.map((value) => value / order));
    sum = sum.map((row, i) => row.map((value, j) => value + term[i]![j]!));
  }
  return sum;
}

t.test('K_k is the log-ratio of entries of the matrix exponential, to 1e-12', async (t) => {
  for (let states = 2; states <= 8; states++) {
    for (const angle of [0.01, 0.05, 0.2, 0.5, 1]) {
      const driver = Array.from({ length: states }, (_, i) =>
        Array.from({ length: states }, (_, j) => (i === j ? 0 : angle)),
      );
      const [[diagonal, beside]] = exponential(driver) as [[number, number]];
      const expected = Math.log(diagonal / beside);
      const difference = tunnellingCoupling(states, angle) - expected;
      t.ok(Math.abs(difference) < 1e-12, `k ${states}, θ ${angle}: off by ${difference}`);
    }
  }
});

t.test('two states give twice Ising’s coupling', async (t) => {
  for (const angle of [1e-3, 0.1, 1, 3])
    t.ok(Math.abs(tunnellingCoupling(2, angle) / 2 + 0.5 * Math.log(Math.tanh(angle))) < 1e-12);
});

t.test('the coupling is finite without a field and vanishes in a strong one', async (t) => {
  const without = tunnellingCoupling(4, 0);
  t.ok(Number.isFinite(without) && without > 20);
  t.equal(tunnellingCoupling(4, Number.POSITIVE_INFINITY), 0);
  const settings = pathIntegralSettings(4, 8, Number.POSITIVE_INFINITY, 0);
  t.ok(Number.isFinite(settings.coupling), 'no cold 0 · ∞');
});

t.test('slices approach the quantum system as 1/P²', async (t) => {
  const expected = { 8: 0.0636, 16: 0.0196, 32: 0.0052, 64: 0.0013 };
  for (const [slices, distance] of Object.entries(expected)) {
    const error = trotterError(FIXTURE, Number(slices), 5, 1);
    t.ok(Math.abs(error / distance - 1) < 0.05, `${slices} slices: ${error}, expected ${distance}`);
  }
  t.ok(Math.abs(trotterError(FIXTURE, 16, 5, 1) / trotterError(FIXTURE, 32, 5, 1) - 4) < 0.5);
});

t.test('without a field the quantum distribution is Boltzmann’s', async (t) => {
  const distribution = quantumDistribution(createIsing([0.5], []), 2, 0);
  // e^−1 and e^1 over their sum.
  t.ok(Math.abs(distribution[0]! - Math.exp(-1) / (Math.exp(1) + Math.exp(-1))) < 1e-9);
  t.throws(() => trotterError(createIsing(new Float64Array(7), []), 4, 1, 1), { code: 'SHAPE' });
});

/** Share of time that slices spend in each state; bit i is variable i. */
function visited(
  replicas: Replicas,
  beta: number,
  gamma: number,
  sweeps: number,
  seed: number,
): Float64Array {
  const { variables, states, count, assignment } = replicas;
  const uniforms = new UniformStream(new Random(seed, 'stationary'));
  const settings = pathIntegralSettings(states, count, beta, gamma);
  const shares = new Float64Array(states ** variables);
  for (let s = -1000; s < sweeps; s++) {
    sweep(replicas, settings, uniforms);
    if (s < 0) continue;
    for (let p = 0; p < count; p++) {
      let state = 0;
      for (let i = variables - 1; i >= 0; i--) state = state * states + assignment[p * variables + i]!;
      shares[state]! += 1 / (sweeps * count);
    }
  }
  return shares;
}

function totalVariation(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / 2;
}

function randomProblem(seed: number): IsingProblem {
  const random = new Random('stationary problem', seed);
  const pairs = [[0, 1] as const, [0, 2] as const, [1, 2] as const];
  return createIsing(
    [random.normal(), random.normal(), random.normal()],
    pairs.map(([i, j]) => [i, j, random.normal()] as const),
  );
}

t.test('the sampler visits slices as often as the exact sum over all slices says', async (t) => {
  for (const slices of [2, 3, 4, 5]) {
    const problem = randomProblem(slices);
    const exact = sliceDistribution(problem, slices, 1.5, 1);
    const replicas = new IsingReplicas(problem, slices, new Uint8Array(3));
    const distance = totalVariation(visited(replicas, 1.5, 1, 250_000, slices), exact);
    t.ok(distance < 0.01, `seed ${slices}, ${slices} slices: total variation ${distance}`);
  }
});

t.test('three states are sampled as the exact sum over all slices says', async (t) => {
  // One variable, three slices: 27 paths, each with weight exp(−β/P Σ f + K Σ δ).
  const fields = [0, 0.4, -0.7];
  const { beta, coupling } = pathIntegralSettings(3, 3, 2, 0.8);
  const exact = new Float64Array(3);
  for (let path = 0; path < 27; path++) {
    const states = [path % 3, Math.floor(path / 3) % 3, Math.floor(path / 9)];
    let exponent = 0;
    for (const [p, state] of states.entries())
      exponent += -beta * fields[state]! + (state === states[(p + 1) % 3] ? coupling : 0);
    exact[states[0]!]! += Math.exp(exponent);
  }
  const total = exact[0]! + exact[1]! + exact[2]!;
  const replicas = new CategoricalReplicas(createCategorical(3, fields, []), 3, new Uint8Array(1));
  const distance = totalVariation(
    visited(replicas, 2, 0.8, 300_000, 1),
    exact.map((weight) => weight / total),
  );
  t.ok(distance < 0.01, `seed 1: total variation ${distance}`);
});

t.test('a schedule ends at its last field, and without coupling differs in nothing else', async (t) => {
  for (const shape of ['linear', 'smooth'] as const) {
    const options = { slices: 4, sweeps: 11, beta: 8, gammaStart: 3, gammaEnd: 0.5, shape };
    const [coupled, uncoupled] = [
      pathIntegralSchedule(3, options),
      pathIntegralSchedule(3, { ...options, coupled: false }),
    ];
    const close = (sweep: number, gamma: number) =>
      Math.abs(coupled.settingsAt(sweep).coupling - tunnellingCoupling(3, (8 * gamma) / 4)) < 1e-9;
    t.ok(close(0, 3) && close(5, 1.75) && close(10, 0.5), shape);
    for (let sweep = 1; sweep < 11; sweep++)
      t.ok(coupled.settingsAt(sweep).coupling >= coupled.settingsAt(sweep - 1).coupling);
    t.same(uncoupled.settingsAt(5), { beta: 2, coupling: 0 });
    const stronger = pathIntegralSchedule(3, { ...options, finalStrength: 3 });
    t.same(
      [0, 5, 10].map((sweep) => stronger.settingsAt(sweep).beta),
      [2, 4, 6],
    );
    t.equal(stronger.settingsAt(5).coupling, coupled.settingsAt(5).coupling, 'tunnelling is as before');
  }
});
