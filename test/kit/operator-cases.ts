/** Every operator applied to random inputs: what the runtimes must agree on and what the gradient rules are checked with. */
import { Random } from '../../src/random.js';
import * as e from '../../src/tensor/elementwise.js';
import { type DType, Graph, type Tensor } from '../../src/tensor/graph.js';
import * as indexing from '../../src/tensor/indexing.js';
import * as movement from '../../src/tensor/movement.js';
import * as neural from '../../src/tensor/neural.js';
import type { OpName } from '../../src/tensor/operators.js';
import * as reduction from '../../src/tensor/reduction.js';
import { allocate, type Value, type Values } from '../../src/tensor/runtime.js';
import { evaluateShape, type Shape, sizeOf } from '../../src/tensor/shape.js';

/** How to make one input. */
interface Feed {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly draw: (random: Random) => number;
}

const float = (...shape: Shape): Feed => ({ dtype: 'float32', shape, draw: (random) => random.normal() });
/** At least 0.5: for logarithms, roots and denominators. */
const positive = (...shape: Shape): Feed => ({
  dtype: 'float32',
  shape,
  draw: (random) => 0.5 + random.uniform(),
});
const integer = (low: number, high: number, ...shape: Shape): Feed => ({
  dtype: 'int32',
  shape,
  draw: (random) => random.integer(low, high),
});
const bool = (...shape: Shape): Feed => ({ dtype: 'bool', shape, draw: (random) => random.integer(0, 1) });

type Named<K extends string> = { readonly [N in K]: Tensor };

export interface OperatorCase {
  readonly op: OpName;
  readonly title: string;
  readonly feeds: Readonly<Record<string, Feed>>;
  /** Inputs to differentiate with respect to; empty where the operator has no gradient. */
  readonly wrt: readonly string[];
  /** Outputs (`y0`, `y1`, …) that are written over an input. */
  readonly inPlace: Readonly<Record<string, string>>;
  readonly build: (inputs: Readonly<Record<string, Tensor>>) => readonly Tensor[];
}

/** Sizes of the named dimensions that the cases use. */
export const SIZES = new Map([
  ['n', 3],
  ['m', 2],
]);

function operator<K extends string>(
  op: OpName,
  detail: string,
  feeds: Readonly<Record<K, Feed>>,
  wrt: readonly NoInfer<K>[],
  build: (inputs: Named<NoInfer<K>>) => Tensor | readonly Tensor[],
  inPlace: Readonly<Record<string, NoInfer<K>>> = {},
): OperatorCase {
  const title = detail === '' ? op : `${op} ${detail}`;
  return {
    op,
    title,
    feeds,
    wrt,
    inPlace,
    build: (inputs) => [build(inputs as Named<K>)].flat() as Tensor[],
  };
}

const unary = (op: OpName, apply: (x: Tensor) => Tensor, feed = float('n', 4)): OperatorCase =>
  operator(op, '', { x: feed }, ['x'], ({ x }) => apply(x));

/** A binary operator in every kind of broadcasting, and on integers. */
function binary(op: OpName, apply: (a: Tensor, b: Tensor) => Tensor, hasGradient: boolean): OperatorCase[] {
  const wrt = hasGradient ? (['a', 'b'] as const) : [];
  const both = ({ a, b }: Named<'a' | 'b'>) => apply(a, b);
  const second = op === 'div' ? positive : float;
  const integers = { a: integer(-9, 9, 2, 4), b: op === 'div' ? integer(1, 3, 4) : integer(-2, 2, 4) };
  return [
    operator(op, 'of equal shapes', { a: float(2, 3), b: second(2, 3) }, wrt, both),
    operator(op, 'with a row', { a: float('n', 4), b: second(4) }, wrt, both),
    operator(op, 'with a column', { a: float('n', 1), b: second('n', 4) }, wrt, both),
    operator(op, 'both ways', { a: float(2, 1, 'n'), b: second(4, 1) }, wrt, both),
    operator(op, 'with a scalar', { a: float(), b: second('n', 2) }, wrt, both),
    operator(op, 'of integers', integers, [], both),
  ];
}

