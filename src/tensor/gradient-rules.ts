/**
 * The derivative of each operator: from gradients of a node's outputs to gradients of its inputs.
 *
 * Invariants: a rule only emits operators, so that every runtime can execute the backward pass; an operator without a
 * rule cannot be trained through, and asking for it is an error, never a silent zero.
 */
import * as e from './elementwise.js';
import type { Node, Tensor } from './graph.js';
import * as indexing from './indexing.js';
import * as movement from './movement.js';
import { matmul, rope } from './neural.js';
import type { Operators, OpName } from './operators.js';
import { mean, sum } from './reduction.js';
import { type Dim, shapesEqual } from './shape.js';

type NodeOf<K extends OpName> = Extract<Node, { op: K }>;
/** Gradients of the inputs; null where none flows. `gradients[i]` is that of output i, null if nothing used it. */
type Rule<K extends OpName> = (node: NodeOf<K>, gradients: readonly (Tensor | null)[]) => (Tensor | null)[];

/** Sums `gradient` over the axes along which `like` was repeated. */
function unbroadcast(gradient: Tensor, like: Tensor): Tensor {
  if (shapesEqual(gradient.shape, like.shape)) return gradient;
  const lead = gradient.shape.length - like.shape.length;
  const repeated = gradient.shape
    .map((dim, axis) => (axis < lead || like.shape[axis - lead] !== dim ? axis : -1))
    .filter((axis) => axis >= 0);
  return movement.reshapeLike(sum(gradient, repeated, true), like);
}

/** A rule of a node with one output. */
function rule<K extends OpName>(
  derive: (g: Tensor, y: Tensor, x: readonly Tensor[], attributes: Operators[K]) => (Tensor | null)[],
): Rule<K> {
  return (node, gradients) =>
    derive(gradients[0]!, node.outputs[0]!, node.inputs, node.attributes as unknown as Operators[K]);
}

/** A rule of an operator with one input. */
const unaryRule = <K extends OpName>(derive: (g: Tensor, y: Tensor, x: Tensor) => Tensor): Rule<K> =>
  rule<K>((g, y, [x]) => [derive(g, y, x!)]);

/** Gradients of the larger (or smaller) of two tensors; a tie goes to the first. */
const selectRule = <K extends 'maximum' | 'minimum'>(op: K): Rule<K> =>
  rule<K>((g, _y, [a, b]) => {
    const secondWins = op === 'maximum' ? e.less(a!, b!) : e.less(b!, a!);
    return [unbroadcast(e.where(secondWins, 0, g), a!), unbroadcast(e.where(secondWins, g, 0), b!)];
  });

const GELU_SLOPE = 2 * Math.sqrt(2 / Math.PI);
const GELU_CUBE = 0.044715;

