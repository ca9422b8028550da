/** Operators that fold axes away, and running sums: what losses, norms and sampling are made of. */
import { mul } from './elementwise.js';
import type { Tensor } from './graph.js';
import { type Dim, normalizeAxis, productOf, shapeError } from './shape.js';

function reduce(
  op: 'reduceSum' | 'reduceMax',
  x: Tensor,
  axes: readonly number[],
  keepDims: boolean,
): Tensor {
  const folded = [...new Set(axes.map((axis) => normalizeAxis(axis, x.shape.length)))].sort((a, b) => a - b);
  const shape: Dim[] = [];
  x.shape.forEach((dim, axis) => {
    if (!folded.includes(axis)) shape.push(dim);
    else if (keepDims) shape.push(1);
  });
  return x.graph.emit(op, [x], { axes: folded, keepDims }, [{ dtype: x.dtype, shape }])[0]!;
}

const allAxes = (x: Tensor): number[] => x.shape.map((_, axis) => axis);

/** Sum over `axes` (all by default). */
export const sum = (x: Tensor, axes = allAxes(x), keepDims = false): Tensor =>
  reduce('reduceSum', x, axes, keepDims);

/** Largest element over `axes`; its gradient is not defined here (use it under `stopGradient`). */
export const max = (x: Tensor, axes = allAxes(x), keepDims = false): Tensor =>
  reduce('reduceMax', x, axes, keepDims);

/** Mean over `axes`, which must have static sizes. */
export function mean(x: Tensor, axes = allAxes(x), keepDims = false): Tensor {
  const size = productOf(axes.map((axis) => x.shape[normalizeAxis(axis, x.shape.length)]!));
  if (typeof size !== 'number') throw shapeError(`mean: the size of axes ${axes.join()} is not static`);
  return mul(sum(x, axes, keepDims), 1 / size);
}

/** Running sum along the last axis; exclusive sums leave the element itself out. */
export function cumulativeSum(x: Tensor, exclusive = false): Tensor {
  return x.graph.emit('cumulativeSum', [x], { exclusive }, [{ dtype: x.dtype, shape: x.shape }])[0]!;
}
