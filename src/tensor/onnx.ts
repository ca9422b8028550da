/**
 * Writes a graph as an ONNX model (opset 21, plus com.microsoft for fused CPU kernels).
 *
 * Invariants: the file depends on the graph alone, byte for byte; field numbers are those of onnx.proto (IR version 10).
 */
import type { Constant, DType, Graph, GraphInput, TypedData } from './graph.js';
import { lower, type OnnxAttribute, type OnnxNode, tensorName } from './onnx-lowering.js';
import { ProtobufWriter } from './protobuf.js';
import type { Shape } from './shape.js';

const OPSET = 21; // CUDA kernels of newer versions are incomplete
const IR_VERSION = 10;
/** TensorProto.DataType. */
export const ONNX_TYPE: Record<DType | 'int64', number> = { float32: 1, int32: 6, int64: 7, bool: 9 };

/** The bytes of an ONNX model that computes the graph's outputs. */
export function writeOnnx(graph: Graph): Uint8Array {
  const { nodes, shapeConstants } = lower(graph);
  const writer = new ProtobufWriter();
  writer.integer(1, IR_VERSION);
  writer.string(2, 'dialectic');
  writer.message(7, (model) => {
    for (const node of nodes) model.message(1, (field) => writeNode(field, node));
    model.string(2, 'graph');
    for (const constant of graph.constants) model.message(5, (field) => writeConstant(field, constant));
    for (const [name, values] of shapeConstants) {
      model.message(5, (field) => writeTensor(field, name, [values.length], 'int64', values));
    }
    for (const input of graph.inputs) model.message(11, (field) => writeValueInfo(field, input));
    for (const output of graph.outputs) model.message(12, (field) => writeValueInfo(field, output));
  });
  writer.message(8, (field) => field.string(1, '').integer(2, OPSET));
  writer.message(8, (field) => field.string(1, 'com.microsoft').integer(2, 1));
  return writer.finish();
}

function writeNode(writer: ProtobufWriter, node: OnnxNode): void {
  for (const input of node.inputs) writer.string(1, input);
  for (const output of node.outputs) writer.string(2, output);
  writer.string(3, node.outputs[0]!);
  writer.string(4, node.type);
  for (const [name, value] of Object.entries(node.attributes)) {
    writer.message(5, (field) => writeAttribute(field, name, value));
  }
  if (node.domain !== '') writer.string(7, node.domain);
}

function writeAttribute(writer: ProtobufWriter, name: string, value: OnnxAttribute): void {
  writer.string(1, name);
  if ('float' in value) writer.float(2, value.float).integer(20, 1);
  else if ('integer' in value) writer.integer(3, value.integer).integer(20, 2);
  else if ('string' in value) writer.string(4, value.string).integer(20, 3);
  else {
    for (const item of value.integers) writer.integer(8, item);
    writer.integer(20, 7);
  }
}

function writeConstant(writer: ProtobufWriter, { tensor, data }: Constant): void {
  writeTensor(writer, tensorName(tensor.id), tensor.shape as number[], tensor.dtype, data);
}

function writeTensor(
  writer: ProtobufWriter,
  name: string,
  dims: readonly number[],
  type: DType | 'int64',
  data: TypedData | BigInt64Array,
): void {
  for (const dim of dims) writer.integer(1, dim);
  writer.integer(2, ONNX_TYPE[type]);
  writer.string(8, name);
  writer.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeValueInfo(writer: ProtobufWriter, { name, tensor }: GraphInput): void {
  writer.string(1, name);
  writer.message(2, (type) =>
    type.message(1, (tensorType) => {
      tensorType.integer(1, ONNX_TYPE[tensor.dtype]);
      tensorType.message(2, (shape) => writeShape(shape, tensor.shape));
    }),
  );
}

function writeShape(writer: ProtobufWriter, shape: Shape): void {
  for (const dim of shape) {
    writer.message(1, (field) => {
      if (typeof dim === 'number') field.integer(1, dim);
      else field.string(2, dim);
    });
  }
}