function matmuls(): OperatorCase[] {
  const cases: OperatorCase[] = [];
  for (const lead of [[], ['m'], [2, 'm']] satisfies Shape[]) {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const a = transposeA ? float(...lead, 5, 'n') : float(...lead, 'n', 5);
        const b = transposeB ? float(...lead, 4, 5) : float(...lead, 5, 4);
        const form = `of rank ${lead.length + 2}, ${transposeA ? 'Aᵀ' : 'A'} ${transposeB ? 'Bᵀ' : 'B'}`;
        const options = { transposeA, transposeB, scale: 0.7 };
        cases.push(operator('matmul', form, { a, b }, ['a', 'b'], (x) => neural.matmul(x.a, x.b, options)));
      }
    }
  }
  return cases;
}

const HEAD_WIDTH = 16; // ONNX Runtime rotates heads of 16, 32, … only
const CAPACITY = 8;

/** Attention of `tokens` new tokens of sequences that then have the given lengths. */
function attention(
  detail: string,
  lengths: readonly number[],
  tokens: number,
  { heads = 4, kvHeads = 2, softcap = null as number | null, window = null as number | null } = {},
): OperatorCase {
  const batch = lengths.length;
  const remaining = [...lengths];
  const nextLength = () => {
    const length = remaining.shift()!;
    remaining.push(length);
    return length - 1;
  };
  const angle = float(CAPACITY, HEAD_WIDTH / 2);
  const feeds = {
    queries: float(batch, tokens, heads * HEAD_WIDTH),
    keys: float(batch, tokens, kvHeads * HEAD_WIDTH),
    values: float(batch, tokens, kvHeads * HEAD_WIDTH),
    keyCache: float(batch, kvHeads, CAPACITY, HEAD_WIDTH),
    valueCache: float(batch, kvHeads, CAPACITY, HEAD_WIDTH),
    lastPositions: { dtype: 'int32', shape: [batch], draw: nextLength } as Feed,
    longest: integer(Math.max(...lengths), Math.max(...lengths), 1),
    cosines: angle,
    sines: angle,
  };
  const attributes = { headCount: heads, kvHeadCount: kvHeads, scale: 0.3, softcap, window };
  const build = (inputs: neural.CachedAttentionInputs) => {
    const { attended, keyCache, valueCache } = neural.cachedAttention(inputs, attributes);
    return [attended, keyCache, valueCache];
  };
  return operator('cachedAttention', detail, feeds, [], build, { y1: 'keyCache', y2: 'valueCache' });
}