export const GRADIENT_RULES: { readonly [K in OpName]?: Rule<K> } = {
  add: rule((g, _y, [a, b]) => [unbroadcast(g, a!), unbroadcast(g, b!)]),
  sub: rule((g, _y, [a, b]) => [unbroadcast(g, a!), unbroadcast(e.neg(g), b!)]),
  mul: rule((g, _y, [a, b]) => [unbroadcast(e.mul(g, b!), a!), unbroadcast(e.mul(g, a!), b!)]),
  div: rule((g, y, [a, b]) => {
    const scaled = e.div(g, b!);
    return [unbroadcast(scaled, a!), unbroadcast(e.neg(e.mul(scaled, y)), b!)];
  }),
  maximum: selectRule('maximum'),
  minimum: selectRule('minimum'),
  where: rule((g, _y, [condition, a, b]) => [
    null,
    unbroadcast(e.where(condition!, g, 0), a!),
    unbroadcast(e.where(condition!, 0, g), b!),
  ]),
  neg: unaryRule((g) => e.neg(g)),
  exp: unaryRule((g, y) => e.mul(g, y)),
  log: unaryRule((g, _y, x) => e.div(g, x)),
  sqrt: unaryRule((g, y) => e.div(e.mul(g, 0.5), y)),
  reciprocal: unaryRule((g, y) => e.neg(e.mul(g, e.mul(y, y)))),
  tanh: unaryRule((g, y) => e.mul(g, e.sub(1, e.mul(y, y)))),
  sigmoid: unaryRule((g, y) => e.mul(g, e.mul(y, e.sub(1, y)))),
  // With u = √(2/π)(x + c x³), gelu(x) = x σ(2u), so gelu'(x) = σ(2u) + gelu(x) (1 − σ(2u)) 2u'.
  gelu: unaryRule((g, y, x) => {
    const square = e.mul(x, x);
    const gate = e.sigmoid(e.mul(x, e.add(e.mul(square, GELU_SLOPE * GELU_CUBE), GELU_SLOPE)));
    const slope = e.add(e.mul(square, 3 * GELU_SLOPE * GELU_CUBE), GELU_SLOPE);
    return e.mul(g, e.add(gate, e.mul(e.mul(y, e.sub(1, gate)), slope)));
  }),
  stopGradient: () => [null],
  reduceSum: rule<'reduceSum'>((g, _y, [x], { axes }) => {
    const kept = x!.shape.map((dim, axis): Dim => (axes.includes(axis) ? 1 : dim));
    return [movement.broadcastLike(movement.reshape(g, kept), x!)];
  }),
  reshape: unaryRule((g, _y, x) => movement.reshapeLike(g, x)),
  reshapeLike: rule((g, _y, [x]) => [movement.reshapeLike(g, x!), null]),
  broadcastLike: rule((g, _y, [x]) => [unbroadcast(g, x!), null]),
  transpose: rule<'transpose'>((g, _y, _x, { permutation }) => [
    movement.transpose(
      g,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ]),
  concat: rule<'concat'>((g, _y, parts, { axis }) =>
    movement.split(
      g,
      axis,
      parts.map((part) => part.shape[axis] as number),
    ),
  ),
  split: ({ outputs, attributes }, gradients) => [
    movement.concat(
      outputs.map((output, i) => gradients[i] ?? movement.zerosLike(output)),
      attributes.axis,
    ),
  ],
  slice: rule<'slice'>((g, _y, [x], { axis, start, end }) => {
    const extent = x!.shape[axis] as number;
    const before = start > 0 ? [movement.zerosLike(movement.slice(x!, axis, 0, start))] : [];
    const after = end < extent ? [movement.zerosLike(movement.slice(x!, axis, end, extent))] : [];
    return [movement.concat([...before, g, ...after], axis)];
  }),
  gather: rule((g, _y, [table, indices]) => [indexing.scatterAddLike(table!, indices!, g), null]),
  scatterAddLike: rule((g, _y, [, indices]) => [null, null, indexing.gather(g, indices!)]),
  takeLast: rule((g, _y, [x, indices]) => [indexing.scatterLastLike(x!, indices!, g), null]),
  scatterLastLike: rule((g, _y, [, indices]) => [null, null, indexing.takeLast(g, indices!)]),
  matmul: rule<'matmul'>((g, _y, [a, b], { transposeA, transposeB, scale }) => [
    transposeA
      ? matmul(b!, g, { transposeA: transposeB, transposeB: true, scale })
      : matmul(g, b!, { transposeB: !transposeB, scale }),
    transposeB
      ? matmul(g, a!, { transposeA: true, transposeB: transposeA, scale })
      : matmul(a!, g, { transposeA: !transposeA, scale }),
  ]),
  softmax: unaryRule((g, y) => {
    const weighted = e.mul(g, y);
    return e.sub(weighted, e.mul(y, sum(weighted, [-1], true)));
  }),
  rmsNorm: ({ inputs: [x, weight], outputs: [, inverseRms] }, [g]) => {
    const normalized = e.mul(x!, inverseRms!);
    const scaled = e.mul(g!, weight!);
    const projection = mean(e.mul(scaled, normalized), [-1], true);
    const dx = e.mul(e.sub(scaled, e.mul(normalized, projection)), inverseRms!);
    return [dx, unbroadcast(e.mul(g!, normalized), weight!)];
  },
  // A rotation's adjoint is the rotation by the opposite angle.
  rope: rule((g, _y, [, positions, cosines, sines]) => [
    rope(g, positions!, cosines!, e.neg(sines!)),
    null,
    null,
    null,
  ]),
};
