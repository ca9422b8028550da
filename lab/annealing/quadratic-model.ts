/**
 * Reads and writes the plain JSON form of a binary quadratic model, so that a plan can be checked by any other Ising or QUBO solver.
 *
 * Invariants: what is written is read back to the same numbers; input is checked before use, and a refusal says which entry is wrong.
 *
 * The names are dimod's (`linear`, `quadratic`, `offset`, `vartype`); labels are variable indices, a pair is `[i, j, bias]`.
 */
import { DialecticError } from '../../src/errors.js';
import { createIsing, type IsingProblem } from '../../src/techniques/annealing/ising.js';
import { createQubo, isingToQubo, type QuboProblem, quboToIsing } from './qubo.js';

export interface QuadraticModel {
  /** SPIN: −1 and +1; BINARY: 0 and 1. */
  readonly vartype: 'SPIN' | 'BINARY';
  readonly linear: readonly number[];
  /** i < j, pairs without coupling left out. */
  readonly quadratic: readonly (readonly [i: number, j: number, bias: number])[];
  readonly offset: number;
}

export function exportIsing({ fields, couplings, offset }: IsingProblem): QuadraticModel {
  return { vartype: 'SPIN', linear: [...fields], quadratic: upperPairs(couplings, fields.length), offset };
}

export function exportQubo({ linear, quadratic, offset }: QuboProblem): QuadraticModel {
  return { vartype: 'BINARY', linear: [...linear], quadratic: upperPairs(quadratic, linear.length), offset };
}

/** An Ising problem from either vartype. Throws DATA where the value is not a quadratic model. */
export function importIsing(value: unknown): IsingProblem {
  const { vartype, linear, quadratic, offset } = parse(value);
  return vartype === 'SPIN'
    ? createIsing(linear, quadratic, offset)
    : quboToIsing(createQubo(linear, quadratic, offset));
}

/** A QUBO problem from either vartype. Throws DATA where the value is not a quadratic model. */
export function importQubo(value: unknown): QuboProblem {
  const { vartype, linear, quadratic, offset } = parse(value);
  return vartype === 'BINARY'
    ? createQubo(linear, quadratic, offset)
    : isingToQubo(createIsing(linear, quadratic, offset));
}

function upperPairs(matrix: Float64Array, size: number): [number, number, number][] {
  const pairs: [number, number, number][] = [];
  for (let i = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++) {
      const bias = matrix[i * size + j]!;
      if (bias !== 0) pairs.push([i, j, bias]);
    }
  }
  return pairs;
}

function parse(value: unknown): QuadraticModel {
  const model = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const { vartype, linear, quadratic, offset = 0 } = model;
  if (vartype !== 'SPIN' && vartype !== 'BINARY') refuse('vartype', vartype, '"SPIN" or "BINARY"');
  if (!Array.isArray(linear)) refuse('linear', linear, 'an array of numbers');
  if (!Array.isArray(quadratic)) refuse('quadratic', quadratic, 'an array of [i, j, bias]');
  if (!Number.isFinite(offset)) refuse('offset', offset, 'a finite number');
  linear.forEach((bias, i) => {
    if (!Number.isFinite(bias)) refuse(`linear[${i}]`, bias, 'a finite number');
  });
  const isVariable = (index: unknown) =>
    Number.isInteger(index) && (index as number) >= 0 && (index as number) < linear.length;
  quadratic.forEach((pair: unknown, i) => {
    const [a, b, bias] = Array.isArray(pair) && pair.length === 3 ? pair : [];
    if (!isVariable(a) || !isVariable(b) || a === b || !Number.isFinite(bias))
      refuse(`quadratic[${i}]`, pair, `[i, j, bias] with two different variables below ${linear.length}`);
  });
  return { vartype, linear, quadratic, offset: offset as number };
}

function refuse(key: string, value: unknown, expected: string): never {
  throw new DialecticError(
    'DATA',
    `quadratic model: ${key} is ${JSON.stringify(value)}; expected ${expected}`,
  );
}
