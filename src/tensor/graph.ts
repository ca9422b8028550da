/**
 * A graph of symbolic tensors: what a computation is, apart from who runs it.
 *
 * Invariants:
 * - nodes are in an order in which they can run: a node's inputs are made before it;
 * - tensors are never rewritten; a graph only grows until a runtime compiles it;
 * - equal constants of a graph are one tensor.
 */
import type { Operators, OpName } from './operators.js';
import { formatShape, type Shape, shapeError } from './shape.js';

export type DType = 'float32' | 'int32' | 'bool';
export type TypedData = Float32Array | Int32Array | Uint8Array;

/** A value in a graph: known by type and shape, not yet by content. */
export interface Tensor {
  readonly graph: Graph;
  readonly id: number;
  readonly dtype: DType;
  readonly shape: Shape;
}

/** One application of an operator. */
export type Node = {
  [K in OpName]: {
    readonly op: K;
    readonly inputs: readonly Tensor[];
    readonly outputs: readonly Tensor[];
    readonly attributes: Operators[K];
  };
}[OpName];

export interface GraphInput {
  readonly name: string;
  readonly tensor: Tensor;
}

export interface Constant {
  readonly tensor: Tensor;
  readonly data: TypedData;
}

/** Nodes that are differentiated as a whole, by a rule of their own (see gradients.ts). */
export interface Region {
  readonly firstNode: number;
  readonly endNode: number;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** From gradients of the outputs (null where nothing used one) to gradients of the inputs (null where none flows). */
  readonly backward: (upstream: readonly (Tensor | null)[]) => readonly (Tensor | null)[];
}

export class Graph {
  readonly nodes: Node[] = [];
  readonly inputs: GraphInput[] = [];
  readonly outputs: GraphInput[] = [];
  readonly constants: Constant[] = [];
  readonly regions: Region[] = [];
  readonly #constantsByContent = new Map<string, Tensor>();
  #count = 0;

  /** A value fed at every run. */
  input(name: string, dtype: DType, shape: Shape): Tensor {
    if (this.inputs.some((input) => input.name === name))
      throw shapeError(`graph has two inputs named ${name}`);
    const tensor = this.#tensor(dtype, shape);
    this.inputs.push({ name, tensor });
    return tensor;
  }

  /** Names a tensor as a result. */
  output(name: string, tensor: Tensor): void {
    if (this.outputs.some((output) => output.name === name))
      throw shapeError(`graph has two outputs named ${name}`);
    this.outputs.push({ name, tensor });
  }

  /** A tensor with fixed content. */
  constant(data: TypedData, shape: readonly number[]): Tensor {
    const size = shape.reduce((product, dim) => product * dim, 1);
    if (size !== data.length) {
      throw shapeError(`constant of ${data.length} elements does not fill shape ${formatShape(shape)}`);
    }
    const dtype: DType =
      data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : 'bool';
    const bits = new Uint8Array(data.buffer, data.byteOffset, data.byteLength); // tells 0 from -0
    const key = data.length <= 64 ? `${dtype}${formatShape(shape)}${bits.join()}` : null;
    const known = key === null ? undefined : this.#constantsByContent.get(key);
    if (known) return known;
    const tensor = this.#tensor(dtype, shape);
    this.constants.push({ tensor, data });
    if (key !== null) this.#constantsByContent.set(key, tensor);
    return tensor;
  }

  /** A float constant of rank 0. */
  scalar(value: number): Tensor {
    return this.constant(Float32Array.of(value), []);
  }

  /** Appends a node; operators (elementwise.ts, …) check shapes and call this. */
  emit<K extends OpName>(
    op: K,
    inputs: readonly Tensor[],
    attributes: Operators[K],
    results: readonly { dtype: DType; shape: Shape }[],
  ): Tensor[] {
    for (const input of inputs) {
      if (input.graph !== this) throw shapeError(`${op}: an input belongs to another graph`);
    }
    const outputs = results.map((result) => this.#tensor(result.dtype, result.shape));
    this.nodes.push({ op, inputs, outputs, attributes } as unknown as Node);
    return outputs;
  }

  #tensor(dtype: DType, shape: Shape): Tensor {
    return { graph: this, id: this.#count++, dtype, shape };
  }
}
