import t from 'tap';
import { Random } from '../../../src/random.js';
import * as e from '../../../src/tensor/elementwise.js';
import { Graph } from '../../../src/tensor/graph.js';
import { gather, scatterAddLike } from '../../../src/tensor/indexing.js';
import { reshape } from '../../../src/tensor/movement.js';
import { matmul, softmax } from '../../../src/tensor/neural.js';
import { createOnnxRuntime } from '../../../src/tensor/onnxruntime.js';
import { sum } from '../../../src/tensor/reduction.js';
import { floats, integers, type Value } from '../../../src/tensor/runtime.js';

const runtime = createOnnxRuntime({ threads: 1 });

/** y = x + 1 over a named dimension. */
function increment() {
  const graph = new Graph();
  graph.output('y', e.add(graph.input('x', 'float32', ['n', 2]), 1));
  return runtime.compile(graph);
}

t.test('the runtime names the library, its version and its device', async (t) => {
  t.equal(runtime.name, 'onnxruntime 1.30.0 cpu');
});

t.test('one compiled graph serves every size of a named dimension', async (t) => {
  const executable = increment();
  for (const rows of [1, 3, 2]) {
    const x = Float32Array.from({ length: rows * 2 }, (_, i) => i);
    const { y } = executable.run({ x: floats(x, [rows, 2]) });
    t.same(
      y,
      floats(
        x.map((value) => value + 1),
        [rows, 2],
      ),
    );
  }
  executable.release();
});

t.test('a new input array under an old shape is read, not the old one', async (t) => {
  const executable = increment();
  const memory = floats([1, 2], [1, 2]);
  t.same([...executable.run({ x: memory }).y!.data], [2, 3]);
  memory.data.set([5, 6]);
  t.same([...executable.run({ x: memory }).y!.data], [6, 7]);
  t.same([...executable.run({ x: floats([8, 9], [1, 2]) }).y!.data], [9, 10]);
});

t.test('results land in the arrays given, which are the values returned', async (t) => {
  const given = floats(new Float32Array(4), [2, 2]);
  const { y } = increment().run({ x: floats([1, 2, 3, 4], [2, 2]) }, { y: given });
  t.equal(y, given);
  t.same([...given.data], [2, 3, 4, 5]);
});

t.test('an array may be input and output of a run', async (t) => {
  const executable = increment();
  const memory = floats([1, 2, 3, 4], [2, 2]);
  for (let round = 0; round < 3; round++) executable.run({ x: memory }, { y: memory });
  t.same([...memory.data], [4, 5, 6, 7]);
});

t.test('views of shared memory are read and written where they lie, and nowhere else', async (t) => {
  const memory = new Float32Array(new SharedArrayBuffer(40)).fill(-1);
  const x = floats(memory.subarray(1, 5), [2, 2]);
  const y = floats(memory.subarray(5, 9), [2, 2]);
  memory.set([1, 2, 3, 4], 1);
  increment().run({ x }, { y });
  t.same([...memory], [-1, 1, 2, 3, 4, 2, 3, 4, 5, -1]);
  increment().run({ x }, { y: x });
  t.same([...memory], [-1, 2, 3, 4, 5, 2, 3, 4, 5, -1]);
});

t.test('integers and bools are inputs, constants and outputs', async (t) => {
  const graph = new Graph();
  const counts = graph.input('counts', 'int32', [3]);
  const isKept = e.and(e.less(counts, 5), graph.constant(Uint8Array.of(1, 1, 0), [3]));
  graph.output('kept', isKept);
  graph.output(
    'sum',
    sum(
      e.where(
        isKept,
        e.add(counts, graph.constant(Int32Array.of(10, 20, 30), [3])),
        graph.constant(Int32Array.of(-1), []),
      ),
    ),
  );
  graph.output('same', e.and(graph.input('flags', 'bool', [3]), isKept));
  const flags: Value = { data: Uint8Array.of(0, 1, 1), shape: [3] };
  const results = runtime.compile(graph).run({ counts: integers([7, 3, 1], [3]), flags });
  t.same(results.kept, { data: Uint8Array.of(0, 1, 0), shape: [3] });
  t.same(results.sum, integers([21], [])); // -1 + (3 + 20) + -1
  t.same(results.same, { data: Uint8Array.of(0, 1, 0), shape: [3] });
});

