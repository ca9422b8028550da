/**
 * What a runtime promises: graphs go in, typed arrays come out.
 *
 * Invariants:
 * - a run binds every named dimension from its inputs, and checks every shape and type before it executes;
 * - results land in the arrays the caller gives, or in new ones; an array may be input and output of one run (in place).
 */
import { DialecticError } from '../errors.js';
import type { DType, Graph, Tensor, TypedData } from './graph.js';
import { type Bindings, bindShape, evaluateShape, shapeError, sizeOf } from './shape.js';

/** A typed array with a shape; `data` may be a view of shared memory. */
export interface Value {
  readonly data: TypedData;
  readonly shape: readonly number[];
}

export type Values = Readonly<Record<string, Value>>;

/** A compiled graph. */
export interface Executable {
  /**
   * Executes the graph. `inputs` has every input by name; `into` may hold arrays for some outputs.
   * Errors: SHAPE for a wrong or missing input, ENGINE for a failure of the native library or after `release`.
   */
  run(inputs: Values, into?: Values): Record<string, Value>;
  /** Frees what the runtime holds for the graph; a second call does nothing. */
  release(): void;
}

export interface Runtime {
  /** A short name for logs, such as `onnxruntime 1.30.0 cpu`. */
  readonly name: string;
  compile(graph: Graph): Executable;
}

/** A float tensor value. */
export function floats(data: Float32Array | readonly number[], shape: readonly number[]): Value {
  return { data: data instanceof Float32Array ? data : Float32Array.from(data), shape };
}

/** An int32 tensor value. */
export function integers(data: Int32Array | readonly number[], shape: readonly number[]): Value {
  return { data: data instanceof Int32Array ? data : Int32Array.from(data), shape };
}

export function dtypeOf(data: TypedData): DType {
  return data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : 'bool';
}

export function allocate(dtype: DType, size: number): TypedData {
  if (dtype === 'float32') return new Float32Array(size);
  return dtype === 'int32' ? new Int32Array(size) : new Uint8Array(size);
}

/** What a run needs to know before it executes. */
interface RunPlan {
  /** The sizes of the graph's named dimensions. */
  readonly bindings: Bindings;
  /** The value of each output: the caller's, or a new one. */
  readonly outputs: Record<string, Value>;
}

/** Checks the values of a run against the graph. Errors: SHAPE for what is missing, unknown, or of another shape or type. */
export function planRun(graph: Graph, inputs: Values, into: Values): RunPlan {
  const bindings = bindInputs(graph, inputs);
  for (const name of Object.keys(into)) {
    if (!graph.outputs.some((output) => output.name === name))
      throw shapeError(`the graph has no output named ${name}`);
  }
  const outputs: Record<string, Value> = {};
  for (const { name, tensor } of graph.outputs)
    outputs[name] = outputValue(name, tensor, bindings, into[name]);
  return { bindings, outputs };
}

function bindInputs(graph: Graph, inputs: Values): Bindings {
  const bindings: Bindings = new Map();
  for (const { name, tensor } of graph.inputs) {
    const value = inputs[name];
    if (!value) throw shapeError(`input ${name} is missing`);
    checkValue(`input ${name}`, tensor, value);
    bindShape(`input ${name}`, tensor.shape, value.shape, bindings);
  }
  for (const name of Object.keys(inputs)) {
    if (!graph.inputs.some((input) => input.name === name))
      throw shapeError(`the graph has no input named ${name}`);
  }
  return bindings;
}

function outputValue(name: string, tensor: Tensor, bindings: Bindings, given: Value | undefined): Value {
  const shape = evaluateShape(tensor.shape, bindings);
  if (!given) return { data: allocate(tensor.dtype, sizeOf(shape)), shape };
  checkValue(`output ${name}`, tensor, given);
  bindShape(`output ${name}`, tensor.shape, given.shape, bindings);
  return given;
}

/** The error of a run after `release`. */
export const releasedError = (): DialecticError =>
  new DialecticError('ENGINE', 'this executable was released; compile the graph again');

function checkValue(what: string, tensor: Tensor, value: Value): void {
  if (dtypeOf(value.data) !== tensor.dtype) {
    throw shapeError(`${what} is ${dtypeOf(value.data)}, expected ${tensor.dtype}`);
  }
  if (sizeOf(value.shape) !== value.data.length) {
    throw shapeError(
      `${what} has ${value.data.length} elements, its shape [${value.shape.join(', ')}] needs ${sizeOf(value.shape)}`,
    );
  }
}
