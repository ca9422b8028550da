import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { Random } from '../../../src/random.js';
import { add, mul } from '../../../src/tensor/elementwise.js';
import { Graph } from '../../../src/tensor/graph.js';
import { gather, scatterAddLike } from '../../../src/tensor/indexing.js';
import { reshape } from '../../../src/tensor/movement.js';
import { createOnnxRuntime } from '../../../src/tensor/onnxruntime.js';
import { sum } from '../../../src/tensor/reduction.js';
import { floats, integers, type Runtime, type Value, type Values } from '../../../src/tensor/runtime.js';
import { createTensorflowRuntime } from '../../../src/tensor/tfjs.js';
import { KERNELS } from '../../../src/tensor/tfjs-kernels.js';
import { evaluate, toDoubles } from '../../kit/float64.js';
import {
  discrepancy,
  drawInputs,
  forwardGraph,
  OPERATOR_CASES,
  type OperatorCase,
} from '../../kit/operator-cases.js';

const SEED = Number(process.env.TEST_SEED ?? 1);
const TOLERANCE = 1e-5;

const wasm = await createTensorflowRuntime({ backend: 'wasm' });
const cpu = await createTensorflowRuntime({ backend: 'cpu' });
const runtimes: readonly Runtime[] = [createOnnxRuntime({ threads: 1 }), wasm, cpu];

/** Outputs of one run on fresh copies of the inputs; outputs of `inPlace` are written over inputs. */
function runCase(runtime: Runtime, testCase: OperatorCase, inputs: Values): Record<string, Value> {
  const own = Object.fromEntries(
    Object.entries(inputs).map(([name, { data, shape }]) => [name, { data: data.slice(), shape }]),
  );
  const into = Object.fromEntries(
    Object.entries(testCase.inPlace).map(([output, input]) => [output, own[input]!]),
  );
  const executable = runtime.compile(forwardGraph(testCase).graph);
  const results = executable.run(own, into);
  executable.release();
  return results;
}

t.test('every operator has a case', async (t) => {
  const covered = new Set<string>(OPERATOR_CASES.map(({ op }) => op));
  t.same(
    Object.keys(KERNELS).filter((op) => !covered.has(op)),
    [],
  );
});

for (const testCase of OPERATOR_CASES) {
  t.test(`ONNX Runtime and TensorFlow.js compute ${testCase.title}`, async (t) => {
    const inputs = drawInputs(testCase, SEED);
    const { graph } = forwardGraph(testCase);
    const expected = evaluate(graph, toDoubles(inputs));
    for (const runtime of runtimes) {
      const results = runCase(runtime, testCase, inputs);
      for (const { name, tensor } of graph.outputs) {
        const { data, shape } = expected.get(tensor.id)!;
        t.same(results[name]!.shape, shape);
        const off = discrepancy(results[name]!.data, data);
        t.ok(off <= TOLERANCE, `${runtime.name}, ${name}: off by ${off}, TEST_SEED=${SEED}`);
      }
    }
  });
}

t.test('a run leaves no TensorFlow.js tensor behind, and releasing frees the constants', async (t) => {
  for (const runtime of [wasm, cpu]) {
    const before = tf.memory().numTensors;
    const executables = OPERATOR_CASES.map((testCase) => ({
      inputs: drawInputs(testCase, SEED),
      executable: runtime.compile(forwardGraph(testCase).graph),
    }));
    const compiled = tf.memory().numTensors;
    for (let round = 0; round < 3; round++) {
      for (const { executable, inputs } of executables) executable.run(inputs);
      t.equal(tf.memory().numTensors, compiled, `${runtime.name}, round ${round}`);
    }
    for (const { executable } of executables) executable.release();
    t.equal(tf.memory().numTensors, before);
    t.throws(() => executables[0]!.executable.run(executables[0]!.inputs), {
      code: 'ENGINE',
      message: /released/,
    });
  }
});

t.test('an intermediate tensor is freed after its last use', async (t) => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [1000]);
  let y = x;
  for (let i = 0; i < 20; i++) y = add(y, x);
  graph.output('y', y);
  const executable = cpu.compile(graph);
  const inputs = { x: floats(new Float32Array(1000).fill(1), [1000]) };
  const before = tf.memory().numBytes;
  const { peakBytes } = await tf.profile(() => {
    executable.run(inputs);
    return tf.scalar(0);
  });
  t.ok(peakBytes - before <= 4 * 4000, `${peakBytes - before} bytes for an input, a sum and the next sum`);
});

t.test('a failed run leaves no tensor behind and says which operator failed', async (t) => {
  const graph = new Graph();
  const rows = graph.input('rows', 'int32', [1]);
  graph.output('y', gather(graph.input('table', 'float32', [2, 3]), rows));
  const executable = cpu.compile(graph);
  const before = tf.memory().numTensors;
  const inputs = { table: floats([1, 2, 3, 4, 5, 6], [2, 3]), rows: integers([7], [1]) };
  t.throws(() => executable.run(inputs), { code: 'ENGINE', message: /cpu, gather: / });
  t.equal(tf.memory().numTensors, before);
});

