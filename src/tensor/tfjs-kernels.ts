/**
 * Each operator as TensorFlow.js operations that exist on its wasm, cpu and native backends.
 *
 * Invariants: every kernel but `topK` and `cachedAttention` is made of operations that TensorFlow.js differentiates, so that a graph's
 * gradients can be compared with TensorFlow.js's own.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Operators, OpName } from './operators.js';

/** Inputs, attributes and the concrete shapes of the outputs to the outputs. */
type Kernel<K extends OpName> = (
  inputs: readonly tf.Tensor[],
  attributes: Operators[K],
  shapes: readonly (readonly number[])[],
) => tf.Tensor | readonly tf.Tensor[];

const binary =
  (apply: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor) =>
  ([a, b]: readonly tf.Tensor[]): tf.Tensor =>
    apply(a!, b!);

const unary =
  (apply: (x: tf.Tensor) => tf.Tensor) =>
  ([x]: readonly tf.Tensor[]): tf.Tensor =>
    apply(x!);

const flatten = (x: tf.Tensor): tf.Tensor1D => tf.reshape(x, [x.size]);

/** Numbers of a vector that are added one after another. */
const SUM_BLOCK = 1024;

/** Sum over axes. The wasm backend adds in float32, one by one: a million numbers lose four digits, unless they are added in blocks. */
function sumOver(x: tf.Tensor, axes: readonly number[], keepDims: boolean): tf.Tensor {
  if (x.rank !== 1 || x.size <= SUM_BLOCK) return tf.sum(x, [...axes], keepDims);
  const rows = Math.floor(x.size / SUM_BLOCK);
  const blocks = tf.reshape(tf.slice(x, [0], [rows * SUM_BLOCK]), [rows, SUM_BLOCK]);
  const rest = tf.slice(x, [rows * SUM_BLOCK], [x.size - rows * SUM_BLOCK]);
  return tf.add(sumOver(tf.sum(blocks, 1), [0], keepDims), tf.sum(rest, [0], keepDims));
}

/** Quotient; integers truncate towards zero, where TensorFlow.js rounds down. */
function divide(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  if (a.dtype !== 'int32') return tf.div(a, b);
  const down = tf.floorDiv(a, b);
  const isInexact = tf.notEqual(tf.mul(down, b), a);
  const isNegative = tf.less(down, tf.scalar(0, 'int32'));
  return tf.add(down, tf.cast(tf.logicalAnd(isInexact, isNegative), 'int32'));
}

function gelu(x: tf.Tensor): tf.Tensor {
  const cube = tf.mul(tf.square(x), tf.mul(x, 0.044715));
  return tf.mul(x, tf.sigmoid(tf.mul(tf.add(x, cube), 2 * Math.sqrt(2 / Math.PI))));
}

/** The same value; its gradient is zero by definition. */
const stopGradient = (x: tf.Tensor): tf.Tensor =>
  tf.customGrad((value) => ({
    value: tf.clone(value as tf.Tensor),
    gradFunc: (upstream: tf.Tensor) => tf.zerosLike(upstream),
  }))(x);

function broadcast(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
  if (x.shape.join() === shape.join()) return x;
  return shape.includes(0) ? tf.zeros([...shape], x.dtype) : tf.broadcastTo(x, [...shape]);
}

