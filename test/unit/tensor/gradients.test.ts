import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { Random } from '../../../src/random.js';
import * as e from '../../../src/tensor/elementwise.js';
import { GRADIENT_RULES } from '../../../src/tensor/gradient-rules.js';
import { checkpoint, gradients, gradientsOfLoss } from '../../../src/tensor/gradients.js';
import { Graph, type Tensor } from '../../../src/tensor/graph.js';
import { matmul, rmsNorm, softmax } from '../../../src/tensor/neural.js';
import { lower } from '../../../src/tensor/onnx-lowering.js';
import { createOnnxRuntime } from '../../../src/tensor/onnxruntime.js';
import type { OpName } from '../../../src/tensor/operators.js';
import { max, sum } from '../../../src/tensor/reduction.js';
import { dtypeOf, floats, type Value, type Values } from '../../../src/tensor/runtime.js';
import { evaluateShape, sizeOf } from '../../../src/tensor/shape.js';
import { createTensorflowRuntime, interpret } from '../../../src/tensor/tfjs.js';
import { type Doubles, evaluate, toDoubles } from '../../kit/float64.js';
import {
  discrepancy,
  drawInputs,
  forwardGraph,
  OPERATOR_CASES,
  type OperatorCase,
  SIZES,
} from '../../kit/operator-cases.js';
import { registerGradients } from '../../kit/tfjs-gradients.js';

const SEED = Number(process.env.TEST_SEED ?? 1);
const STEP = 1e-5; // of central differences in double precision: their error is of the order of STEP²
const cases = OPERATOR_CASES.filter(({ wrt }) => wrt.length > 0);
const onnx = createOnnxRuntime({ threads: 1 });
const tensorflow = await createTensorflowRuntime({ backend: 'cpu' });
await registerGradients();

/** The forward graph with inputs `seed0`, … for the gradients of the outputs, and outputs `d <input>`. */
function gradientGraph(testCase: OperatorCase): Graph {
  const { graph, inputs, outputs } = forwardGraph(testCase);
  const seeds = outputs.map((output, i) => graph.input(`seed${i}`, 'float32', output.shape));
  const wrt = testCase.wrt.map((name) => inputs[name]!);
  gradients(outputs, seeds, wrt).forEach((gradient, i) => {
    graph.output(`d ${testCase.wrt[i]}`, gradient);
  });
  return graph;
}

function drawSeeds(testCase: OperatorCase): Record<string, Value> {
  const random = new Random(SEED, 'seeds', testCase.title);
  return Object.fromEntries(
    forwardGraph(testCase).outputs.map((output, i) => {
      const shape = evaluateShape(output.shape, SIZES);
      return [
        `seed${i}`,
        floats(
          Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
          shape,
        ),
      ];
    }),
  );
}

/** Central differences of Σ seeds·outputs in double precision. */
function differences(testCase: OperatorCase, inputs: Values, seeds: Values): Record<string, number[]> {
  const { graph, outputs } = forwardGraph(testCase);
  const base = toDoubles(inputs);
  const atBase = evaluate(graph, base);
  const held = new Map<number, Doubles>();
  for (const { op, outputs } of graph.nodes) {
    if (op === 'stopGradient') held.set(outputs[0]!.id, atBase.get(outputs[0]!.id)!);
  }
  const lossAt = (name: string, i: number, step: number): number => {
    const data = base[name]!.data.slice();
    data[i]! += step;
    const values = evaluate(graph, { ...base, [name]: { data, shape: base[name]!.shape } }, held);
    return outputs.reduce((total, output, o) => {
      const seed = seeds[`seed${o}`]!.data;
      return values.get(output.id)!.data.reduce((sum, y, at) => sum + y * seed[at]!, total);
    }, 0);
  };
  return Object.fromEntries(
    testCase.wrt.map((name) => [
      `d ${name}`,
      Array.from(base[name]!.data, (_, i) => (lossAt(name, i, STEP) - lossAt(name, i, -STEP)) / (2 * STEP)),
    ]),
  );
}

