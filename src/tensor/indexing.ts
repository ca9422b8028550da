/** Operators that pick elements by index, and their adjoints, so that embeddings and chosen tokens can be trained through. */
import type { Tensor } from './graph.js';
import { type Dim, formatShape, shapeError, shapesEqual } from './shape.js';

function requireIndices(op: string, indices: Tensor): void {
  if (indices.dtype !== 'int32') throw shapeError(`${op}: indices are ${indices.dtype}, expected int32`);
}

/** Rows of `table` [N, …] by index [I…]: result [I…, …]. Indices must be in range. */
export function gather(table: Tensor, indices: Tensor): Tensor {
  requireIndices('gather', indices);
  const shape = [...indices.shape, ...table.shape.slice(1)];
  return table.graph.emit('gather', [table, indices], {}, [{ dtype: table.dtype, shape }])[0]!;
}

/** Zeros of the shape of `like` [N, …] with `updates` [I, …] added at rows `indices` [I]; duplicates add up. */
export function scatterAddLike(like: Tensor, indices: Tensor, updates: Tensor): Tensor {
  requireIndices('scatterAddLike', indices);
  const rest = like.shape.slice(1);
  if (rest.some((dim) => typeof dim === 'string')) {
    throw shapeError(`scatterAddLike: rows of ${formatShape(like.shape)} have no static shape`);
  }
  const expected = [...indices.shape, ...rest];
  if (!shapesEqual(updates.shape, expected)) {
    throw shapeError(
      `scatterAddLike: updates ${formatShape(updates.shape)}, expected ${formatShape(expected)}`,
    );
  }
  return like.graph.emit('scatterAddLike', [like, indices, updates], {}, [
    { dtype: 'float32', shape: like.shape },
  ])[0]!;
}

/** One element a row: `x` [M, V] at `indices` [M] gives [M]. */
export function takeLast(x: Tensor, indices: Tensor): Tensor {
  requireIndices('takeLast', indices);
  if (x.shape.length !== 2 || indices.shape.length !== 1 || x.shape[0] !== indices.shape[0]) {
    throw shapeError(
      `takeLast: ${formatShape(x.shape)} by ${formatShape(indices.shape)}, expected [M, V] by [M]`,
    );
  }
  return x.graph.emit('takeLast', [x, indices], {}, [{ dtype: x.dtype, shape: indices.shape }])[0]!;
}

/** Zeros of the shape of `like` [M, V] with `updates` [M] at `indices` [M] of each row. */
export function scatterLastLike(like: Tensor, indices: Tensor, updates: Tensor): Tensor {
  requireIndices('scatterLastLike', indices);
  const rows = like.shape.slice(0, 1);
  if (like.shape.length !== 2 || !shapesEqual(indices.shape, rows) || !shapesEqual(updates.shape, rows)) {
    throw shapeError(
      `scatterLastLike: ${formatShape(updates.shape)} at ${formatShape(indices.shape)} of ${formatShape(like.shape)}, expected [M] at [M] of [M, V]`,
    );
  }
  return like.graph.emit('scatterLastLike', [like, indices, updates], {}, [
    { dtype: 'float32', shape: like.shape },
  ])[0]!;
}

/** The `count` largest of each row, in falling order: values and indices, both [M, count]. */
export function topK(x: Tensor, count: number): { values: Tensor; indices: Tensor } {
  const width = x.shape.at(-1);
  if (typeof width !== 'number' || count < 1 || count > width) {
    throw shapeError(`topK: ${count} of ${formatShape(x.shape)}`);
  }
  const shape: Dim[] = [...x.shape.slice(0, -1), count];
  const [values, indices] = x.graph.emit('topK', [x], { count }, [
    { dtype: x.dtype, shape },
    { dtype: 'int32', shape },
  ]);
  return { values: values!, indices: indices! };
}
