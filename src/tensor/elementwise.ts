/** Operators that act on each element, with NumPy broadcasting; mistakes show where a graph is built. */
import type { DType, Tensor } from './graph.js';
import type { OpName } from './operators.js';
import { broadcastShapes, shapeError } from './shape.js';

type Binary = Extract<
  OpName,
  'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum' | 'less' | 'lessOrEqual' | 'equal' | 'and'
>;
type Unary = Extract<
  OpName,
  'neg' | 'exp' | 'log' | 'sqrt' | 'reciprocal' | 'tanh' | 'sigmoid' | 'gelu' | 'stopGradient'
>;

/** A tensor, or a number that stands for a float scalar. */
type Operand = Tensor | number;

function lift(value: Operand, like: Operand): Tensor {
  if (typeof value !== 'number') return value;
  if (typeof like === 'number') throw shapeError('an operator needs at least one tensor');
  if (like.dtype === 'int32') return like.graph.constant(Int32Array.of(value), []);
  return like.graph.scalar(value);
}

function binary(op: Binary, x: Operand, y: Operand, result?: DType): Tensor {
  const a = lift(x, y);
  const b = lift(y, x);
  if (a.dtype !== b.dtype) throw shapeError(`${op}: ${a.dtype} against ${b.dtype}`);
  const shape = broadcastShapes(a.shape, b.shape);
  return a.graph.emit(op, [a, b], {}, [{ dtype: result ?? a.dtype, shape }])[0]!;
}

function unary(op: Unary, x: Tensor): Tensor {
  if (x.dtype !== 'float32') throw shapeError(`${op}: needs float32, got ${x.dtype}`);
  return x.graph.emit(op, [x], {}, [{ dtype: 'float32', shape: x.shape }])[0]!;
}

export const add = (a: Operand, b: Operand): Tensor => binary('add', a, b);
export const sub = (a: Operand, b: Operand): Tensor => binary('sub', a, b);
export const mul = (a: Operand, b: Operand): Tensor => binary('mul', a, b);
export const div = (a: Operand, b: Operand): Tensor => binary('div', a, b);
export const maximum = (a: Operand, b: Operand): Tensor => binary('maximum', a, b);
export const minimum = (a: Operand, b: Operand): Tensor => binary('minimum', a, b);
export const less = (a: Operand, b: Operand): Tensor => binary('less', a, b, 'bool');
export const lessOrEqual = (a: Operand, b: Operand): Tensor => binary('lessOrEqual', a, b, 'bool');
export const equal = (a: Operand, b: Operand): Tensor => binary('equal', a, b, 'bool');
/** Logical conjunction of two bool tensors. */
export function and(a: Tensor, b: Tensor): Tensor {
  if (a.dtype !== 'bool') throw shapeError(`and: needs bool, got ${a.dtype}`);
  return binary('and', a, b, 'bool');
}

export const neg = (x: Tensor): Tensor => unary('neg', x);
export const exp = (x: Tensor): Tensor => unary('exp', x);
export const log = (x: Tensor): Tensor => unary('log', x);
export const sqrt = (x: Tensor): Tensor => unary('sqrt', x);
export const reciprocal = (x: Tensor): Tensor => unary('reciprocal', x);
export const tanh = (x: Tensor): Tensor => unary('tanh', x);
export const sigmoid = (x: Tensor): Tensor => unary('sigmoid', x);
/** Gaussian error linear unit, tanh approximation: 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))). */
export const gelu = (x: Tensor): Tensor => unary('gelu', x);
/** Sigmoid linear unit: x σ(x). */
export const silu = (x: Tensor): Tensor => mul(x, sigmoid(x));
/** The same value, through which no gradient flows. */
export const stopGradient = (x: Tensor): Tensor => unary('stopGradient', x);

/** `whenTrue` where the bool tensor holds, else `whenFalse`. */
export function where(condition: Tensor, whenTrue: Operand, whenFalse: Operand): Tensor {
  if (condition.dtype !== 'bool') throw shapeError(`where: condition is ${condition.dtype}, expected bool`);
  const a = typeof whenTrue === 'number' ? condition.graph.scalar(whenTrue) : whenTrue;
  const b = typeof whenFalse === 'number' ? condition.graph.scalar(whenFalse) : whenFalse;
  if (a.dtype !== b.dtype) throw shapeError(`where: ${a.dtype} against ${b.dtype}`);
  const shape = broadcastShapes(condition.shape, broadcastShapes(a.shape, b.shape));
  return condition.graph.emit('where', [condition, a, b], {}, [{ dtype: a.dtype, shape }])[0]!;
}

/** Converts between number types; bool becomes 0 or 1, float to int truncates. */
export function cast(x: Tensor, to: 'float32' | 'int32'): Tensor {
  if (x.dtype === to) return x;
  return x.graph.emit('cast', [x], { to }, [{ dtype: to, shape: x.shape }])[0]!;
}

/** `x` limited to [low, high]. */
export const clip = (x: Tensor, low: Operand, high: Operand): Tensor => minimum(maximum(x, low), high);
