import t from 'tap';
import * as e from '../../../src/tensor/elementwise.js';
import { Graph } from '../../../src/tensor/graph.js';
import * as indexing from '../../../src/tensor/indexing.js';
import * as movement from '../../../src/tensor/movement.js';
import * as neural from '../../../src/tensor/neural.js';
import * as reduction from '../../../src/tensor/reduction.js';

const graph = new Graph();
const matrix = graph.input('matrix', 'float32', ['n', 4]); // [n, 4]
const row = graph.input('row', 'float32', [4]);
const whole = graph.input('whole', 'int32', ['n']);
const truth = graph.input('truth', 'bool', ['n', 1]);
const cube = graph.input('cube', 'float32', ['n', 'm', 4]);

t.test('results have the shape and type that the operator promises', async (t) => {
  t.same(e.add(matrix, row).shape, ['n', 4]);
  t.equal(e.less(matrix, row).dtype, 'bool');
  t.equal(e.mul(whole, 2).dtype, 'int32');
  t.same(e.where(truth, matrix, 0).shape, ['n', 4]);
  t.same(reduction.sum(cube, [0, -1], true).shape, [1, 'm', 1]);
  t.same(reduction.sum(cube, [1]).shape, ['n', 4]);
  t.same(movement.reshape(cube, ['m*n', 2, 2]).shape, ['m*n', 2, 2]);
  t.same(movement.transpose(cube, [2, 0, 1]).shape, [4, 'n', 'm']);
  t.same(movement.concat([matrix, matrix], 1).shape, ['n', 8]);
  t.same(
    movement.split(matrix, -1, [1, 3]).map(({ shape }) => shape),
    [
      ['n', 1],
      ['n', 3],
    ],
  );
  t.same(indexing.gather(row, whole).shape, ['n']);
  t.same(indexing.takeLast(matrix, whole).shape, ['n']);
  t.same(neural.matmul(matrix, matrix, { transposeB: true }).shape, ['n', 'n']);
  t.equal(indexing.topK(matrix, 2).indices.dtype, 'int32');
});

t.test('operations that would change nothing add no node', async (t) => {
  const count = graph.nodes.length;
  t.equal(e.cast(matrix, 'float32'), matrix);
  t.equal(movement.reshapeLike(matrix, matrix), matrix);
  t.equal(movement.broadcastLike(matrix, matrix), matrix);
  t.equal(movement.concat([matrix], 0), matrix);
  t.equal(movement.slice(matrix, 1, 0, 4), matrix);
  t.equal(graph.nodes.length, count);
});

const mistakes: Record<string, () => unknown> = {
  'shapes that do not broadcast': () => e.add(matrix, graph.input('three', 'float32', [3])),
  'two types': () => e.add(matrix, graph.input('integers', 'int32', [4])),
  'no tensor at all': () => e.add(1, 2),
  'an exponential of integers': () => e.exp(whole),
  'a choice by floats': () => e.where(matrix, matrix, matrix),
  'a choice between two types': () => e.where(truth, matrix, graph.input('counts', 'int32', [4])),
  'a conjunction of floats': () => e.and(matrix, matrix),
  'joining two types': () => movement.concat([row, graph.input('numbers', 'int32', [4])], 0),
  'joining a matrix and a vector': () => movement.concat([graph.input('square', 'float32', [4, 4]), row], 0),
  'an axis that is not there': () => reduction.sum(matrix, [2]),
  'a mean over a named axis': () => reduction.mean(matrix, [0]),
  'a reshape to another size': () => movement.reshape(matrix, ['n', 5]),
  'a reshape with two unknown sizes': () =>
    movement.reshape(movement.reshape(cube, ['m*n', 4]), ['n', 'm', 4]),
  'a repetition to fewer axes': () => movement.broadcastLike(matrix, row),
  'a permutation with a repeated axis': () => movement.transpose(matrix, [0, 0]),
  'a permutation of too many axes': () => movement.transpose(matrix, [0, 1, 2]),
  'joining nothing': () => movement.concat([], 0),
  'joining along a named axis': () => movement.concat([matrix, matrix], 0),
  'joining different rows': () => movement.concat([cube, graph.input('other', 'float32', ['n', 2, 4])], 2),
  'a slice past the end': () => movement.slice(matrix, 1, 2, 5),
  'an empty slice': () => movement.slice(matrix, 1, 2, 2),
  'a slice of a named axis': () => movement.slice(matrix, 0, 0, 1),
  'pieces that do not add up': () => movement.split(matrix, 1, [1, 2]),
  'float indices': () => indexing.gather(matrix, row),
  'updates of another shape': () => indexing.scatterAddLike(row, whole, matrix),
  'one index for several rows': () => indexing.takeLast(matrix, graph.input('one', 'int32', [1])),
  'scattering more updates than rows': () => indexing.scatterLastLike(matrix, whole, row),
  'more of the largest than there are': () => indexing.topK(matrix, 5),
  'matrices whose inner sizes differ': () => neural.matmul(matrix, matrix),
  'a matrix by a vector': () => neural.matmul(matrix, row),
  'batches of different sizes': () => neural.matmul(cube, graph.input('batch', 'float32', ['k', 4, 4])),
  'a norm weight of another width': () => neural.rmsNorm(matrix, graph.input('weight', 'float32', [3]), 1e-6),
  'a rotation by tables of another width': () =>
    neural.rope(
      cube,
      whole,
      graph.input('angles', 'float32', ['p', 3]),
      graph.input('sines', 'float32', ['p', 3]),
    ),
  'a tensor of another graph': () => e.add(matrix, new Graph().input('x', 'float32', ['n', 4])),
  'two inputs of one name': () => graph.input('matrix', 'float32', []),
  'a constant that does not fill its shape': () => graph.constant(Float32Array.of(1, 2), [3]),
};
for (const [what, attempt] of Object.entries(mistakes)) {
  t.test(`${what} cannot be built`, async (t) => {
    t.throws(attempt, { name: 'DialecticError', code: 'SHAPE' });
  });
}

t.test('two outputs of one name cannot be built', async (t) => {
  graph.output('y', matrix);
  t.throws(() => graph.output('y', row), { code: 'SHAPE', message: /named y/ });
});

t.test('equal small constants are one tensor, unless type or shape differ', async (t) => {
  t.equal(graph.scalar(0.5), graph.scalar(0.5));
  t.not(graph.scalar(1), graph.constant(Int32Array.of(1), []));
  t.not(graph.scalar(1), graph.constant(Float32Array.of(1), [1]));
  t.not(graph.scalar(0), graph.scalar(-0));
});
