/**
 * Operators of neural networks: matrix products, normalisation, rotary positions, attention with a cache. They are whole because
 * runtimes have fast kernels for them.
 */
import type { Tensor } from './graph.js';
import { type Dim, formatShape, shapeError, shapesEqual } from './shape.js';

/**
 * scale · op(a) op(b) where op transposes the last two axes if asked; leading axes must be equal.
 * Shapes: [..., M, K] and [..., K, N] give [..., M, N].
 */
export function matmul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false, scale = 1 } = {},
): Tensor {
  const rank = a.shape.length;
  if (rank < 2 || b.shape.length !== rank || !shapesEqual(a.shape.slice(0, -2), b.shape.slice(0, -2))) {
    throw shapeError(`matmul: ${formatShape(a.shape)} by ${formatShape(b.shape)}`);
  }
  const [rows, inner] = lastTwo(a, transposeA);
  const [innerB, columns] = lastTwo(b, transposeB);
  if (inner !== innerB) {
    throw shapeError(
      `matmul: inner sizes ${inner} and ${innerB} of ${formatShape(a.shape)} by ${formatShape(b.shape)}`,
    );
  }
  const shape = [...a.shape.slice(0, -2), rows, columns];
  return a.graph.emit('matmul', [a, b], { transposeA, transposeB, scale }, [{ dtype: 'float32', shape }])[0]!;
}

function lastTwo(x: Tensor, transposed: boolean): [Dim, Dim] {
  const [first, second] = [x.shape.at(-2)!, x.shape.at(-1)!];
  return transposed ? [second, first] : [first, second];
}

/** Softmax over the last axis. */
export function softmax(x: Tensor): Tensor {
  return x.graph.emit('softmax', [x], {}, [{ dtype: 'float32', shape: x.shape }])[0]!;
}

/** Root-mean-square normalisation of the last axis: x / √(mean x² + ε) · weight (Zhang & Sennrich 2019). */
export function rmsNorm(x: Tensor, weight: Tensor, epsilon: number): Tensor {
  if (!shapesEqual(weight.shape, x.shape.slice(-1))) {
    throw shapeError(`rmsNorm: weight ${formatShape(weight.shape)} for ${formatShape(x.shape)}`);
  }
  const inverseRms = { dtype: 'float32', shape: [...x.shape.slice(0, -1), 1] } as const; // kept for the backward pass
  return x.graph.emit('rmsNorm', [x, weight], { epsilon }, [
    { dtype: 'float32', shape: x.shape },
    inverseRms,
  ])[0]!;
}

/**
 * Rotary position embedding (Su et al. 2021), first half of each head against the second.
 * x [N, H, D], positions int32 [N], cosines and sines [P, D/2].
 */
export function rope(x: Tensor, positions: Tensor, cosines: Tensor, sines: Tensor): Tensor {
  const [tokens, , width] = x.shape;
  const half = cosines.shape[1];
  if (
    x.shape.length !== 3 ||
    typeof width !== 'number' ||
    half !== width / 2 ||
    positions.shape[0] !== tokens
  ) {
    throw shapeError(
      `rope: ${formatShape(x.shape)}, positions ${formatShape(positions.shape)}, table ${formatShape(cosines.shape)}`,
    );
  }
  return x.graph.emit('rope', [x, positions, cosines, sines], {}, [{ dtype: 'float32', shape: x.shape }])[0]!;
}

export interface CachedAttentionInputs {
  readonly queries: Tensor; // [B, S, H*D], not rotated
  readonly keys: Tensor; // [B, S, K*D], not rotated
  readonly values: Tensor; // [B, S, K*D]
  readonly keyCache: Tensor; // [B, K, P, D]
  readonly valueCache: Tensor; // [B, K, P, D]
  readonly lastPositions: Tensor; // int32 [B]: position of the last of the S tokens
  readonly longest: Tensor; // int32 [1]: tokens in the longest sequence, the S new ones included
  readonly cosines: Tensor; // [P, D/2]
  readonly sines: Tensor; // [P, D/2]
}

/**
 * Grouped-query attention that rotates and appends S new tokens to a cache, then attends to all tokens so far
 * (within `window`, if any), with scores passed through softcap·tanh(scores/softcap) if asked.
 * S is 1, or B is 1 and the cache is empty. Results: attended [B, S, H*D] and the two caches, which may be the same memory.
 */
export function cachedAttention(
  inputs: CachedAttentionInputs,
  attributes: {
    headCount: number;
    kvHeadCount: number;
    scale: number;
    softcap: number | null;
    window: number | null;
  },
): { attended: Tensor; keyCache: Tensor; valueCache: Tensor } {
  const { queries, keys, values, keyCache, valueCache, lastPositions, longest, cosines, sines } = inputs;
  const [attended, newKeys, newValues] = queries.graph.emit(
    'cachedAttention',
    [queries, keys, values, keyCache, valueCache, lastPositions, longest, cosines, sines],
    attributes,
    [
      { dtype: 'float32', shape: queries.shape },
      { dtype: 'float32', shape: keyCache.shape },
      { dtype: 'float32', shape: valueCache.shape },
    ],
  );
  return { attended: attended!, keyCache: newKeys!, valueCache: newValues! };
}