export const OPERATOR_CASES: readonly OperatorCase[] = [
  ...binary('add', e.add, true),
  ...binary('sub', e.sub, true),
  ...binary('mul', e.mul, true),
  ...binary('div', e.div, true),
  operator(
    'div',
    'of integers of both signs',
    { a: integer(-9, 9, 12), b: integer(-3, -1, 12) },
    [],
    ({ a, b }) => e.div(a, b),
  ),
  ...binary('maximum', e.maximum, true),
  ...binary('minimum', e.minimum, true),
  ...binary('less', e.less, false),
  ...binary('lessOrEqual', e.lessOrEqual, false),
  ...binary('equal', e.equal, false),
  operator('and', '', { a: bool('n', 4), b: bool(4) }, [], ({ a, b }) => e.and(a, b)),
  operator('where', '', { c: bool('n', 4), a: float('n', 4), b: float('n', 4) }, ['a', 'b'], ({ c, a, b }) =>
    e.where(c, a, b),
  ),
  operator(
    'where',
    'broadcasting',
    { c: bool('n', 1), a: float(2, 1, 4), b: float() },
    ['a', 'b'],
    ({ c, a, b }) => e.where(c, a, b),
  ),
  operator(
    'where',
    'of integers',
    { c: bool(2, 3), a: integer(0, 9, 3), b: integer(0, 9, 2, 1) },
    [],
    ({ c, a, b }) => e.where(c, a, b),
  ),
  unary('neg', e.neg),
  unary('exp', e.exp),
  unary('log', e.log, positive('n', 4)),
  unary('sqrt', e.sqrt, positive('n', 4)),
  unary('reciprocal', e.reciprocal, positive('n', 4)),
  unary('tanh', e.tanh),
  unary('sigmoid', e.sigmoid),
  unary('gelu', e.gelu),
  operator(
    'cast',
    'of floats',
    { x: { ...float('n', 5), draw: (random) => 3 * random.normal() } },
    [],
    ({ x }) => e.cast(x, 'int32'),
  ),
  operator('cast', 'of integers', { x: integer(-5, 5, 'n') }, [], ({ x }) => e.cast(x, 'float32')),
  operator('cast', 'of bools', { x: bool(6) }, [], ({ x }) => [e.cast(x, 'float32'), e.cast(x, 'int32')]),
  operator('stopGradient', '', { x: float('n', 4) }, ['x'], ({ x }) => e.mul(x, e.stopGradient(e.exp(x)))),
  operator('reduceSum', 'over some axes', { x: float('n', 4, 'm') }, ['x'], ({ x }) =>
    reduction.sum(x, [0, -1]),
  ),
  operator('reduceSum', 'keeping axes', { x: float('n', 4, 2) }, ['x'], ({ x }) =>
    reduction.sum(x, [1], true),
  ),
  operator('reduceSum', 'over all axes', { x: float('n', 4) }, ['x'], ({ x }) => reduction.sum(x)),
  operator('reduceSum', 'over no axis', { x: float('n', 4) }, ['x'], ({ x }) => reduction.sum(x, [])),
  operator('reduceSum', 'of integers', { x: integer(-9, 9, 'n', 4) }, [], ({ x }) => reduction.sum(x, [1])),
  operator('reduceMax', '', { x: float('n', 4, 2) }, [], ({ x }) => [
    reduction.max(x, [-1], true),
    reduction.max(x, [0, 2]),
    reduction.max(x),
  ]),
  operator('cumulativeSum', '', { x: float('n', 5) }, [], ({ x }) => [
    reduction.cumulativeSum(x),
    reduction.cumulativeSum(x, true),
  ]),
  operator('cumulativeSum', 'of integers', { x: integer(0, 1, 'n', 5) }, [], ({ x }) =>
    reduction.cumulativeSum(x),
  ),
  operator('reshape', 'of a named axis', { x: float('n', 4) }, ['x'], ({ x }) =>
    movement.reshape(x, ['n', 2, 2]),
  ),
  operator('reshape', 'of a product', { x: float('n', 'm', 4) }, ['x'], ({ x }) =>
    movement.reshape(x, ['m*n', 4]),
  ),
  operator('reshapeLike', '', { like: float('n', 'm', 2), x: float('m*n', 2) }, ['x'], ({ x, like }) =>
    movement.reshapeLike(x, like),
  ),
  operator('broadcastLike', '', { x: float('n', 1), like: float(2, 'n', 3) }, ['x'], ({ x, like }) =>
    movement.broadcastLike(x, like),
  ),
  operator('broadcastLike', 'of a scalar', { x: float(), like: float('n', 3) }, ['x'], ({ x, like }) =>
    movement.broadcastLike(x, like),
  ),
  operator('transpose', '', { x: float('n', 'm', 4, 2) }, ['x'], ({ x }) =>
    movement.transpose(x, [2, 0, 3, 1]),
  ),
  operator('transpose', 'of integers', { x: integer(0, 9, 'n', 4) }, [], ({ x }) =>
    movement.transpose(x, [1, 0]),
  ),
  operator(
    'concat',
    '',
    { a: float('n', 2), b: float('n', 1), c: float('n', 3) },
    ['a', 'b', 'c'],
    ({ a, b, c }) => movement.concat([a, b, c], -1),
  ),
  operator('split', '', { x: float('n', 6) }, ['x'], ({ x }) => movement.split(x, 1, [1, 3, 2])),
  operator('split', 'with a piece unused', { x: float('n', 6) }, ['x'], ({ x }) =>
    movement.split(x, 1, [1, 3, 2]).slice(0, 2),
  ),
  operator('slice', 'inside', { x: float('n', 6) }, ['x'], ({ x }) => movement.slice(x, 1, 2, 5)),
  operator('slice', 'of a start', { x: float(4, 'n') }, ['x'], ({ x }) => movement.slice(x, 0, 0, 1)),
  operator('gather', '', { table: float(4, 3), rows: integer(0, 3, 'n') }, ['table'], ({ table, rows }) =>
    indexing.gather(table, rows),
  ),
  operator(
    'gather',
    'by a matrix',
    { table: float('n', 2, 2), rows: integer(0, 2, 2, 5) },
    ['table'],
    ({ table, rows }) => indexing.gather(table, rows),
  ),
  operator(
    'gather',
    'of integers',
    { table: integer(0, 9, 4), rows: integer(0, 3, 2, 'n') },
    [],
    ({ table, rows }) => indexing.gather(table, rows),
  ),
  operator(
    'scatterAddLike',
    'with duplicates',
    { like: float(2, 3), rows: integer(0, 1, 'n'), updates: float('n', 3) },
    ['updates'],
    ({ like, rows, updates }) => indexing.scatterAddLike(like, rows, updates),
  ),
  operator(
    'scatterAddLike',
    'by a matrix',
    { like: float('n', 2), rows: integer(0, 2, 2, 4), updates: float(2, 4, 2) },
    ['updates'],
    ({ like, rows, updates }) => indexing.scatterAddLike(like, rows, updates),
  ),
  operator('takeLast', '', { x: float('n', 5), columns: integer(0, 4, 'n') }, ['x'], ({ x, columns }) =>
    indexing.takeLast(x, columns),
  ),
  operator(
    'scatterLastLike',
    '',
    { like: float('n', 5), columns: integer(0, 4, 'n'), updates: float('n') },
    ['updates'],
    ({ like, columns, updates }) => indexing.scatterLastLike(like, columns, updates),
  ),
  operator('topK', '', { x: float('n', 7) }, [], ({ x }) => {
    const { values, indices } = indexing.topK(x, 3);
    return [values, indices];
  }),
  ...matmuls(),
  operator('softmax', '', { x: float('n', 5) }, ['x'], ({ x }) => neural.softmax(x)),
  operator('softmax', 'of rank 4', { x: float(2, 'm', 'n', 5) }, ['x'], ({ x }) => neural.softmax(x)),
  operator('rmsNorm', '', { x: float('n', 8), weight: float(8) }, ['x', 'weight'], ({ x, weight }) =>
    neural.rmsNorm(x, weight, 1e-3),
  ),
  operator(
    'rmsNorm',
    'of heads',
    { x: float('n', 2, 4), weight: float(4) },
    ['x', 'weight'],
    ({ x, weight }) => neural.rmsNorm(x, weight, 1e-6),
  ),
  operator(
    'rope',
    '',
    {
      x: float('n', 2, HEAD_WIDTH),
      at: integer(0, 5, 'n'),
      cosines: float(6, HEAD_WIDTH / 2),
      sines: float(6, HEAD_WIDTH / 2),
    },
    ['x'],
    ({ x, at, cosines, sines }) => neural.rope(x, at, cosines, sines),
  ),
  attention('decoding at unequal lengths', [3, 1, 8, 5], 1),
  attention('decoding one sequence to the end of the cache', [8], 1),
  attention('prefilling', [6], 6),
  attention('prefilling the whole cache', [8], 8),
  attention('decoding with a softcap', [3, 7], 1, { softcap: 2 }),
  attention('prefilling with a softcap', [5], 5, { softcap: 2 }),
  attention('decoding within a window', [3, 4, 8], 1, { window: 3 }),
  attention('prefilling within a window', [7], 7, { window: 3 }),
  attention('prefilling within a window and a softcap', [7], 7, { window: 2, softcap: 1.5 }),
  attention('with as many key heads as heads', [3, 7], 1, { heads: 2, kvHeads: 2 }),
  attention('with one key head', [6], 6, { heads: 3, kvHeads: 1 }),
];