/** TensorFlow.js's own gradients of Σ seeds·outputs of the forward graph. */
function autodiff(testCase: OperatorCase, inputs: Values, seeds: Values): Record<string, Float32Array> {
  const upload = ({ data, shape }: Value) => tf.tensor(data, [...shape], dtypeOf(data));
  const results: Record<string, Float32Array> = {};
  tf.tidy(() => {
    const fed = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, upload(value)]));
    const { graph } = forwardGraph(testCase);
    const loss = (...wrt: tf.Tensor[]): tf.Scalar => {
      const varied = Object.fromEntries(testCase.wrt.map((name, i) => [name, wrt[i]!]));
      const outputs = interpret(graph, { ...fed, ...varied });
      const terms = Object.values(outputs).map((y, i) => tf.sum(tf.mul(y, upload(seeds[`seed${i}`]!))));
      return tf.addN(terms) as tf.Scalar;
    };
    const found = tf.grads(loss)(testCase.wrt.map((name) => fed[name]!));
    testCase.wrt.forEach((name, i) => {
      results[`d ${name}`] = found[i]!.dataSync<'float32'>();
    });
  });
  return results;
}

t.test('every gradient rule has a case', async (t) => {
  const covered = new Set<OpName>(cases.map(({ op }) => op));
  t.same(
    (Object.keys(GRADIENT_RULES) as OpName[]).filter((op) => !covered.has(op)),
    [],
  );
});

for (const testCase of cases) {
  t.test(`the gradient of ${testCase.title} is that of differences and of TensorFlow.js`, async (t) => {
    const inputs = drawInputs(testCase, SEED);
    const seeds = drawSeeds(testCase);
    const graph = gradientGraph(testCase);
    const fed = { ...inputs, ...seeds };
    const exact = evaluate(graph, toDoubles(fed));
    const byDifferences = differences(testCase, inputs, seeds);
    const byTensorflow = autodiff(testCase, inputs, seeds);
    const executed = [onnx, tensorflow].map((runtime) => ({
      name: runtime.name,
      results: runtime.compile(graph).run(fed),
    }));
    const gradients = graph.outputs.filter(({ name }) => name.startsWith('d '));
    t.equal(gradients.length, testCase.wrt.length);
    for (const { name, tensor } of gradients) {
      const rule = exact.get(tensor.id)!.data;
      const check = (what: string, off: number, tolerance: number) =>
        t.ok(off <= tolerance, `${name}: ${what} are off by ${off}, TEST_SEED=${SEED}`);
      check('central differences', discrepancy(byDifferences[name]!, rule), 1e-7);
      check('TensorFlow.js’s own gradients', discrepancy(byTensorflow[name]!, rule), 1e-5);
      for (const run of executed)
        check(`gradients on ${run.name}`, discrepancy(run.results[name]!.data, rule), 1e-5);
    }
  });
}

t.test('the gradient of a tie goes to the first', async (t) => {
  for (const apply of [e.maximum, e.minimum]) {
    const graph = new Graph();
    const a = graph.input('a', 'float32', [1]);
    const b = graph.input('b', 'float32', [1]);
    const [da, db] = gradientsOfLoss(sum(apply(a, b)), [a, b]);
    const values = evaluate(graph, toDoubles({ a: floats([2], [1]), b: floats([2], [1]) }));
    t.same([values.get(da!.id)!.data[0], values.get(db!.id)!.data[0]], [1, 0]);
  }
});

t.test('gradients of a tensor used several times add up', async (t) => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [2]);
  // d/dx (x·x + 3x) = 2x + 3
  const [dx] = gradientsOfLoss(sum(e.add(e.mul(x, x), e.mul(x, 3))), [x]);
  graph.output('dx', dx!);
  t.same([...onnx.compile(graph).run({ x: floats([1, -2], [2]) }).dx!.data], [5, -1]);
});

t.test('an operator without a gradient is an error, unless it is under stopGradient', async (t) => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [3]);
  const largest = max(x);
  t.throws(() => gradientsOfLoss(sum(e.mul(x, largest)), [x]), {
    code: 'SHAPE',
    message: /reduceMax has no gradient/,
  });
  const [dx] = gradientsOfLoss(sum(e.mul(x, e.stopGradient(largest))), [x]);
  t.same(dx!.shape, [3]);
});