/** Maximum or minimum; TensorFlow.js's gradients of these are wrong for operands that it broadcasts itself. */
const extreme =
  (apply: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Kernel<'maximum' | 'minimum'> =>
  ([a, b], _attributes, [shape]) =>
    apply(broadcast(a!, shape!), broadcast(b!, shape!));

/** Zeros of `shape` [N, …] with `updates` [I…, …] added at rows `indices` [I…]. */
function scatterRows(indices: tf.Tensor, updates: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const rows = flatten(indices);
  if (rows.size === 0) return tf.zeros([...shape]);
  const flat = tf.reshape(updates, [rows.size, ...shape.slice(1)]);
  // The second has a gradient in TensorFlow.js, the first has not; but the first is fast, and exists on wasm.
  return tf.engine().isTapeOn()
    ? tf.unsortedSegmentSum(flat, rows, shape[0]!)
    : tf.scatterND(tf.reshape(rows, [-1, 1]), flat, [...shape]);
}

/** Position of element `indices[m]` of row m in the flattened matrix [M, width]. */
function flatIndices(indices: tf.Tensor, width: number): tf.Tensor {
  const rows = tf.range(0, indices.size, 1, 'int32');
  return tf.add(tf.mul(rows, tf.scalar(width, 'int32')), indices);
}

/** x [..., H, D] rotated by angles whose cosines and sines are [..., 1, D/2]. */
function rotate(x: tf.Tensor, cosines: tf.Tensor, sines: tf.Tensor): tf.Tensor {
  const axis = x.rank - 1;
  const [first, second] = tf.split(x, 2, axis) as [tf.Tensor, tf.Tensor];
  return tf.concat(
    [
      tf.sub(tf.mul(first, cosines), tf.mul(second, sines)),
      tf.add(tf.mul(second, cosines), tf.mul(first, sines)),
    ],
    axis,
  );
}

type T = tf.Tensor;
type NineTensors = readonly [T, T, T, T, T, T, T, T, T];

/** See `cachedAttention` in neural.ts for the shapes. */
function cachedAttention(
  inputs: readonly tf.Tensor[],
  { headCount, kvHeadCount, scale, softcap, window }: Operators['cachedAttention'],
): tf.Tensor[] {
  const [queries, keys, values, keyCache, valueCache, last, longest, cosines, sines] = inputs as NineTensors;
  const [batch, tokens] = queries.shape as [number, number];
  const [, , capacity, width] = keyCache.shape as [number, number, number, number];
  const groupSize = headCount / kvHeadCount;

  const offsets = tf.range(1 - tokens, 1, 1, 'int32');
  const positions = tf.add(tf.reshape(last, [batch, 1]), tf.reshape(offsets, [1, tokens])); // [B, S]
  const angles = (table: tf.Tensor) =>
    tf.reshape(tf.gather(table, tf.cast(flatten(positions), 'int32')), [batch, tokens, 1, width / 2]);
  const [cos, sin] = [angles(cosines), angles(sines)];
  const heads = (x: tf.Tensor, count: number) => tf.reshape(x, [batch, tokens, count, width]);
  const headsFirst = (x: tf.Tensor) => tf.transpose(x, [0, 2, 1, 3]);

  const rotated = headsFirst(rotate(heads(queries, headCount), cos, sin)); // [B, H, S, D]
  const newKeys = append(keyCache, headsFirst(rotate(heads(keys, kvHeadCount), cos, sin)), last);
  const newValues = append(valueCache, headsFirst(heads(values, kvHeadCount)), last);

  const seen = Math.min(longest.dataSync()[0]!, capacity); // slots that hold a token of any sequence
  const firstSlots = (cache: tf.Tensor) => tf.slice(cache, [0, 0, 0, 0], [batch, kvHeadCount, seen, width]);
  const grouped = tf.reshape(rotated, [batch, kvHeadCount, groupSize * tokens, width]);
  const products = tf.mul(tf.matMul(grouped, firstSlots(newKeys), false, true), scale);
  const scores = softcap === null ? products : tf.mul(tf.tanh(tf.div(products, softcap)), softcap);
  const weights = tf.softmax(
    tf.add(scores, tf.tile(maskBias(positions, seen, window), [1, 1, groupSize, 1])),
  );
  const attended = tf.reshape(tf.matMul(weights, firstSlots(newValues)), [batch, headCount, tokens, width]);
  return [tf.reshape(headsFirst(attended), queries.shape), newKeys, newValues];
}

/** The cache [B, K, P, D] with `added` [B, K, S, D] in its slots; S is 1, or the cache is empty. */
function append(cache: tf.Tensor, added: tf.Tensor, lastPositions: tf.Tensor): tf.Tensor {
  const [batch, kvHeads, capacity, width] = cache.shape as [number, number, number, number];
  const tokens = added.shape[2]!;
  if (tokens > 1) {
    if (tokens === capacity) return added;
    const rest = tf.slice(cache, [0, 0, tokens, 0], [batch, kvHeads, capacity - tokens, width]);
    return tf.concat([added, rest], 2);
  }
  const slots = tf.reshape(tf.range(0, capacity, 1, 'int32'), [1, 1, capacity, 1]);
  return tf.where(tf.equal(slots, tf.reshape(lastPositions, [batch, 1, 1, 1])), added, cache);
}

/** [B, 1, S, slots]: 0 where the token may look, else very low. */
function maskBias(positions: tf.Tensor, slots: number, window: number | null): tf.Tensor {
  const [batch, tokens] = positions.shape as [number, number];
  const query = tf.reshape(positions, [batch, 1, tokens, 1]);
  const slot = tf.reshape(tf.range(0, slots, 1, 'int32'), [1, 1, 1, slots]);
  const isPast = tf.lessEqual(slot, query);
  const isVisible =
    window === null
      ? isPast
      : tf.logicalAnd(isPast, tf.less(tf.sub(query, slot), tf.scalar(window, 'int32')));
  return tf.mul(tf.sub(1, tf.cast(isVisible, 'float32')), -1e30);
}

export const KERNELS: { readonly [K in OpName]: Kernel<K> } = {
  add: binary(tf.add),
  sub: binary(tf.sub),
  mul: binary(tf.mul),
  div: binary(divide),
  maximum: extreme(tf.maximum),
  minimum: extreme(tf.minimum),
  less: binary(tf.less),
  lessOrEqual: binary(tf.lessEqual),
  equal: binary(tf.equal),
  and: binary(tf.logicalAnd),
  where: ([condition, a, b]) => tf.where(condition!, a!, b!),
  neg: unary(tf.neg),
  exp: unary(tf.exp),
  log: unary(tf.log),
  sqrt: unary(tf.sqrt),
  reciprocal: unary(tf.reciprocal),
  tanh: unary(tf.tanh),
  sigmoid: unary(tf.sigmoid),
  gelu: unary(gelu),
  cast: ([x], { to }) => tf.cast(x!, to),
  stopGradient: unary(stopGradient),
  reduceSum: ([x], { axes, keepDims }) => (axes.length === 0 ? x! : sumOver(x!, axes, keepDims)),
  reduceMax: ([x], { axes, keepDims }) => (axes.length === 0 ? x! : tf.max(x!, [...axes], keepDims)),
  // the axis is counted from the front: from the back, the wasm kernel writes outside its memory
  cumulativeSum: ([x], { exclusive }) => tf.cumsum(x!, x!.rank - 1, exclusive),
  reshape: ([x], _attributes, [shape]) => tf.reshape(x!, [...shape!]),
  reshapeLike: ([x], _attributes, [shape]) => tf.reshape(x!, [...shape!]),
  broadcastLike: ([x], _attributes, [shape]) => broadcast(x!, shape!),
  transpose: ([x], { permutation }) => tf.transpose(x!, [...permutation]),
  concat: (parts, { axis }) => tf.concat([...parts], axis),
  split: ([x], { axis, sizes }) => tf.split(x!, [...sizes], axis),
  slice: ([x], { axis, start, end }) => {
    const begin = x!.shape.map((_, i) => (i === axis ? start : 0));
    const size = x!.shape.map((extent, i) => (i === axis ? end - start : extent));
    return tf.slice(x!, begin, size);
  },
  gather: ([table, indices], _attributes, [shape]) =>
    tf.reshape(tf.gather(table!, tf.cast(flatten(indices!), 'int32')), [...shape!]),
  scatterAddLike: ([, indices, updates], _attributes, [shape]) => scatterRows(indices!, updates!, shape!),
  takeLast: ([x, indices]) => tf.gather(flatten(x!), flatIndices(indices!, x!.shape[1]!) as tf.Tensor1D),
  scatterLastLike: ([, indices, updates], _attributes, [shape]) => {
    const [rows, width] = shape as [number, number];
    const flat = scatterRows(flatIndices(indices!, width), updates!, [rows * width]);
    return tf.reshape(flat, [rows, width]);
  },
  topK: ([x], { count }) => {
    const { values, indices } = tf.topk(x!, count);
    return [values, indices];
  },
  matmul: ([a, b], { transposeA, transposeB, scale }) => {
    const product = tf.matMul(a!, b!, transposeA, transposeB);
    return scale === 1 ? product : tf.mul(product, scale);
  },
  softmax: unary(tf.softmax),
  rmsNorm: ([x, weight], { epsilon }) => {
    const inverseRms = tf.rsqrt(tf.add(tf.mean(tf.square(x!), -1, true), epsilon));
    return [tf.mul(tf.mul(x!, inverseRms), weight!), inverseRms];
  },
  rope: ([x, positions, cosines, sines]) => {
    const angles = (table: tf.Tensor) => tf.expandDims(tf.gather(table, positions as tf.Tensor1D), 1); // [N, 1, D/2]
    return rotate(x!, angles(cosines!), angles(sines!));
  },
  cachedAttention,
};
