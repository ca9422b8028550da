/**
 * Draws one token a row inside the graph, with its exact log-probability, by inverting the cumulative distribution at
 * one uniform number.
 *
 * Invariants:
 * - a token of zero probability is never drawn, whatever the rounding;
 * - `logProb` is that of the distribution actually drawn from: tempered, and renormalised over the kept tokens;
 * - nothing of vocabulary size leaves the graph;
 * - a row's result has the same bits in every row (see `LANES`).
 */
import { add, cast, exp, less, lessOrEqual, log, maximum, minimum, mul, sub } from '../tensor/elementwise.js';
import type { Tensor } from '../tensor/graph.js';
import { gather, takeLast, topK } from '../tensor/indexing.js';
import { concat, reshape } from '../tensor/movement.js';
import { cumulativeSum, max, sum } from '../tensor/reduction.js';

export interface Draw {
  readonly token: Tensor; // int32 [B]
  readonly logProb: Tensor; // [B], of the distribution drawn from
  readonly supportLogMass: Tensor; // [B]: log of the mass, before renormalisation, of the tokens kept
}

/**
 * Floats of the widest vector registers. Native sums start at the first aligned element, and logarithms round differently in a
 * last vector that is not full, so that both would depend on the row; in rows of whole vectors they do not.
 */
const LANES = 16;

/** Just below 1: keeps a scaled uniform under the total mass although float sums round. */
const BELOW_ONE = 1 - 2 ** -22;

/** `logits` [B, V], `uniform` [B] in [0, 1), `inverseTemperature` [B]. Draws from all tokens. */
export function drawToken(logits: Tensor, uniform: Tensor, inverseTemperature: Tensor): Draw {
  const { scaled, weights } = temper(logits, inverseTemperature);
  const token = invert(weights, uniform);
  const logTotal = logOfRows(sumOfRows(weights));
  return { token, logProb: sub(takeLast(scaled, token), logTotal), supportLogMass: mul(logTotal, 0) };
}

/**
 * Draws from the `keepCount` [B] most likely tokens (int32, at most `candidates`) and of these from the smallest set whose
 * mass reaches `keepMass` [B], in that order, as Hugging Face's top-k and top-p do.
 */
export function drawFilteredToken(
  logits: Tensor,
  uniform: Tensor,
  inverseTemperature: Tensor,
  keepCount: Tensor,
  keepMass: Tensor,
  candidates: number,
): Draw {
  const { scaled, weights } = temper(logits, inverseTemperature);
  const rows = weights.shape[0] as number;
  const { values, indices } = topK(scaled, candidates); // [B, C]
  const rank = logits.graph.constant(
    Int32Array.from({ length: candidates }, (_, i) => i),
    [1, candidates],
  );
  const likeliest = mul(exp(values), cast(less(rank, reshape(keepCount, [rows, 1])), 'float32'));
  const limit = reshape(mul(keepMass, sumOfRows(likeliest)), [rows, 1]);
  const kept = mul(likeliest, cast(less(cumulativeSum(likeliest, true), limit), 'float32'));
  const index = invert(kept, uniform);
  const logKept = logOfRows(sumOfRows(kept));
  return {
    token: takeLast(indices, index),
    logProb: sub(takeLast(values, index), logKept),
    supportLogMass: sub(logKept, logOfRows(sumOfRows(weights))),
  };
}

function temper(logits: Tensor, inverseTemperature: Tensor): { scaled: Tensor; weights: Tensor } {
  const rows = logits.shape[0]!;
  // The maximum is taken off first, so that a huge inverse temperature (greedy) leaves it at exactly 0.
  const shifted = sub(logits, max(logits, [-1], true));
  const scaled = mul(shifted, reshape(inverseTemperature, [rows, 1]));
  return { scaled, weights: exp(scaled) };
}

/**
 * Position in each row of `weights` [B, V] where the running sum passes `uniform` of the total. In two levels, first a block
 * of the row, then the position in it: one running sum in float32 would lose small weights beside a large one.
 */
function invert(weights: Tensor, uniform: Tensor): Tensor {
  const { graph } = weights;
  const [rows, count] = weights.shape as [number, number];
  const width = wholeVectors(Math.sqrt(count));
  const blocks = wholeVectors(count / width);
  const padded = padRows(weights, blocks * width);
  const byBlock = reshape(padded, [rows, blocks, width]);
  const blockSums = sum(byBlock, [-1]); // [B, blocks]
  const block = locate(cumulativeSum(blockSums), mul(uniform, sum(blockSums, [-1])));
  const blockStart = takeLast(cumulativeSum(blockSums, true), block.index);
  const rowStart = graph.constant(
    Int32Array.from({ length: rows }, (_, row) => row * blocks),
    [rows],
  );
  const inBlock = gather(reshape(padded, [rows * blocks, width]), add(rowStart, block.index)); // [B, width]
  const within = locate(cumulativeSum(inBlock), sub(block.target, blockStart));
  return add(mul(block.index, width), within.index);
}

/** Sum of each row [B] of x [B, W]. */
function sumOfRows(x: Tensor): Tensor {
  return sum(padRows(x, wholeVectors(x.shape[1] as number)), [-1]);
}

/** Natural logarithm of x [B], each in a vector of its own. */
function logOfRows(x: Tensor): Tensor {
  const ones = x.graph.constant(new Float32Array(LANES).fill(1), [1, LANES]);
  return max(log(mul(reshape(x, [x.shape[0]!, 1]), ones)), [-1]);
}

/** x [B, W] with zeros up to the given width. */
function padRows(x: Tensor, width: number): Tensor {
  const [rows, count] = x.shape as [number, number];
  if (count === width) return x;
  const padding = width - count;
  return concat([x, x.graph.constant(new Float32Array(rows * padding), [rows, padding])], 1);
}

function wholeVectors(count: number): number {
  return Math.ceil(count / LANES) * LANES;
}

/** First position of each row where the running sum [B, W] exceeds the target [B], and the target used. */
function locate(runningSum: Tensor, target: Tensor): { index: Tensor; target: Tensor } {
  const [rows, width] = runningSum.shape as [number, number];
  const total = max(runningSum, [-1]);
  const bounded = maximum(minimum(target, mul(total, BELOW_ONE)), 0);
  const passed = cast(lessOrEqual(runningSum, reshape(bounded, [rows, 1])), 'float32');
  const index = minimum(sum(passed, [-1]), width - 1);
  return { index: cast(index, 'int32'), target: bounded };
}
