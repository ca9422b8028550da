/**
 * Attention for training: packed tokens, gathered into padded views only where attention needs rectangles.
 *
 * A row is a run of tokens that attend to earlier tokens of one sequence. The prompt of a group is packed once: its own
 * row computes it, and the row of each completion lists the prompt's tokens among its keys. So it is with a segment of a tree
 * and the segments that follow it.
 *
 *   packed tokens  [N]     prompt ─┬─ completion 0
 *   rows of queries [R, Q]         ├─ completion 1         keys of a completion's row = prompt + completion
 *   rows of keys    [R, K]         └─ completion 2
 *
 * Invariants:
 * - a token is a query in exactly one place (`unpad` finds it again), and a key in one place (`ownPlace`) unless completions share
 *   it, then in the same column of every row of its group;
 * - so gradients of the gathered views are gathers and one product with the rows' groups: nothing is scattered, and sums have one
 *   order whatever the threads;
 * - padded keys have a position after every query, so that causality masks them; padded queries have position −1.
 */
import { add, and, cast, equal, less, lessOrEqual, mul, sub, where } from '../tensor/elementwise.js';
import { customGradient } from '../tensor/gradients.js';
import type { Graph, Tensor } from '../tensor/graph.js';
import { gather } from '../tensor/indexing.js';
import { reshape, transpose } from '../tensor/movement.js';
import { matmul, rope, softmax } from '../tensor/neural.js';
import { productOf } from '../tensor/shape.js';
import type { DecoderConfig } from './config.js';
import { type Attend, softcap } from './decoder.js';
import { ropeTable } from './rope-table.js';

const MASKED = -1e9;

/** Position that pads keys: after every real one. */
export const PADDED_KEY_POSITION = 0x3fffffff;
/** Position that pads queries: before every real one. */
export const PADDED_QUERY_POSITION = -1;

interface PackedAttention {
  readonly tokenIds: Tensor; // int32 [N]
  readonly attend: Attend;
}

/** Declares the inputs of a packed batch and gives the attention over it. `positionCount` bounds the positions. */
export function packedAttention(graph: Graph, config: DecoderConfig, positionCount: number): PackedAttention {
  const { headCount, kvHeadCount, headDim } = config;
  const perKeyHead = headCount / kvHeadCount;
  const tokenIds = graph.input('tokenIds', 'int32', ['N']);
  const positions = graph.input('positions', 'int32', ['N']);
  const queryIndex = graph.input('queryIndex', 'int32', ['R', 'Q']);
  const queryPositions = graph.input('queryPositions', 'int32', ['R', 'Q']);
  const keyIndex = graph.input('keyIndex', 'int32', ['R', 'K']);
  const keyPositions = graph.input('keyPositions', 'int32', ['R', 'K']);
  const views = paddedViews(graph, queryIndex, queryPositions, keyIndex);
  const table = ropeTable(config, positionCount);
  const cosines = graph.constant(table.cosines, table.shape);
  const sines = graph.constant(table.sines, table.shape);

  const groupedQueries = productOf(['Q', perKeyHead]); // the heads that share keys follow one another
  const bias = attentionBias(graph, config, queryPositions, keyPositions, perKeyHead);

  const rotate = (x: Tensor, heads: number): Tensor =>
    reshape(rope(reshape(x, ['N', heads, headDim]), positions, cosines, sines), ['N', heads * headDim]);

  const attend: Attend = (layer, queries, keys, values) => {
    const paddedQueries = reshape(views.queries(rotate(queries, headCount)), [
      'R',
      'Q',
      kvHeadCount,
      perKeyHead * headDim,
    ]);
    const q = reshape(swap(paddedQueries), ['R', kvHeadCount, groupedQueries, headDim]);
    const k = swap(reshape(views.keys(rotate(keys, kvHeadCount)), ['R', 'K', kvHeadCount, headDim]));
    const v = swap(reshape(views.keys(values), ['R', 'K', kvHeadCount, headDim]));
    let scores = matmul(q, k, { transposeB: true, scale: config.attentionScale });
    if (config.attentionSoftcap !== null) scores = softcap(scores, config.attentionSoftcap);
    const weights = softmax(add(scores, config.layerIsSliding[layer] ? bias.sliding() : bias.causal));
    const mixed = reshape(matmul(weights, v), ['R', kvHeadCount, 'Q', perKeyHead * headDim]);
    const rows = reshape(swap(mixed), [productOf(['R', 'Q']), headCount * headDim]);
    return views.unpad(rows);
  };
  return { tokenIds, attend };
}