t.test(
  'outputs are read before any is written, so an input may be an output and still be read',
  async (t) => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2, 2]);
    graph.output('next', add(x, 1));
    graph.output('same', reshape(x, [4]));
    for (const runtime of [wasm, cpu]) {
      const memory = floats(new Float32Array(new SharedArrayBuffer(32), 8, 4), [2, 2]);
      memory.data.set([1, 2, 3, 4]);
      const executable = runtime.compile(graph);
      const { next, same } = executable.run({ x: memory }, { next: memory });
      t.equal(next, memory);
      t.same([...next!.data], [2, 3, 4, 5]);
      t.same([...same!.data], [1, 2, 3, 4]);
      executable.release();
    }
  },
);

t.test('runtimes of different backends take turns', async (t) => {
  const graph = new Graph();
  graph.output('y', mul(graph.input('x', 'float32', ['n']), graph.constant(Float32Array.of(2, 3), [2, 1])));
  const executables = [wasm, cpu].map((runtime) => runtime.compile(graph));
  for (let round = 0; round < 2; round++) {
    for (const executable of executables) {
      t.same([...executable.run({ x: floats([1, 2], [2]) }).y!.data], [2, 4, 3, 6]);
    }
  }
  t.same([...executables[0]!.run({ x: floats([1, 2, 3], [3]) }).y!.data], [2, 4, 6, 3, 6, 9]);
});

t.test('a wrong shape, a wrong type and a missing input are SHAPE errors', async (t) => {
  const graph = new Graph();
  graph.output('y', add(graph.input('x', 'float32', ['n', 2]), 1));
  const executable = cpu.compile(graph);
  t.throws(() => executable.run({}), { code: 'SHAPE', message: /input x is missing/ });
  t.throws(() => executable.run({ x: floats([1, 2, 3], [1, 3]) }), { code: 'SHAPE', message: /\[1, 3\]/ });
  t.throws(() => executable.run({ x: integers([1, 2], [1, 2]) }), { code: 'SHAPE', message: /int32/ });
  t.throws(() => executable.run({ x: floats([1, 2], [1, 2]) }, { y: floats([1], [1, 1]) }), {
    code: 'SHAPE',
  });
});

t.test('the sum of a million numbers is that of double precision, on every runtime', async (t) => {
  const random = new Random(SEED, 'long sum');
  const data = Float32Array.from({ length: 1_000_003 }, () => random.uniform() ** 2);
  const expected = data.reduce((total, x) => total + x, 0);
  const graph = new Graph();
  graph.output('total', sum(graph.input('x', 'float32', ['N']), [0], true));
  for (const runtime of runtimes) {
    const executable = runtime.compile(graph);
    const { total } = executable.run({ x: floats(data, [data.length]) });
    executable.release();
    t.same(total!.shape, [1]);
    const error = Math.abs(total!.data[0]! / expected - 1);
    t.ok(error < 2e-5, `${runtime.name}: ${error}, seed ${SEED}`);
  }
});

t.test('an empty dimension gives empty results', async (t) => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['n', 2]);
  graph.output('sum', add(x, graph.constant(Float32Array.of(1, 2), [2])));
  graph.output(
    'scattered',
    scatterAddLike(graph.constant(new Float32Array(4), [2, 2]), graph.input('rows', 'int32', ['n']), x),
  );
  for (const runtime of [wasm, cpu]) {
    const executable = runtime.compile(graph);
    const { sum, scattered } = executable.run({ x: floats([], [0, 2]), rows: integers([], [0]) });
    t.same(sum, floats([], [0, 2]));
    t.same(scattered, floats([0, 0, 0, 0], [2, 2]));
  }
});

t.test('the automatic choice starts, and names TensorFlow.js, its version and its backend', async (t) => {
  const { name } = await createTensorflowRuntime();
  t.match(name, /^tensorflow\.js 4\.22\.0 (tensorflow|wasm|cpu)/);
});

t.test('starting and running write nothing to stdout or stderr, and leave no process listener', async (t) => {
  const script = `
    const { createTensorflowRuntime } = await import('./tfjs.js');
    const { Graph } = await import('./graph.js');
    const { exp } = await import('./elementwise.js');
    for (const backend of ['wasm', 'cpu']) {
      const runtime = await createTensorflowRuntime({ backend });
      const graph = new Graph();
      graph.output('y', exp(graph.input('x', 'float32', [1])));
      runtime.compile(graph).run({ x: { data: Float32Array.of(0), shape: [1] } });
    }
    process.exitCode = process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection');`;
  const folder = fileURLToPath(new URL('../../../src/tensor/', import.meta.url));
  const argv = ['--input-type=module', '--eval', script];
  const result = spawnSync(process.execPath, argv, { cwd: folder, encoding: 'utf8', env: {} });
  t.same(
    { status: result.status, stdout: result.stdout, stderr: result.stderr },
    { status: 0, stdout: '', stderr: '' },
  );
});
