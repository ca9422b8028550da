/**
 * Lowers each operator to ONNX, in the form that ONNX Runtime's CPU provider runs fastest.
 *
 * Invariants: inputs and outputs of the graph keep their names; everything else is named by tensor id.
 */
import { DialecticError } from '../errors.js';
import type { Graph, Node, Tensor } from './graph.js';
import type { OpName } from './operators.js';

export type OnnxAttribute =
  | { readonly float: number }
  | { readonly integer: number }
  | { readonly string: string }
  | { readonly integers: readonly number[] };

export interface OnnxNode {
  readonly type: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

const SIMPLE: Partial<Record<OpName, string>> = {
  add: 'Add',
  sub: 'Sub',
  mul: 'Mul',
  div: 'Div',
  maximum: 'Max',
  minimum: 'Min',
  less: 'Less',
  lessOrEqual: 'LessOrEqual',
  equal: 'Equal',
  and: 'And',
  where: 'Where',
  neg: 'Neg',
  exp: 'Exp',
  log: 'Log',
  sqrt: 'Sqrt',
  reciprocal: 'Reciprocal',
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  stopGradient: 'Identity',
};

const CAST_TYPE = { float32: 1, int32: 6, int64: 7 } as const;

/** Name of an inner tensor in the file. */
export function tensorName(id: number): string {
  return `t${id}`;
}

/** All nodes of the graph in ONNX, and the int64 constants (shapes, axes) they use. */
export function lower(graph: Graph): { nodes: OnnxNode[]; shapeConstants: Map<string, BigInt64Array> } {
  return new Lowering(graph).run();
}

class Lowering {
  readonly #nodes: OnnxNode[] = [];
  readonly #shapeConstants = new Map<string, BigInt64Array>();
  readonly #names = new Map<number, string>();
  #temporaries = 0;

  constructor(private readonly graph: Graph) {
    for (const { name, tensor } of graph.inputs) this.#names.set(tensor.id, name);
  }

  run(): { nodes: OnnxNode[]; shapeConstants: Map<string, BigInt64Array> } {
    const live = liveNodes(this.graph);
    for (const node of this.graph.nodes) if (live.has(node)) this.#lowerNode(node);
    for (const { name, tensor } of this.graph.outputs) this.#emit('Identity', [this.#name(tensor)], [name]);
    return { nodes: this.#nodes, shapeConstants: this.#shapeConstants };
  }

  #name(tensor: Tensor): string {
    return this.#names.get(tensor.id) ?? tensorName(tensor.id);
  }

  #integers(...values: number[]): string {
    const name = `i${values.join('_')}`.replaceAll('-', 'm');
    this.#shapeConstants.set(name, BigInt64Array.from(values, BigInt));
    return name;
  }

