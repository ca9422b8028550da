/**
 * Executes graphs operator by operator with TensorFlow.js: with tfjs-node-gpu where the user installed it, else in
 * WebAssembly, else in plain JavaScript. This file and tfjs-kernels.ts are TensorFlow.js's only door.
 *
 * Invariants:
 * - a run leaves no tensor behind; constants are uploaded once a compile;
 * - an intermediate tensor is freed after its last use;
 * - nothing is written to stdout, and no process listener is left behind.
 */
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { DialecticError, toDialecticError } from '../errors.js';
import type { Graph, Node, Tensor } from './graph.js';
import type { Executable, Runtime, Value, Values } from './runtime.js';
import { dtypeOf, planRun, releasedError } from './runtime.js';
import { type Bindings, bindShape, evaluateShape } from './shape.js';
import { KERNELS } from './tfjs-kernels.js';

interface TensorflowOptions {
  /** `auto` takes the first that starts of tfjs-node-gpu, wasm and cpu. */
  readonly backend?: 'auto' | 'wasm' | 'cpu';
}

/** TensorFlow.js's names of its backends; `tensorflow` is the native one of tfjs-node-gpu. */
type Backend = 'tensorflow' | 'wasm' | 'cpu';

/** Errors: ENGINE when the backend asked for does not start. */
export async function createTensorflowRuntime({
  backend = 'auto',
}: TensorflowOptions = {}): Promise<Runtime> {
  tf.enableProdMode(); // else the cpu backend prints an advertisement for tfjs-node
  const candidates: Backend[] = backend === 'auto' ? ['tensorflow', 'wasm', 'cpu'] : [backend];
  const failures: string[] = [];
  for (const candidate of candidates) {
    const failure = await start(candidate);
    if (failure === null) {
      const note = failures.length > 0 ? ` (${failures.join('; ')})` : '';
      return {
        name: `tensorflow.js ${tf.version_core} ${candidate}${note}`,
        compile: (graph) => new TensorflowExecutable(graph, candidate),
      };
    }
    if (failure !== NOT_INSTALLED) failures.push(`${candidate} does not start: ${failure}`);
  }
  throw new DialecticError('ENGINE', `TensorFlow.js: ${failures.join('; ')}; run npm ci again`);
}

const NOT_INSTALLED = 'not installed';

/** Registers and starts a backend; gives the reason if it cannot. */
async function start(backend: Backend): Promise<string | null> {
  try {
    if (backend === 'tensorflow') await importNative();
    if (backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
    if (backend === 'cpu') await import('@tensorflow/tfjs-backend-cpu');
    const started = await withoutNewListeners(() => tf.setBackend(backend));
    return started ? null : 'its initialisation failed';
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException;
    return backend === 'tensorflow' && code === 'ERR_MODULE_NOT_FOUND' ? NOT_INSTALLED : message;
  }
}

async function importNative(): Promise<void> {
  // tfjs-node 4.22 calls two functions that Node 23 removed.
  const legacy = util as unknown as Record<string, unknown>;
  legacy.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  legacy.isArray ??= Array.isArray;
  // Not a literal: the package is optional, so are its types. It brings all of TensorFlow.js; whichever copy of its core
  // registers the backend, the engine is one, since every copy keeps it in one global.
  const name: string = '@tensorflow/tfjs-node-gpu';
  await import(name);
}

/** WebAssembly start-up code rethrows every uncaught error of the process; what fails is not its to decide. */
async function withoutNewListeners<R>(work: () => Promise<R>): Promise<R> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.rawListeners(event));
  const result = await work();
  events.forEach((event, i) => {
    for (const listener of process.rawListeners(event)) {
      if (!before[i]!.includes(listener)) process.removeListener(event, listener as () => void);
    }
  });
  return result;
}

/** A node to execute, and the tensors that nothing needs after it. */
interface Step {
  readonly node: Node;
  readonly finished: readonly number[];
}

/** The nodes that some output depends on, in order. */
function plan(graph: Graph): Step[] {
  const kept = new Set([...graph.outputs, ...graph.constants].map(({ tensor }) => tensor.id));
  const wanted = new Set(graph.outputs.map(({ tensor }) => tensor.id));
  const steps: Step[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((output) => wanted.has(output.id))) continue;
    const finished = new Set<number>();
    for (const { id } of node.outputs) if (!wanted.has(id)) finished.add(id); // made, but read by nothing
    for (const { id } of node.inputs) {
      if (!wanted.has(id) && !kept.has(id)) finished.add(id);
      wanted.add(id);
    }
    steps.push({ node, finished: [...finished] });
  }
  return steps.reverse();
}

