/**
 * Evaluates a graph in double precision, one element at a time, straight from each operator's definition: the
 * independent answer that the fast runtimes and the gradient rules are compared with.
 */
import type { Graph, Node } from '../../src/tensor/graph.js';
import type { Operators, OpName } from '../../src/tensor/operators.js';
import type { Values } from '../../src/tensor/runtime.js';
import { type Bindings, bindShape, evaluateShape } from '../../src/tensor/shape.js';

/** An array of doubles with a shape, whatever the tensor's type. */
export interface Doubles {
  readonly data: Float64Array;
  readonly shape: readonly number[];
}

type Index = readonly number[];
type Shapes = readonly (readonly number[])[];
type Evaluate<K extends OpName> = (
  inputs: readonly Doubles[],
  attributes: Operators[K],
  shapes: Shapes,
) => Doubles | Doubles[];

const size = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);

function* indicesOf(shape: readonly number[]): Generator<number[]> {
  const count = size(shape);
  for (let flat = 0; flat < count; flat++) {
    let rest = flat;
    const index = new Array<number>(shape.length);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    yield index;
  }
}

/** Flat position of `index` counted from the last axis; axes of size 1 repeat. */
function offset(shape: readonly number[], index: Index): number {
  const lead = index.length - shape.length;
  return shape.reduce((flat, dim, axis) => flat * dim + (dim === 1 ? 0 : index[lead + axis]!), 0);
}

const at = (x: Doubles, index: Index): number => x.data[offset(x.shape, index)]!;

function make(shape: readonly number[], valueAt: (index: number[]) => number): Doubles {
  const data = new Float64Array(size(shape));
  let flat = 0;
  for (const index of indicesOf(shape)) data[flat++] = valueAt(index);
  return { data, shape };
}

const withAxis = (index: Index, axis: number, value: number): number[] =>
  index.map((position, i) => (i === axis ? value : position));

const unary =
  (f: (x: number) => number) =>
  ([x]: readonly Doubles[]): Doubles =>
    make(x!.shape, (index) => f(at(x!, index)));

const binary =
  (f: (a: number, b: number) => number) =>
  ([a, b]: readonly Doubles[], _attributes: unknown, [shape]: Shapes): Doubles =>
    make(shape!, (index) => f(at(a!, index), at(b!, index)));

const reshaped = ([x]: readonly Doubles[], _attributes: unknown, [shape]: Shapes): Doubles => ({
  data: x!.data,
  shape: shape!,
});

function reduce(
  x: Doubles,
  axes: readonly number[],
  shape: readonly number[],
  f: typeof Math.max,
  start: number,
) {
  const kept = x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const data = new Float64Array(size(kept)).fill(start);
  for (const index of indicesOf(x.shape)) {
    const to = offset(kept, index);
    data[to] = f(data[to]!, at(x, index));
  }
  return { data, shape };
}

/** Zeros of `shape`, with every update added where `target` says. */
function scatter(shape: readonly number[], updates: Doubles, target: (index: Index) => number[]): Doubles {
  const data = new Float64Array(size(shape));
  for (const index of indicesOf(updates.shape)) data[offset(shape, target(index))]! += at(updates, index);
  return { data, shape };
}

/** Element `d` of head `heads` (a prefix of an index) of x, rotated by the angles of `position`. */
function rotated(
  x: (d: number) => number,
  d: number,
  position: number,
  cosines: Doubles,
  sines: Doubles,
): number {
  const half = cosines.shape[1]!;
  const angle = [position, d % half];
  const [cosine, sine] = [at(cosines, angle), at(sines, angle)];
  return d < half ? x(d) * cosine - x(d + half) * sine : x(d) * cosine + x(d - half) * sine;
}

