/**
 * Shapes whose dimensions are numbers, or names bound when a graph runs.
 *
 * Invariants:
 * - a named dimension has one value per run; products such as `rows*queries` are names too;
 * - an operator's result shape is known, by number or by name, when the graph is built.
 */
import { DialecticError } from '../errors.js';

/** A static size, or the name of a size bound per run. */
export type Dim = number | string;
export type Shape = readonly Dim[];

export function shapeError(message: string): DialecticError {
  return new DialecticError('SHAPE', message);
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

export function shapesEqual(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** The product of dimensions: a number if all are numbers, else a canonical name. */
export function productOf(dims: Shape): Dim {
  let size = 1;
  const names: string[] = [];
  for (const dim of dims) {
    if (typeof dim === 'number') size *= dim;
    else names.push(...dim.split('*'));
  }
  if (names.length === 0) return size;
  if (size !== 1) {
    const numeric = names.findIndex((name) => /^\d+$/.test(name));
    if (numeric >= 0) names[numeric] = String(size * Number(names[numeric]));
    else names.unshift(String(size));
  }
  return names.sort().join('*');
}

/** NumPy broadcasting of two shapes; a named dimension broadcasts only against itself or 1. */
export function broadcastShapes(a: Shape, b: Shape): Dim[] {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw shapeError(`shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast: ${x} against ${y}`);
    }
    result.push(x === 1 ? y : x);
  }
  return result;
}

/** Axis counted from the front; negative axes count from the back. */
export function normalizeAxis(axis: number, rank: number): number {
  const result = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || result < 0 || result >= rank) {
    throw shapeError(`axis ${axis} is outside a tensor of rank ${rank}`);
  }
  return result;
}

/** Values of named dimensions in one run. */
export type Bindings = Map<string, number>;

/** Binds the names of `symbolic` to the sizes of `actual`; throws where they disagree. */
export function bindShape(
  what: string,
  symbolic: Shape,
  actual: readonly number[],
  bindings: Bindings,
): void {
  const mismatch = () =>
    shapeError(
      `${what} has shape ${formatShape(actual)}, expected ${formatShape(symbolic)}${describe(bindings)}`,
    );
  if (symbolic.length !== actual.length) throw mismatch();
  symbolic.forEach((dim, i) => {
    const size = actual[i]!;
    if (typeof dim === 'string' && !dim.includes('*') && !bindings.has(dim)) bindings.set(dim, size);
    else if (evaluateDim(dim, bindings) !== size) throw mismatch();
  });
}

/** The size of a dimension under bindings. */
export function evaluateDim(dim: Dim, bindings: Bindings): number {
  if (typeof dim === 'number') return dim;
  return dim.split('*').reduce((size, name) => {
    const value = /^\d+$/.test(name) ? Number(name) : bindings.get(name);
    if (value === undefined) throw shapeError(`dimension ${name} has no value: no input carries it`);
    return size * value;
  }, 1);
}

export function evaluateShape(shape: Shape, bindings: Bindings): number[] {
  return shape.map((dim) => evaluateDim(dim, bindings));
}

/** Number of elements of a concrete shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, dim) => size * dim, 1);
}

function describe(bindings: Bindings): string {
  return bindings.size === 0
    ? ''
    : ` with ${[...bindings].map(([name, size]) => `${name}=${size}`).join(', ')}`;
}
