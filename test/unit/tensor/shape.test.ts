import t from 'tap';
import {
  type Bindings,
  bindShape,
  broadcastShapes,
  evaluateDim,
  evaluateShape,
  formatShape,
  normalizeAxis,
  productOf,
  shapesEqual,
  sizeOf,
} from '../../../src/tensor/shape.js';

t.test('products of numbers are numbers, and of names are one name whatever the order', async (t) => {
  t.equal(productOf([]), 1);
  t.equal(productOf([2, 3, 4]), 24);
  t.equal(productOf(['rows']), 'rows');
  t.equal(productOf(['rows', 'queries']), productOf(['queries', 'rows']));
  t.equal(productOf(['a*b', 'c']), productOf(['c', 'b', 'a']));
  t.equal(productOf([2, 'a', 3]), productOf(['a', 6]));
  t.equal(productOf([productOf([2, 'a']), 3]), productOf([6, 'a']));
  t.equal(productOf([1, 'a']), 'a');
  t.not(productOf(['a', 'a']), 'a');
});

t.test('shapes broadcast from the last axis, names against themselves or 1', async (t) => {
  t.same(broadcastShapes([], [2, 3]), [2, 3]);
  t.same(broadcastShapes([3], [2, 1]), [2, 3]);
  t.same(broadcastShapes(['n', 1], [4]), ['n', 4]);
  t.same(broadcastShapes(['n', 4], [1, 4]), ['n', 4]);
  t.same(broadcastShapes(['n'], ['m', 'n']), ['m', 'n']);
  t.throws(() => broadcastShapes([2], [3]), { code: 'SHAPE', message: /\[2\] and \[3\].*2 against 3/ });
  t.throws(() => broadcastShapes(['n'], [3]), { code: 'SHAPE' });
  t.throws(() => broadcastShapes(['n'], ['m']), { code: 'SHAPE' });
});

t.test('a name is bound by its first use and checked at every other', async (t) => {
  const bindings: Bindings = new Map();
  bindShape('input x', ['n', 2], [5, 2], bindings);
  t.equal(bindings.get('n'), 5);
  bindShape('input y', ['2*n', 'n'], [10, 5], bindings);
  t.throws(() => bindShape('input z', ['n'], [4], bindings), {
    code: 'SHAPE',
    message: 'input z has shape [4], expected [n] with n=5',
  });
  t.throws(() => bindShape('input z', ['n'], [5, 1], bindings), { code: 'SHAPE' });
  t.throws(() => bindShape('input z', [3], [4], bindings), { code: 'SHAPE' });
  t.throws(() => bindShape('input z', ['n*m'], [4], bindings), {
    code: 'SHAPE',
    message: /dimension m has no value/,
  });
});

t.test('shapes are evaluated under bindings', async (t) => {
  const bindings: Bindings = new Map([
    ['n', 3],
    ['m', 0],
  ]);
  t.equal(evaluateDim('2*n*n', bindings), 18);
  t.same(evaluateShape(['n', 4, 'm*n'], bindings), [3, 4, 0]);
  t.equal(sizeOf([]), 1);
  t.equal(sizeOf([3, 0]), 0);
});

t.test('axes count from either end and stay inside', async (t) => {
  t.equal(normalizeAxis(-1, 3), 2);
  t.equal(normalizeAxis(0, 3), 0);
  for (const axis of [3, -4, 0.5]) t.throws(() => normalizeAxis(axis, 3), { code: 'SHAPE' });
});

t.test('shapes are compared and printed by dimension', async (t) => {
  t.ok(shapesEqual(['n', 2], ['n', 2]));
  t.notOk(shapesEqual(['n', 2], ['n']));
  t.notOk(shapesEqual(['n'], ['m']));
  t.equal(formatShape(['n', 2]), '[n, 2]');
});