t.test('an input may be an output as it is', async (t) => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [2, 2]);
  graph.output('y', x);
  graph.output('z', reshape(x, [4]));
  graph.output('c', graph.scalar(3));
  const { y, z, c } = runtime.compile(graph).run({ x: floats([1, 2, 3, 4], [2, 2]) });
  t.same(y, floats([1, 2, 3, 4], [2, 2]));
  t.same(z, floats([1, 2, 3, 4], [4]));
  t.same(c, floats([3], []));
});

t.test('an empty dimension gives empty results, and sums of nothing are zero', async (t) => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['n', 2]);
  const rows = graph.input('rows', 'int32', ['n']);
  graph.output('soft', softmax(e.add(x, 1)));
  graph.output('sum', sum(x));
  graph.output('product', matmul(x, x, { transposeA: true }));
  graph.output('picked', gather(graph.constant(Float32Array.of(1, 2), [2]), rows));
  graph.output('scattered', scatterAddLike(graph.constant(new Float32Array(4), [2, 2]), rows, x));
  const results = runtime.compile(graph).run({ x: floats([], [0, 2]), rows: integers([], [0]) });
  t.same(results.soft, floats([], [0, 2]));
  t.same(results.sum, floats([0], []));
  t.same(results.product, floats([0, 0, 0, 0], [2, 2]));
  t.same(results.picked, floats([], [0]));
  t.same(results.scattered, floats([0, 0, 0, 0], [2, 2]));
});

t.test('a run is checked before it executes', async (t) => {
  const executable = increment();
  const x = floats([1, 2], [1, 2]);
  t.throws(() => executable.run({}), { code: 'SHAPE', message: 'input x is missing' });
  t.throws(() => executable.run({ x, z: x }), { code: 'SHAPE', message: /no input named z/ });
  t.throws(() => executable.run({ x: floats([1, 2, 3], [1, 3]) }), {
    code: 'SHAPE',
    message: 'input x has shape [1, 3], expected [n, 2]',
  });
  t.throws(() => executable.run({ x: floats([1, 2], [2]) }), { code: 'SHAPE' });
  t.throws(() => executable.run({ x: floats([1, 2, 3], [1, 2]) }), { code: 'SHAPE', message: /3 elements/ });
  t.throws(() => executable.run({ x: integers([1, 2], [1, 2]) }), {
    code: 'SHAPE',
    message: /int32, expected float32/,
  });
  t.throws(() => executable.run({ x }, { y: floats([1, 2, 3, 4], [2, 2]) }), {
    code: 'SHAPE',
    message: /output y.*n=1/,
  });
  t.throws(() => executable.run({ x }, { y: integers([1, 2], [1, 2]) }), { code: 'SHAPE' });
});

t.test('an output that the graph does not have cannot be given', async (t) => {
  const x = floats([1, 2], [1, 2]);
  t.throws(() => increment().run({ x }, { why: x }), { code: 'SHAPE', message: /no output named why/ });
});

t.test(
  'a failure of the native library is an ENGINE error with its message, and the next run works',
  async (t) => {
    const graph = new Graph();
    graph.output('y', gather(graph.input('table', 'float32', [2, 3]), graph.input('rows', 'int32', [1])));
    const executable = runtime.compile(graph);
    const table = floats([1, 2, 3, 4, 5, 6], [2, 3]);
    t.throws(() => executable.run({ table, rows: integers([7], [1]) }), {
      name: 'DialecticError',
      code: 'ENGINE',
      message: /^ONNX Runtime, Run: .*Gather.*7/s,
    });
    t.same([...executable.run({ table, rows: integers([1], [1]) }).y!.data], [4, 5, 6]);
  },
);

t.test('a released executable says so', async (t) => {
  const executable = increment();
  executable.release();
  executable.release();
  t.throws(() => executable.run({ x: floats([1, 2], [1, 2]) }), { code: 'ENGINE', message: /released/ });
});

t.test('many values come and go without mixing', async (t) => {
  const seed = Number(process.env.TEST_SEED ?? 1);
  const random = new Random(seed, 'values');
  const executable = increment();
  const mixed: number[] = [];
  for (let round = 0; round < 2000; round++) {
    const data = Float32Array.from({ length: 2 * random.integer(1, 40) }, () => random.integer(0, 1000));
    const { y } = executable.run({ x: floats(data, [data.length / 2, 2]) });
    const isRight = y!.data.length === data.length && y!.data.every((value, i) => value === data[i]! + 1);
    if (!isRight) mixed.push(round);
  }
  t.same(mixed, [], `rounds that mixed values up, TEST_SEED=${seed}`);
});
