/**
 * The list of operators a graph is made of, with their attributes.
 *
 * Every operator has a shape rule (elementwise.ts, reduction.ts, movement.ts, indexing.ts, neural.ts), an
 * ONNX lowering (onnx-lowering.ts), a TensorFlow.js kernel (tfjs-kernels.ts) and, where training needs it, a gradient
 * rule (gradient-rules.ts).
 */
type None = Record<string, never>;

export interface Operators {
  // elementwise, broadcasting
  add: None;
  sub: None;
  mul: None;
  div: None;
  maximum: None;
  minimum: None;
  less: None;
  lessOrEqual: None;
  equal: None;
  and: None;
  where: None;
  // elementwise, one input
  neg: None;
  exp: None;
  log: None;
  sqrt: None;
  reciprocal: None;
  tanh: None;
  sigmoid: None;
  gelu: None;
  cast: { readonly to: 'float32' | 'int32' };
  stopGradient: None;
  // reductions
  reduceSum: { readonly axes: readonly number[]; readonly keepDims: boolean };
  reduceMax: { readonly axes: readonly number[]; readonly keepDims: boolean };
  cumulativeSum: { readonly exclusive: boolean };
  // movement
  reshape: { readonly target: readonly (number | string)[] };
  reshapeLike: None;
  broadcastLike: None;
  transpose: { readonly permutation: readonly number[] };
  concat: { readonly axis: number };
  split: { readonly axis: number; readonly sizes: readonly number[] };
  slice: { readonly axis: number; readonly start: number; readonly end: number };
  // indexing
  gather: None;
  scatterAddLike: None;
  takeLast: None;
  scatterLastLike: None;
  topK: { readonly count: number };
  // linear algebra
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean; readonly scale: number };
  // neural
  softmax: None;
  rmsNorm: { readonly epsilon: number };
  rope: None;
  cachedAttention: {
    readonly headCount: number;
    readonly kvHeadCount: number;
    readonly scale: number;
    readonly softcap: number | null;
    readonly window: number | null;
  };
}

export type OpName = keyof Operators;