interface PaddedViews {
  /** [N, D] to [R, Q, D]. */
  readonly queries: (x: Tensor) => Tensor;
  /** [N, D] to [R, K, D]. */
  readonly keys: (x: Tensor) => Tensor;
  /** [R·Q, D] to [N, D]. */
  readonly unpad: (rows: Tensor) => Tensor;
}

/** The gathers between packed tokens and rows, with the gradients that their structure allows. */
function paddedViews(
  graph: Graph,
  queryIndex: Tensor,
  queryPositions: Tensor,
  keyIndex: Tensor,
): PaddedViews {
  const unpad = graph.input('unpad', 'int32', ['N']);
  const ownPlace = graph.input('ownPlace', 'int32', ['N']); // in [R·K]
  const sharedPlace = graph.input('sharedPlace', 'int32', ['N']); // in [P·K]
  const isShared = equal(graph.input('isShared', 'int32', ['N', 1]), 1);
  const rowsOfGroups = graph.input('rowsOfGroups', 'float32', ['P', 'R']); // 1 where a row lists a shared run
  const isQuery = reshape(cast(lessOrEqual(0, queryPositions), 'float32'), ['R', 'Q', 1]);
  const widthOf = (x: Tensor): number => x.shape.at(-1) as number;

  return {
    queries: (x) =>
      customGradient(
        [x],
        (tokens) => gather(tokens!, queryIndex),
        (g) => [gather(reshape(g, [productOf(['R', 'Q']), widthOf(x)]), unpad)],
      ),
    keys: (x) =>
      customGradient(
        [x],
        (tokens) => gather(tokens!, keyIndex),
        (g) => {
          const width = widthOf(x);
          const own = gather(reshape(g, [productOf(['R', 'K']), width]), ownPlace);
          const sums = matmul(rowsOfGroups, reshape(g, ['R', productOf(['K', width])])); // [P, K·D]
          const shared = gather(reshape(sums, [productOf(['P', 'K']), width]), sharedPlace);
          return [where(isShared, shared, own)];
        },
      ),
    unpad: (rows) =>
      customGradient(
        [rows],
        (x) => gather(x!, unpad),
        (g) => [reshape(mul(gather(g, queryIndex), isQuery), rows.shape)],
      ),
  };
}

/** [A, B, C, D] to [A, C, B, D]. */
function swap(x: Tensor): Tensor {
  return transpose(x, [0, 2, 1, 3]);
}

/** What is added to scores [R, kv, Q·group, K]: zero where a query may look, else a number that softmax turns into 0. */
function attentionBias(
  graph: Graph,
  config: DecoderConfig,
  queryPositions: Tensor,
  keyPositions: Tensor,
  perKeyHead: number,
): { causal: Tensor; sliding: () => Tensor } {
  const repeat = graph.constant(new Int32Array(perKeyHead), [1, 1, perKeyHead]);
  const grouped = productOf(['Q', perKeyHead]);
  const repeated = reshape(add(reshape(queryPositions, ['R', 'Q', 1]), repeat), ['R', grouped]);
  const queries = reshape(repeated, ['R', 1, grouped, 1]);
  const keys = reshape(keyPositions, ['R', 1, 1, 'K']);
  const isPast = lessOrEqual(keys, queries);
  const causal = where(isPast, 0, MASKED);
  let sliding: Tensor | null = null;
  return {
    causal,
    sliding: () => {
      const isNear = less(sub(queries, config.slidingWindow ?? 0), keys);
      sliding ??= where(and(isPast, isNear), 0, MASKED);
      return sliding;
    },
  };
}
