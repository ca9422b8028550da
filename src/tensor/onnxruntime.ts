/**
 * Executes graphs with ONNX Runtime on the CPU, reading and writing the caller's arrays without copies.
 *
 * Invariants:
 * - arrays are referenced for as long as native code may touch them;
 * - a native tensor is made once for a value object and reused while that object lives in the cache;
 * - threads do not spin while idle: several sessions share the cores.
 */
import type { Graph } from './graph.js';
import { ONNX_TYPE, writeOnnx } from './onnx.js';
import { type OrtLibrary, ortLibrary, type Pointer } from './ort-library.js';
import type { Executable, Runtime, Value, Values } from './runtime.js';
import { dtypeOf, planRun, releasedError } from './runtime.js';

interface OnnxRuntimeOptions {
  /** Threads that one operator may use. */
  readonly threads: number;
}

export function createOnnxRuntime({ threads }: OnnxRuntimeOptions): Runtime {
  const library = ortLibrary();
  const tensors = new NativeTensors(library);
  return {
    name: `onnxruntime ${library.version} cpu`,
    compile: (graph) => new OnnxExecutable(library, tensors, graph, threads),
  };
}

/** Native tensors by value object; freed when the value object is garbage. */
class NativeTensors {
  readonly #cache = new WeakMap<Value, Pointer>();
  readonly #registry: FinalizationRegistry<Pointer>;

  constructor(private readonly library: OrtLibrary) {
    this.#registry = new FinalizationRegistry((pointer) => library.release('ReleaseValue', pointer));
  }

  of(value: Value): Pointer {
    const known = this.#cache.get(value);
    if (known) return known;
    const { data, shape } = value;
    const dims = BigInt64Array.from(shape, BigInt);
    const type = ONNX_TYPE[dtypeOf(data)];
    const pointer = this.library.create(
      'CreateTensorWithDataAsOrtValue',
      this.library.cpuMemory,
      data,
      data.byteLength,
      dims,
      dims.length,
      type,
    );
    this.#cache.set(value, pointer);
    this.#registry.register(value, pointer);
    return pointer;
  }
}

class OnnxExecutable implements Executable {
  #session: Pointer | null; // null once released
  readonly #inputNames: string[];
  readonly #outputNames: string[];

  constructor(
    private readonly library: OrtLibrary,
    private readonly tensors: NativeTensors,
    private readonly graph: Graph,
    threads: number,
  ) {
    const model = writeOnnx(graph);
    const options = library.create('CreateSessionOptions');
    try {
      library.call('SetSessionLogSeverityLevel', options, 4); // failures come as statuses, not on stderr too
      library.call('SetIntraOpNumThreads', options, threads);
      library.call('AddSessionConfigEntry', options, 'session.intra_op.allow_spinning', '0');
      this.#session = library.create(
        'CreateSessionFromArray',
        library.environment,
        model,
        model.length,
        options,
      );
    } finally {
      library.release('ReleaseSessionOptions', options);
    }
    this.#inputNames = graph.inputs.map((input) => input.name);
    this.#outputNames = graph.outputs.map((output) => output.name);
  }

  run(inputs: Values, into: Values = {}): Record<string, Value> {
    if (!this.#session) throw releasedError();
    const { outputs } = planRun(this.graph, inputs, into);
    this.library.call(
      'Run',
      this.#session,
      null,
      this.#inputNames,
      this.#inputNames.map((name) => this.tensors.of(inputs[name]!)),
      this.#inputNames.length,
      this.#outputNames,
      this.#outputNames.length,
      this.#outputNames.map((name) => this.tensors.of(outputs[name]!)),
    );
    return outputs;
  }

  release(): void {
    if (this.#session) this.library.release('ReleaseSession', this.#session);
    this.#session = null;
  }
}