  #emit(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Record<string, OnnxAttribute> = {},
    domain = '',
  ): string {
    this.#nodes.push({ type, domain, inputs, outputs, attributes });
    return outputs[0]!;
  }

  /** Emits a node whose result only the lowering knows. */
  #inner(type: string, inputs: readonly string[], attributes: Record<string, OnnxAttribute> = {}): string {
    return this.#emit(type, inputs, [`x${this.#temporaries++}`], attributes);
  }

  #toInt64(name: string): string {
    return this.#inner('Cast', [name], { to: { integer: CAST_TYPE.int64 } });
  }

  #zerosLike(name: string): string {
    return this.#inner('ConstantOfShape', [this.#inner('Shape', [name])]); // float 0 by default
  }

  #lowerNode(node: Node): void {
    const inputs = node.inputs.map((tensor) => this.#name(tensor));
    const outputs = node.outputs.map((tensor) => this.#name(tensor));
    const simple = SIMPLE[node.op];
    if (simple) {
      this.#emit(simple, inputs, outputs);
      return;
    }
    const [x, y, z] = inputs as [string, string, string];
    switch (node.op) {
      case 'gelu':
        this.#emit('Gelu', inputs, outputs, { approximate: { string: 'tanh' } });
        break;
      case 'cast':
        this.#emit('Cast', inputs, outputs, { to: { integer: CAST_TYPE[node.attributes.to] } });
        break;
      case 'reduceSum':
      case 'reduceMax': {
        const { axes, keepDims } = node.attributes;
        const type = node.op === 'reduceSum' ? 'ReduceSum' : 'ReduceMax';
        if (axes.length === 0) this.#emit('Identity', [x], outputs);
        else
          this.#emit(type, [x, this.#integers(...axes)], outputs, {
            keepdims: { integer: Number(keepDims) },
          });
        break;
      }
      case 'cumulativeSum': {
        const axis = this.#integers(node.inputs[0]!.shape.length - 1);
        this.#emit('CumSum', [x, axis], outputs, {
          exclusive: { integer: Number(node.attributes.exclusive) },
        });
        break;
      }
      case 'reshape': {
        const old = node.inputs[0]!.shape;
        const target = node.attributes.target.map((dim, i) =>
          typeof dim === 'number' ? dim : dim === old[i] ? 0 : -1,
        );
        this.#emit('Reshape', [x, this.#integers(...target)], outputs);
        break;
      }
      case 'reshapeLike':
        this.#emit('Reshape', [x, this.#inner('Shape', [y])], outputs);
        break;
      case 'broadcastLike':
        this.#emit('Expand', [x, this.#inner('Shape', [y])], outputs);
        break;
      case 'transpose':
        this.#emit('Transpose', inputs, outputs, { perm: { integers: node.attributes.permutation } });
        break;
      case 'concat':
        this.#emit('Concat', inputs, outputs, { axis: { integer: node.attributes.axis } });
        break;
      case 'split': {
        const { axis, sizes } = node.attributes;
        this.#emit('Split', [x, this.#integers(...sizes)], outputs, { axis: { integer: axis } });
        break;
      }
      case 'slice': {
        const { axis, start, end } = node.attributes;
        this.#emit('Slice', [x, this.#integers(start), this.#integers(end), this.#integers(axis)], outputs);
        break;
      }
      case 'gather':
        this.#emit('Gather', inputs, outputs, { axis: { integer: 0 } });
        break;
      case 'scatterAddLike': {
        // ScatterND would add duplicates from several threads at once, in any order and without locks;
        // ScatterElements goes through its updates one by one.
        const rest = node.inputs[0]!.shape.slice(1) as number[];
        const isFlat = node.inputs[1]!.shape.length === 1;
        const updates = isFlat ? z : this.#inner('Reshape', [z, this.#integers(-1, ...rest)]);
        const column = this.#inner('Reshape', [y, this.#integers(-1, ...rest.map(() => 1))]);
        const everywhere =
          rest.length === 0 ? column : this.#inner('Expand', [column, this.#inner('Shape', [updates])]);
        const attributes = { axis: { integer: 0 }, reduction: { string: 'add' } };
        this.#emit('ScatterElements', [this.#zerosLike(x), everywhere, updates], outputs, attributes);
        break;
      }
      case 'takeLast': {
        const column = this.#inner('Unsqueeze', [y, this.#integers(-1)]);
        const picked = this.#inner('GatherElements', [x, column], { axis: { integer: 1 } });
        this.#emit('Squeeze', [picked, this.#integers(-1)], outputs);
        break;
      }
      case 'scatterLastLike': {
        const column = this.#inner('Unsqueeze', [y, this.#integers(-1)]);
        const updates = this.#inner('Unsqueeze', [z, this.#integers(-1)]);
        this.#emit('ScatterElements', [this.#zerosLike(x), column, updates], outputs, {
          axis: { integer: 1 },
        });
        break;
      }
      case 'topK': {
        const indices = `x${this.#temporaries++}`;
        this.#emit('TopK', [x, this.#integers(node.attributes.count)], [outputs[0]!, indices]);
        this.#emit('Cast', [indices], [outputs[1]!], { to: { integer: CAST_TYPE.int32 } });
        break;
      }
      case 'matmul':
        this.#lowerMatmul(node, inputs, outputs);
        break;
      case 'softmax':
        this.#emit('Softmax', inputs, outputs, { axis: { integer: -1 } });
        break;
      case 'rmsNorm': {
        const attributes = { axis: { integer: -1 }, epsilon: { float: node.attributes.epsilon } };
        this.#emit('SimplifiedLayerNormalization', inputs, outputs, attributes);
        break;
      }
      case 'rope':
        this.#lowerRope(node, inputs, outputs);
        break;
      case 'cachedAttention': {
        const { headCount, kvHeadCount, scale, softcap, window } = node.attributes;
        const attributes = {
          num_heads: { integer: headCount },
          kv_num_heads: { integer: kvHeadCount },
          scale: { float: scale },
          do_rotary: { integer: 1 },
          ...(softcap === null ? {} : { softcap: { float: softcap } }),
          ...(window === null ? {} : { local_window_size: { integer: window } }),
        };
        this.#emit('GroupQueryAttention', inputs, outputs, attributes, 'com.microsoft');
        break;
      }
      default:
        throw new DialecticError(
          'ENGINE',
          `operator ${(node as Node).op} has no ONNX form: add it to onnx-lowering.ts`,
        );
    }
  }

  #lowerMatmul(node: Extract<Node, { op: 'matmul' }>, inputs: string[], outputs: string[]): void {
    const { transposeA, transposeB, scale } = node.attributes;
    const transA = { integer: Number(transposeA) };
    const transB = { integer: Number(transposeB) };
    if (node.inputs[0]!.shape.length === 2) {
      this.#emit('Gemm', inputs, outputs, { transA, transB, alpha: { float: scale } });
    } else {
      this.#emit(
        'FusedMatMul',
        inputs,
        outputs,
        { transA, transB, alpha: { float: scale } },
        'com.microsoft',
      );
    }
  }

  /**
   * RotaryEmbedding takes [batch, sequence, heads·width] with at most as many tokens a sequence as the table has rows,
   * so each packed token is a batch entry.
   */
  #lowerRope(node: Extract<Node, { op: 'rope' }>, inputs: string[], outputs: string[]): void {
    const [x, positions, cosines, sines] = inputs as [string, string, string, string];
    const [, heads, width] = node.inputs[0]!.shape as [unknown, number, number];
    const flat = this.#inner('Reshape', [x, this.#integers(-1, 1, heads * width)]);
    const index = this.#inner('Unsqueeze', [this.#toInt64(positions), this.#integers(-1)]);
    const rotated = `x${this.#temporaries++}`;
    const attributes = { num_heads: { integer: heads }, rotary_embedding_dim: { integer: 0 } };
    this.#emit('RotaryEmbedding', [flat, index, cosines, sines], [rotated], attributes, 'com.microsoft');
    this.#emit('Reshape', [rotated, this.#integers(-1, heads, width)], outputs);
  }
}

/** Nodes that some output depends on. */
function liveNodes(graph: Graph): Set<Node> {
  const wanted = new Set(graph.outputs.map((output) => output.tensor.id));
  const live = new Set<Node>();
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => wanted.has(output.id))) continue;
    live.add(node);
    for (const input of node.inputs) wanted.add(input.id);
  }
  return live;
}