/** A case's forward graph, with outputs y0, y1, … */
export function forwardGraph(testCase: OperatorCase): {
  graph: Graph;
  inputs: Record<string, Tensor>;
  outputs: Tensor[];
} {
  const graph = new Graph();
  const inputs = Object.fromEntries(
    Object.entries(testCase.feeds).map(([name, { dtype, shape }]) => [name, graph.input(name, dtype, shape)]),
  );
  const outputs = [...testCase.build(inputs)];
  outputs.forEach((output, i) => {
    graph.output(`y${i}`, output);
  });
  return { graph, inputs, outputs };
}

/** Random inputs of a case. */
export function drawInputs({ feeds, title }: OperatorCase, seed: number): Values {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { dtype, shape, draw }]): [string, Value] => {
      const random = new Random(seed, title, name);
      const sizes = evaluateShape(shape, SIZES);
      const data = allocate(dtype, sizeOf(sizes));
      for (let i = 0; i < data.length; i++) data[i] = draw(random);
      return [name, { data, shape: sizes }];
    }),
  );
}

/** Largest |a − b| / max(1, |b|); infinite where one is not finite and the other is. */
export function discrepancy(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!) / Math.max(1, Math.abs(b[i]!));
    worst = Math.max(worst, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }
  return worst;
}
