/** Operators that rearrange elements without changing them, also into shapes that are known only at run time. */
import type { Tensor } from './graph.js';
import {
  broadcastShapes,
  type Dim,
  formatShape,
  normalizeAxis,
  productOf,
  type Shape,
  shapeError,
  shapesEqual,
} from './shape.js';

/**
 * The same elements in another shape. At most one dimension may be a name that is not at its old place,
 * because only one can be worked out at run time.
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  if (productOf(x.shape) !== productOf(shape)) {
    throw shapeError(`reshape: ${formatShape(x.shape)} has not as many elements as ${formatShape(shape)}`);
  }
  const unknown = shape.filter((dim, i) => typeof dim === 'string' && dim !== x.shape[i]);
  if (unknown.length > 1) throw shapeError(`reshape: cannot work out ${unknown.join(' and ')} at run time`);
  return x.graph.emit('reshape', [x], { target: shape }, [{ dtype: x.dtype, shape }])[0]!;
}

/** The same elements in the shape that `like` has at run time. */
export function reshapeLike(x: Tensor, like: Tensor): Tensor {
  if (shapesEqual(x.shape, like.shape)) return x;
  return x.graph.emit('reshapeLike', [x, like], {}, [{ dtype: x.dtype, shape: like.shape }])[0]!;
}

/** `x` repeated to the shape that `like` has at run time. */
export function broadcastLike(x: Tensor, like: Tensor): Tensor {
  if (shapesEqual(x.shape, like.shape)) return x;
  if (!shapesEqual(broadcastShapes(x.shape, like.shape), like.shape)) {
    throw shapeError(`broadcastLike: ${formatShape(x.shape)} does not repeat to ${formatShape(like.shape)}`);
  }
  return x.graph.emit('broadcastLike', [x, like], {}, [{ dtype: x.dtype, shape: like.shape }])[0]!;
}

export function transpose(x: Tensor, permutation: readonly number[]): Tensor {
  const isPermutation = x.shape.every((_, axis) => permutation.includes(axis));
  if (permutation.length !== x.shape.length || !isPermutation) {
    throw shapeError(`transpose: [${permutation}] is no permutation of ${formatShape(x.shape)}`);
  }
  const shape = permutation.map((axis) => x.shape[axis]!);
  return x.graph.emit('transpose', [x], { permutation }, [{ dtype: x.dtype, shape }])[0]!;
}

/** Joins tensors along an axis whose sizes are static. */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const first = parts[0];
  if (!first) throw shapeError('concat: needs at least one tensor');
  if (parts.length === 1) return first;
  const at = normalizeAxis(axis, first.shape.length);
  let size = 0;
  for (const part of parts) {
    const agrees =
      part.dtype === first.dtype &&
      part.shape.length === first.shape.length &&
      part.shape.every((dim, i) => i === at || dim === first.shape[i]);
    const extent = part.shape[at];
    if (!agrees || typeof extent !== 'number') {
      throw shapeError(
        `concat: ${formatShape(part.shape)} does not join ${formatShape(first.shape)} along axis ${at}`,
      );
    }
    size += extent;
  }
  const shape = first.shape.map((dim, i): Dim => (i === at ? size : dim));
  return first.graph.emit('concat', parts, { axis: at }, [{ dtype: first.dtype, shape }])[0]!;
}

/** Elements [start, end) of a static axis. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  const at = normalizeAxis(axis, x.shape.length);
  const extent = x.shape[at]!;
  if (typeof extent !== 'number' || start < 0 || end > extent || start >= end) {
    throw shapeError(`slice: [${start}, ${end}) of axis ${at} of ${formatShape(x.shape)}`);
  }
  if (start === 0 && end === extent) return x;
  const shape = x.shape.map((dim, i): Dim => (i === at ? end - start : dim));
  return x.graph.emit('slice', [x], { axis: at, start, end }, [{ dtype: x.dtype, shape }])[0]!;
}

/** Cuts a static axis into pieces of the given sizes. */
export function split(x: Tensor, axis: number, sizes: readonly number[]): Tensor[] {
  const at = normalizeAxis(axis, x.shape.length);
  if (sizes.reduce((total, size) => total + size, 0) !== x.shape[at]) {
    throw shapeError(`split: sizes ${sizes.join(' + ')} are not axis ${at} of ${formatShape(x.shape)}`);
  }
  const results = sizes.map((size) => ({
    dtype: x.dtype,
    shape: x.shape.map((dim, i): Dim => (i === at ? size : dim)),
  }));
  return x.graph.emit('split', [x], { axis: at, sizes }, results);
}

/** Zeros of the shape that `like` has at run time. */
export const zerosLike = (like: Tensor): Tensor => broadcastLike(like.graph.scalar(0), like);