type Tensors = Map<number, tf.Tensor>;

function execute(node: Node, tensors: Tensors, bindings: Bindings): void {
  const inputs = node.inputs.map((input) => tensors.get(input.id)!);
  const shapes = node.outputs.map((output) => evaluateShape(output.shape, bindings));
  const kernel = KERNELS[node.op] as (
    inputs: readonly tf.Tensor[],
    attributes: object,
    shapes: readonly (readonly number[])[],
  ) => tf.Tensor | readonly tf.Tensor[];
  const results = tf.tidy(() => {
    const made = kernel(inputs, node.attributes, shapes);
    const list = Array.isArray(made) ? (made as tf.Tensor[]) : [made as tf.Tensor];
    return list.map((tensor) => (inputs.includes(tensor) ? tf.clone(tensor) : tensor)); // each output is freed on its own
  });
  node.outputs.forEach((output, i) => {
    tensors.set(output.id, results[i]!);
  });
}

const upload = ({ data, shape }: Value): tf.Tensor => tf.tensor(data, [...shape], dtypeOf(data));

/**
 * The outputs of a graph as TensorFlow.js tensors, frozen constants included, on the backend in force; nothing is freed early, so that
 * `tf.grads` can differentiate it.
 */
export function interpret(
  graph: Graph,
  inputs: Readonly<Record<string, tf.Tensor>>,
): Record<string, tf.Tensor> {
  const bindings: Bindings = new Map();
  const tensors: Tensors = new Map();
  for (const { name, tensor } of graph.inputs) {
    bindShape(`input ${name}`, tensor.shape, inputs[name]!.shape, bindings);
    tensors.set(tensor.id, inputs[name]!);
  }
  for (const { tensor, data } of graph.constants) tensors.set(tensor.id, upload(constantValue(tensor, data)));
  for (const { node } of plan(graph)) execute(node, tensors, bindings);
  return Object.fromEntries(graph.outputs.map(({ name, tensor }) => [name, tensors.get(tensor.id)!]));
}

/** Constants have static shapes. */
const constantValue = (tensor: Tensor, data: Value['data']): Value => ({
  data,
  shape: tensor.shape as number[],
});

class TensorflowExecutable implements Executable {
  readonly #steps: readonly Step[];
  readonly #constants: Tensors;
  #isReleased = false;

  constructor(
    private readonly graph: Graph,
    private readonly backend: Backend,
  ) {
    activate(backend);
    this.#steps = plan(graph);
    this.#constants = new Map(
      graph.constants.map(({ tensor, data }) => [tensor.id, tf.keep(upload(constantValue(tensor, data)))]),
    );
  }

  run(inputs: Values, into: Values = {}): Record<string, Value> {
    if (this.#isReleased) throw releasedError();
    const { bindings, outputs } = planRun(this.graph, inputs, into);
    activate(this.backend);
    tf.tidy(() => {
      const tensors: Tensors = new Map(this.#constants);
      for (const { name, tensor } of this.graph.inputs) tensors.set(tensor.id, upload(inputs[name]!));
      for (const step of this.#steps) this.#execute(step, tensors, bindings);
      this.#read(tensors, outputs);
    });
    return outputs;
  }

  release(): void {
    for (const tensor of this.#constants.values()) tensor.dispose();
    this.#constants.clear();
    this.#isReleased = true;
  }

  #execute({ node, finished }: Step, tensors: Tensors, bindings: Bindings): void {
    try {
      execute(node, tensors, bindings);
    } catch (cause) {
      const { message } = toDialecticError(cause);
      throw new DialecticError('ENGINE', `TensorFlow.js, ${this.backend}, ${node.op}: ${message}`, { cause });
    }
    for (const id of finished) {
      tensors.get(id)?.dispose();
      tensors.delete(id);
    }
  }

  /** Copies the outputs; all are read before any is written, since the cpu backend reads an input where it lies. */
  #read(tensors: Tensors, results: Readonly<Record<string, Value>>): void {
    const targets = new Set(Object.values(results).map(({ data }) => data.buffer));
    const read = this.graph.outputs.map(({ name, tensor }) => {
      const data = tensors.get(tensor.id)!.dataSync();
      return { name, data: targets.has(data.buffer) ? data.slice() : data };
    });
    for (const { name, data } of read) results[name]!.data.set(data);
  }
}

/** TensorFlow.js has one backend in force at a time; switching to one that has started takes effect at once. */
function activate(backend: Backend): void {
  if (tf.getBackend() !== backend) void tf.setBackend(backend);
}