t.test('a tensor that does not influence the loss is an error', async (t) => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [3]);
  const y = graph.input('y', 'float32', [3]);
  t.throws(() => gradientsOfLoss(sum(e.exp(x)), [x, y]), {
    code: 'SHAPE',
    message: /tensor 1 .*not influence/,
  });
  t.throws(() => gradientsOfLoss(sum(e.stopGradient(x)), [x]), { code: 'SHAPE', message: /tensor 0/ });
});

/** Loss and gradients of a few layers of a small network, with or without checkpointed layers. */
function network(wrap: (inputs: Tensor[], body: (...inputs: Tensor[]) => Tensor[]) => Tensor[]): Graph {
  const graph = new Graph();
  const tokens = graph.input('tokens', 'float32', ['n', 8]);
  const weights = [0, 1, 2].map((i) => graph.input(`w${i}`, 'float32', [8, 8]));
  const scales = [0, 1, 2].map((i) => graph.input(`s${i}`, 'float32', [8]));
  let hidden = tokens;
  weights.forEach((weight, i) => {
    // Two outputs, the second used only by the loss of the last layer.
    const [next] = wrap([hidden, weight, scales[i]!], (x, w, s) => {
      const inner = e.gelu(matmul(rmsNorm(x!, s!, 1e-6), w!));
      return [e.add(x!, inner), softmax(inner)];
    });
    hidden = next!;
  });
  const loss = sum(e.mul(hidden, e.tanh(hidden)));
  graph.output('loss', loss);
  const wrt = [tokens, ...weights, ...scales];
  gradientsOfLoss(loss, wrt).forEach((gradient, i) => {
    graph.output(`d${i}`, gradient);
  });
  return graph;
}

t.test('checkpointed layers give the same loss and gradients, and are computed twice', async (t) => {
  const kept = network((inputs, body) => body(...inputs));
  const again = network(checkpoint);
  const nested = network((inputs, body) => checkpoint(inputs, (...outer) => checkpoint(outer, body)));
  const random = new Random(SEED, 'network');
  const draw = (shape: number[]) =>
    floats(
      Float32Array.from({ length: sizeOf(shape) }, () => 0.5 * random.normal()),
      shape,
    );
  const inputs = Object.fromEntries(
    kept.inputs.map(({ name, tensor }) => [name, draw(evaluateShape(tensor.shape, new Map([['n', 5]])))]),
  );
  const count = (graph: Graph, type: string) =>
    lower(graph).nodes.filter((node) => node.type === type).length;
  for (const type of ['Gelu', 'SimplifiedLayerNormalization']) {
    t.equal(count(kept, type), 3);
    t.equal(count(again, type), 6);
  }
  for (const runtime of [onnx, tensorflow]) {
    const expected = runtime.compile(kept).run(inputs);
    for (const graph of [again, nested]) {
      const results = runtime.compile(graph).run(inputs);
      for (const { name } of kept.outputs) {
        const off = discrepancy(results[name]!.data, expected[name]!.data);
        t.ok(off <= 1e-6, `${runtime.name}, ${name}: off by ${off}, TEST_SEED=${SEED}`);
      }
    }
  }
});

t.test('a checkpointed region between other layers passes gradients on both sides', async (t) => {
  const build = (wrap: typeof checkpoint): Graph => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [4]);
    const before = e.exp(x);
    const [a, b] = wrap([before, x], (p, q) => [e.mul(p!, q!), e.tanh(e.add(p!, q!))]);
    const loss = sum(e.add(e.mul(a!, 0.5), e.mul(b!, e.sigmoid(x))));
    graph.output('dx', gradientsOfLoss(loss, [x])[0]!);
    return graph;
  };
  const inputs = toDoubles({ x: floats([0.1, -0.7, 1.2, 0.4], [4]) });
  const [kept, again] = [build((inputs, body) => body(...inputs)), build(checkpoint)].map(
    (graph) => evaluate(graph, inputs).get(graph.outputs[0]!.tensor.id)!,
  );
  t.ok(discrepancy(again!.data, kept!.data) <= 1e-14);
});
