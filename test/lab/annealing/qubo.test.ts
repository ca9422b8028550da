import t from 'tap';
import { toSpins } from '../../../lab/annealing/ising-replicas.js';
import { exportIsing, exportQubo, importIsing, importQubo } from '../../../lab/annealing/quadratic-model.js';
import { createQubo, isingToQubo, quboEnergy, quboToIsing } from '../../../lab/annealing/qubo.js';
import { Random } from '../../../src/random.js';
import { categoricalEnergy, isingToCategorical } from '../../../src/techniques/annealing/categorical.js';
import {
  bruteForceIsing,
  createIsing,
  type IsingProblem,
  isingEnergy,
} from '../../../src/techniques/annealing/ising.js';

function randomProblem(seed: number, size: number): IsingProblem {
  const random = new Random('qubo test', seed);
  const pairs: [number, number, number][] = [];
  for (let i = 0; i < size; i++)
    for (let j = i + 1; j < size; j++) if (random.uniform() < 0.6) pairs.push([i, j, random.normal()]);
  const fields = Array.from({ length: size }, () => random.normal());
  return createIsing(fields, pairs, random.normal());
}

t.test(
  'Ising, QUBO, categorical and JSON forms give the same energy to 1e-12 on 1000 assignments',
  async (t) => {
    for (let seed = 0; seed < 20; seed++) {
      const ising = randomProblem(seed, 9);
      const qubo = isingToQubo(ising);
      const back = quboToIsing(qubo);
      const categorical = isingToCategorical(ising);
      const read = importIsing(JSON.parse(JSON.stringify(exportIsing(ising))));
      const readQubo = importIsing(JSON.parse(JSON.stringify(exportQubo(qubo))));
      const random = new Random('assignments', seed);
      for (let draw = 0; draw < 50; draw++) {
        const states = Uint8Array.from({ length: 9 }, () => random.integer(0, 1));
        const spins = toSpins(states);
        const bits = spins.map((spin) => (1 + spin) / 2);
        const energy = isingEnergy(ising, spins);
        const others = [
          quboEnergy(qubo, bits),
          isingEnergy(back, spins),
          categoricalEnergy(categorical, states),
          isingEnergy(read, spins),
          isingEnergy(readQubo, spins),
          quboEnergy(importQubo(exportIsing(ising)), bits),
        ];
        for (const other of others)
          if (!(Math.abs(other - energy) < 1e-12)) t.fail(`seed ${seed}: ${other} is not ${energy}`);
      }
      t.same(read, ising, 'what was written is read back exactly');
    }
  },
);

t.test('energies are the sums that the formulas say', async (t) => {
  const ising = createIsing([0.5, -1], [[0, 1, 2]], 10);
  // 10 + 0.5·1 − 1·(−1) + 2·1·(−1) = 9.5
  t.equal(isingEnergy(ising, [1, -1]), 9.5);
  const qubo = createQubo([1, 3], [[1, 0, -5]], 2);
  t.equal(quboEnergy(qubo, [1, 1]), 2 + 1 + 3 - 5);
  t.equal(quboEnergy(qubo, [0, 0]), 2);
});

t.test('Gray-code brute force finds what plain enumeration finds', async (t) => {
  for (let seed = 0; seed < 20; seed++) {
    const size = 1 + (seed % 10);
    const problem = randomProblem(100 + seed, size);
    let least = Number.POSITIVE_INFINITY;
    for (let state = 0; state < 2 ** size; state++) {
      const spins = Array.from({ length: size }, (_, i) => 1 - 2 * ((state >> i) & 1));
      least = Math.min(least, isingEnergy(problem, spins));
    }
    const found = bruteForceIsing(problem);
    t.ok(Math.abs(found.energy - least) < 1e-12, `seed ${seed}`);
    t.equal(found.energy, isingEnergy(problem, found.spins));
  }
});

t.test('a chain of 20 spins is solved by brute force', async (t) => {
  const pairs = Array.from({ length: 19 }, (_, i) => [i, i + 1, 1] as const);
  const { energy, spins } = bruteForceIsing(createIsing([-0.5, ...new Array<number>(19).fill(0)], pairs));
  // 19 satisfied antiferromagnetic bonds and the first spin up: −19 − 0.5.
  t.equal(energy, -19.5);
  t.same(
    [...spins],
    Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 1 : -1)),
  );
});

t.test('too many spins, bad pairs and numbers that are not finite are refused', async (t) => {
  const problem = createIsing(new Float64Array(25), []);
  t.throws(() => bruteForceIsing(problem), { code: 'SHAPE', message: /25 spins.*at most 24/ });
  t.throws(() => createIsing([0, 0], [[0, 2, 1]]), { code: 'SHAPE', message: /0 and 2/ });
  t.throws(() => createIsing([0, 0], [[1, 1, 1]]), { code: 'SHAPE' });
  t.throws(() => createIsing([0, Number.NaN], []), { code: 'SHAPE', message: /field of 1 is NaN/ });
  t.throws(() => createIsing([0, 0], [[0, 1, Number.POSITIVE_INFINITY]]), { code: 'SHAPE' });
});

t.test('a quadratic model that is not one is refused with the entry that is wrong', async (t) => {
  const good = { vartype: 'SPIN', linear: [1, 2], quadratic: [[0, 1, 3]], offset: 0 };
  t.equal(isingEnergy(importIsing(good), [1, 1]), 6);
  t.equal(isingEnergy(importIsing({ ...good, offset: undefined }), [1, 1]), 6, 'the offset is optional');
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [null, /vartype/],
    [{ ...good, vartype: 'POTTS' }, /vartype is "POTTS"/],
    [{ ...good, linear: [1, '2'] }, /linear\[1\] is "2"/],
    [{ ...good, linear: { 0: 1 } }, /linear/],
    [{ ...good, quadratic: [[0, 2, 3]] }, /quadratic\[0\]/],
    [{ ...good, quadratic: [[0, 0, 3]] }, /quadratic\[0\]/],
    [{ ...good, quadratic: [[0, 1]] }, /quadratic\[0\]/],
    [{ ...good, offset: 'x' }, /offset/],
  ];
  for (const [value, message] of cases) t.throws(() => importIsing(value), { code: 'DATA', message });
});