function cachedAttention(
  inputs: readonly Doubles[],
  { headCount, kvHeadCount, scale, softcap, window }: Operators['cachedAttention'],
): Doubles[] {
  const [queries, keys, values, oldKeys, oldValues, last, , cosines, sines] = inputs as Doubles[] & {
    8: Doubles;
  };
  const [batch, tokens] = queries!.shape as [number, number];
  const width = oldKeys!.shape[3]!;
  const keyCache = { data: oldKeys!.data.slice(), shape: oldKeys!.shape };
  const valueCache = { data: oldValues!.data.slice(), shape: oldValues!.shape };
  const positionOf = (b: number, s: number) => at(last!, [b]) - (tokens - 1 - s);
  for (const [b, s, head, d] of indicesOf([batch, tokens, kvHeadCount, width]) as Generator<
    [number, number, number, number]
  >) {
    const position = positionOf(b, s);
    const slot = offset(keyCache.shape, [b, head, position, d]);
    const key = (e: number) => at(keys!, [b, s, head * width + e]);
    keyCache.data[slot] = rotated(key, d, position, cosines!, sines!);
    valueCache.data[slot] = at(values!, [b, s, head * width + d]);
  }
  const attend = (b: number, s: number, head: number, d: number): number => {
    const position = positionOf(b, s);
    const kvHead = Math.floor((head * kvHeadCount) / headCount);
    const query = (e: number) => at(queries!, [b, s, head * width + e]);
    let [total, weighted] = [0, 0];
    for (let slot = 0; slot <= position; slot++) {
      if (window !== null && slot <= position - window) continue;
      let score = 0;
      for (let e = 0; e < width; e++) {
        score += rotated(query, e, position, cosines!, sines!) * at(keyCache, [b, kvHead, slot, e]);
      }
      score *= scale;
      if (softcap !== null) score = softcap * Math.tanh(score / softcap);
      total += Math.exp(score);
      weighted += Math.exp(score) * at(valueCache, [b, kvHead, slot, d]);
    }
    return weighted / total;
  };
  const attended = make(queries!.shape, ([b, s, c]) => attend(b!, s!, Math.floor(c! / width), c! % width));
  return [attended, keyCache, valueCache];
}

const EVALUATE: { readonly [K in OpName]: Evaluate<K> } = {
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b), // integers: see evaluate
  maximum: binary(Math.max),
  minimum: binary(Math.min),
  less: binary((a, b) => Number(a < b)),
  lessOrEqual: binary((a, b) => Number(a <= b)),
  equal: binary((a, b) => Number(a === b)),
  and: binary((a, b) => Number(a !== 0 && b !== 0)),
  where: ([condition, a, b], _attributes, [shape]) =>
    make(shape!, (index) => (at(condition!, index) !== 0 ? at(a!, index) : at(b!, index))),
  neg: unary((x) => -x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  reciprocal: unary((x) => 1 / x),
  tanh: unary(Math.tanh),
  sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  gelu: unary((x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))),
  cast: ([x], { to }) =>
    make(x!.shape, (index) => (to === 'int32' ? Math.trunc(at(x!, index)) : at(x!, index))),
  stopGradient: unary((x) => x),
  reduceSum: ([x], { axes }, [shape]) => reduce(x!, axes, shape!, (a = 0, b = 0) => a + b, 0),
  reduceMax: ([x], { axes }, [shape]) => reduce(x!, axes, shape!, Math.max, Number.NEGATIVE_INFINITY),
  cumulativeSum: ([x], { exclusive }) =>
    make(x!.shape, (index) => {
      const axis = index.length - 1;
      let total = 0;
      for (let i = 0; i < index[axis]! + (exclusive ? 0 : 1); i++) total += at(x!, withAxis(index, axis, i));
      return total;
    }),
  reshape: reshaped,
  reshapeLike: reshaped,
  broadcastLike: ([x], _attributes, [shape]) => make(shape!, (index) => at(x!, index)),
  transpose: ([x], { permutation }, [shape]) =>
    make(shape!, (index) =>
      at(
        x!,
        index.map((_, axis) => index[permutation.indexOf(axis)]!),
      ),
    ),
  concat: (parts, { axis }, [shape]) =>
    make(shape!, (index) => {
      let position = index[axis]!;
      for (const part of parts) {
        if (position < part.shape[axis]!) return at(part, withAxis(index, axis, position));
        position -= part.shape[axis]!;
      }
      return Number.NaN;
    }),
  split: ([x], { axis, sizes }, shapes) =>
    shapes.map((shape, i) => {
      const start = size([sizes.slice(0, i).reduce((a, b) => a + b, 0)]);
      return make(shape, (index) => at(x!, withAxis(index, axis, index[axis]! + start)));
    }),
  slice: ([x], { axis, start }, [shape]) =>
    make(shape!, (index) => at(x!, withAxis(index, axis, index[axis]! + start))),
  gather: ([table, indices], _attributes, [shape]) => {
    const rank = indices!.shape.length;
    return make(shape!, (index) => at(table!, [at(indices!, index.slice(0, rank)), ...index.slice(rank)]));
  },
  scatterAddLike: ([, indices, updates], _attributes, [shape]) => {
    const rank = indices!.shape.length;
    return scatter(shape!, updates!, (index) => [at(indices!, index.slice(0, rank)), ...index.slice(rank)]);
  },
  takeLast: ([x, indices], _attributes, [shape]) =>
    make(shape!, (index) => at(x!, [...index, at(indices!, index)])),
  scatterLastLike: ([, indices, updates], _attributes, [shape]) =>
    scatter(shape!, updates!, (index) => [...index, at(indices!, index)]),
  topK: ([x], { count }, [shape]) => {
    const width = x!.shape.at(-1)!;
    const ranked = (index: Index): number[] => {
      const row = Array.from({ length: width }, (_, i) => at(x!, [...index.slice(0, -1), i]));
      return row.map((_, i) => i).sort((i, j) => row[j]! - row[i]!);
    };
    const indices = make(shape!, (index) => ranked(index)[index.at(-1)!]!);
    if (shape!.at(-1) !== count) throw new Error(`topK: shape ${shape} for ${count}`);
    return [make(shape!, (index) => at(x!, [...index.slice(0, -1), at(indices, index)])), indices];
  },
  matmul: ([a, b], { transposeA, transposeB, scale }, [shape]) => {
    const inner = a!.shape.at(transposeA ? -2 : -1)!;
    return make(shape!, (index) => {
      const lead = index.slice(0, -2);
      const [row, column] = index.slice(-2) as [number, number];
      let total = 0;
      for (let i = 0; i < inner; i++) {
        const left = at(a!, transposeA ? [...lead, i, row] : [...lead, row, i]);
        total += left * at(b!, transposeB ? [...lead, column, i] : [...lead, i, column]);
      }
      return scale * total;
    });
  },
  softmax: ([x]) => {
    const exponentials = make(x!.shape, (index) => Math.exp(at(x!, index)));
    const rows = [...x!.shape.slice(0, -1), 1];
    const totals = reduce(exponentials, [x!.shape.length - 1], rows, (a = 0, b = 0) => a + b, 0);
    return make(x!.shape, (index) => at(exponentials, index) / at(totals, index));
  },
  rmsNorm: ([x, weight], { epsilon }) => {
    const width = x!.shape.at(-1)!;
    const squares = make(x!.shape, (index) => at(x!, index) ** 2);
    const rows = [...x!.shape.slice(0, -1), 1];
    const totals = reduce(squares, [x!.shape.length - 1], rows, (a = 0, b = 0) => a + b, 0);
    const inverseRms = make(rows, (index) => 1 / Math.sqrt(at(totals, index) / width + epsilon));
    return [
      make(x!.shape, (index) => at(x!, index) * at(inverseRms, index) * at(weight!, index)),
      inverseRms,
    ];
  },
  rope: ([x, positions, cosines, sines]) =>
    make(x!.shape, ([token, head, d]) => {
      const element = (e: number) => at(x!, [token!, head!, e]);
      return rotated(element, d!, at(positions!, [token!]), cosines!, sines!);
    }),
  cachedAttention,
};

