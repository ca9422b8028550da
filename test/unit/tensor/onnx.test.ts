import t from 'tap';
import { add, exp, mul } from '../../../src/tensor/elementwise.js';
import { Graph } from '../../../src/tensor/graph.js';
import { slice } from '../../../src/tensor/movement.js';
import { matmul } from '../../../src/tensor/neural.js';
import { writeOnnx } from '../../../src/tensor/onnx.js';
import { ProtobufWriter } from '../../../src/tensor/protobuf.js';
import { evaluate } from '../../kit/float64.js';
import { forwardGraph, OPERATOR_CASES } from '../../kit/operator-cases.js';

type Field = { readonly number: number; readonly value: bigint | Uint8Array };

/** Fields of a protocol-buffer message, in order. */
function decode(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Uint8Array => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const wire = tag % 8;
    const value = wire === 0 ? varint() : take(wire === 5 ? 4 : Number(varint()));
    fields.push({ number: tag >> 3, value });
  }
  return fields;
}

const all = (fields: readonly Field[], number: number) =>
  fields.filter((field) => field.number === number).map(({ value }) => value);
const bytesOf = (fields: readonly Field[], number: number) => all(fields, number) as Uint8Array[];
const textOf = (fields: readonly Field[], number: number) =>
  bytesOf(fields, number).map((value) => new TextDecoder().decode(value));

t.test('the same graph is written as the same bytes, for every operator', async (t) => {
  for (const testCase of OPERATOR_CASES) {
    const [first, second] = [0, 1].map(() => writeOnnx(forwardGraph(testCase).graph));
    t.same(Buffer.compare(first!, second!), 0, testCase.title);
  }
});

t.test('the file says version, operator sets, inputs, outputs, constants and nodes', async (t) => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['n', 2]);
  const weight = graph.constant(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
  graph.output('y', slice(matmul(x, weight, { scale: 0.5 }), 1, 1, 3));
  const model = decode(writeOnnx(graph));
  t.same(all(model, 1), [10n]);
  t.same(
    bytesOf(model, 8).map((field) => [textOf(decode(field), 1)[0], all(decode(field), 2)[0]]),
    [
      ['', 21n],
      ['com.microsoft', 1n],
    ],
  );
  const body = decode(bytesOf(model, 7)[0]!);
  const nodes = bytesOf(body, 1).map(decode);
  t.same(
    nodes.map((node) => textOf(node, 4)[0]),
    ['Gemm', 'Slice', 'Identity'],
  );
  t.same(textOf(nodes[0]!, 1), ['x', `t${weight.id}`]);
  t.same(textOf(nodes[2]!, 2), ['y']);
  const alpha = bytesOf(nodes[0]!, 5)
    .map(decode)
    .find((attribute) => textOf(attribute, 1)[0] === 'alpha')!;
  const [half] = bytesOf(alpha, 2);
  t.equal(new DataView(half!.buffer, half!.byteOffset).getFloat32(0, true), 0.5);
  const constants = bytesOf(body, 5).map(decode);
  const written = constants.find((constant) => textOf(constant, 8)[0] === `t${weight.id}`)!;
  t.same(all(written, 1), [2n, 3n]);
  t.same(new Float32Array(bytesOf(written, 9)[0]!.slice().buffer), Float32Array.of(1, 2, 3, 4, 5, 6));
  const shapeOf = (info: Uint8Array) => {
    const tensorType = decode(bytesOf(decode(bytesOf(decode(info), 2)[0]!), 1)[0]!);
    const dims = bytesOf(decode(bytesOf(tensorType, 2)[0]!), 1).map(decode);
    return dims.map(
      (dim) =>
        textOf(
          dim.filter(({ number }) => number === 2),
          2,
        )[0] ?? all(dim, 1)[0],
    );
  };
  t.same(bytesOf(body, 11).map(shapeOf), [['n', 2n]]);
  t.same(bytesOf(body, 12).map(shapeOf), [['n', 2n]]);
});

t.test('nodes that no output depends on are left out', async (t) => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [2]);
  exp(exp(x));
  graph.output('y', mul(add(x, 1), 2));
  const body = decode(bytesOf(decode(writeOnnx(graph)), 7)[0]!);
  t.same(
    bytesOf(body, 1).map((node) => textOf(decode(node), 4)[0]),
    ['Add', 'Mul', 'Identity'],
  );
  t.equal(evaluate(graph, { x: { data: Float64Array.of(1, 2), shape: [2] } }).size, graph.nodes.length + 3);
});

t.test('integers are written as varints, negative ones in ten bytes', async (t) => {
  t.same([...new ProtobufWriter().integer(1, 300).finish()], [8, 0b10101100, 0b10]);
  t.same([...new ProtobufWriter().integer(1, 0).finish()], [8, 0]);
  t.same([...new ProtobufWriter().integer(1, -1).finish()], [8, ...new Array<number>(9).fill(255), 1]);
  t.same(all(decode(new ProtobufWriter().integer(20, 2 ** 40).finish()), 20), [2n ** 40n]);
});

t.test('messages nest with their lengths, whatever their size', async (t) => {
  const long = 'x'.repeat(1000);
  const bytes = new ProtobufWriter()
    .message(3, (outer) => outer.message(4, (inner) => inner.string(5, long)).integer(6, 7))
    .finish();
  const outer = decode(bytesOf(decode(bytes), 3)[0]!);
  t.same(textOf(decode(bytesOf(outer, 4)[0]!), 5), [long]);
  t.same(all(outer, 6), [7n]);
});