/** Values of all tensors by id. Those in `held` are taken as they are: what `stopGradient` means to a difference quotient. */
export function evaluate(
  graph: Graph,
  inputs: Readonly<Record<string, Doubles>>,
  held: ReadonlyMap<number, Doubles> = new Map(),
): Map<number, Doubles> {
  const bindings: Bindings = new Map();
  const values = new Map<number, Doubles>();
  for (const { name, tensor } of graph.inputs) {
    bindShape(name, tensor.shape, inputs[name]!.shape, bindings);
    values.set(tensor.id, inputs[name]!);
  }
  for (const { tensor, data } of graph.constants) {
    values.set(tensor.id, { data: Float64Array.from(data), shape: tensor.shape as number[] });
  }
  for (const node of graph.nodes) {
    const results = [evaluateNode(node, values, bindings)].flat();
    node.outputs.forEach((output, i) => {
      const value = held.get(output.id) ?? results[i]!;
      const truncates = node.op === 'div' && output.dtype === 'int32';
      values.set(output.id, truncates ? { ...value, data: value.data.map(Math.trunc) } : value);
    });
  }
  return values;
}

function evaluateNode(
  node: Node,
  values: ReadonlyMap<number, Doubles>,
  bindings: Bindings,
): Doubles | Doubles[] {
  const inputs = node.inputs.map((input) => values.get(input.id)!);
  const shapes = node.outputs.map((output) => evaluateShape(output.shape, bindings));
  return (EVALUATE[node.op] as Evaluate<OpName>)(inputs, node.attributes as never, shapes);
}

/** Typed arrays as doubles. */
export function toDoubles(values: Values): Record<string, Doubles> {
  return Object.fromEntries(
    Object.entries(values).map(([name, { data, shape }]) => [name, { data: Float64Array.from(data), shape }]),
  );
}
