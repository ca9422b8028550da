/**
 * The one door to ONNX Runtime: its C API, called through koffi on the library that onnxruntime-node ships.
 *
 * That package's own binding copies every output and refuses shared memory; the C API does neither.
 *
 * Invariants:
 * - the library's version is checked before anything is called, because function-table positions are by version;
 * - the library stays loaded while the thread lives;
 * - a failed call becomes a DialecticError ENGINE with the library's message, and its status is released.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import koffi from 'koffi';
import { DialecticError } from '../errors.js';

const EXPECTED_VERSION = '1.30.0';
const API_VERSION = 18; // the function table only grows: every position used here is that old

const CALL_STACK_BYTES = 8 << 20;

const LIBRARY_FILE: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'libonnxruntime.so.1',
  darwin: `libonnxruntime.${EXPECTED_VERSION}.dylib`,
  win32: 'onnxruntime.dll',
};

/** An opaque pointer of the library. */
export type Pointer = object;

/** Positions in OrtApi (onnxruntime_c_api.h) with their C signatures. */
const FUNCTIONS = {
  GetErrorMessage: [2, 'const char* %(void* status)'],
  CreateEnv: [3, 'void* %(int level, const char* id, _Out_ void** env)'],
  CreateSessionFromArray: [
    8,
    'void* %(void* env, const void* model, size_t size, void* options, _Out_ void** session)',
  ],
  Run: [
    9,
    'void* %(void* session, void* runOptions, const char** inputNames, void** inputs, size_t inputCount, const char** outputNames, size_t outputCount, _Inout_ void** outputs)',
  ],
  CreateSessionOptions: [10, 'void* %(_Out_ void** options)'],
  SetSessionLogSeverityLevel: [22, 'void* %(void* options, int level)'],
  SetIntraOpNumThreads: [24, 'void* %(void* options, int count)'],
  CreateTensorWithDataAsOrtValue: [
    49,
    'void* %(void* memory, void* data, size_t bytes, const int64_t* shape, size_t rank, int type, _Out_ void** value)',
  ],
  CreateCpuMemoryInfo: [69, 'void* %(int allocator, int memory, _Out_ void** info)'],
  ReleaseStatus: [93, 'void %(void* status)'],
  ReleaseSession: [95, 'void %(void* session)'],
  ReleaseValue: [96, 'void %(void* value)'],
  ReleaseSessionOptions: [100, 'void %(void* options)'],
  AddSessionConfigEntry: [130, 'void* %(void* options, const char* key, const char* value)'],
} as const;

type FunctionName = keyof typeof FUNCTIONS;
type NativeFunction = (...args: unknown[]) => unknown;

export interface OrtLibrary {
  readonly version: string;
  readonly environment: Pointer;
  readonly cpuMemory: Pointer;
  /** Calls a function that returns a status; throws ENGINE if it failed. */
  call(name: FunctionName, ...args: unknown[]): void;
  /** Calls a function whose last parameter receives a pointer, and returns that pointer. */
  create(name: FunctionName, ...args: unknown[]): Pointer;
  release(name: 'ReleaseSession' | 'ReleaseValue' | 'ReleaseSessionOptions', pointer: Pointer): void;
}

let loaded: OrtLibrary | null = null;
/** Kept for ever: koffi unloads a library whose handle is garbage, and function pointers do not hold it. */
let handle: ReturnType<typeof koffi.load> | null = null;

/** The library, loaded once a thread. Errors: ENGINE when this platform has none or its version differs. */
export function ortLibrary(): OrtLibrary {
  loaded ??= load();
  return loaded;
}

/** Whether onnxruntime-node ships a library for this platform. */
export function isOrtAvailable(): boolean {
  return existsSync(libraryPath());
}

/** Where the native library of this platform lies inside the installed onnxruntime-node package, if it has one. */
function libraryPath(): string {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve('onnxruntime-node/package.json'));
  const file = LIBRARY_FILE[process.platform] ?? 'no-library';
  return join(folder, 'bin', 'napi-v6', process.platform, process.arch, file);
}

function load(): OrtLibrary {
  // Native calls run on a stack of koffi's own: give matrix kernels what a native thread would have.
  koffi.config({ sync_stack_size: CALL_STACK_BYTES });
  const path = libraryPath();
  if (!existsSync(path)) {
    throw new DialecticError(
      'ENGINE',
      `onnxruntime-node ships no library for ${process.platform} ${process.arch} (looked for ${path}); use --set device=tfjs`,
    );
  }
  handle = koffi.load(path);
  const base = handle.func('void* OrtGetApiBase()')();
  const [getApi, getVersion] = koffi.decode(base, koffi.array('void*', 2)) as [Pointer, Pointer];
  const version = koffi.call(getVersion, koffi.proto('const char* OrtGetVersion()')) as string;
  if (version !== EXPECTED_VERSION) {
    throw new DialecticError(
      'ENGINE',
      `ONNX Runtime is ${version}, expected ${EXPECTED_VERSION}; run npm ci again`,
    );
  }
  const api = koffi.call(getApi, koffi.proto('void* OrtGetApi(uint32_t version)'), API_VERSION) as Pointer;
  const size = Math.max(...Object.values(FUNCTIONS).map(([position]) => position)) + 1;
  const table = koffi.decode(api, koffi.array('void*', size)) as Pointer[];
  const functions = Object.fromEntries(
    Object.entries(FUNCTIONS).map(([name, [position, signature]]) => {
      const type = koffi.proto(signature.replace('%', `Ort${name}`));
      return [name, (...args: unknown[]) => koffi.call(table[position]!, type, ...args)];
    }),
  ) as Record<FunctionName, NativeFunction>;

  const call = (name: FunctionName, ...args: unknown[]): void => {
    const status = functions[name](...args);
    if (!status) return;
    const message = functions.GetErrorMessage(status) as string;
    functions.ReleaseStatus(status);
    throw new DialecticError('ENGINE', `ONNX Runtime, ${name}: ${message}`);
  };
  const create = (name: FunctionName, ...args: unknown[]): Pointer => {
    const result: [Pointer | null] = [null];
    call(name, ...args, result);
    return result[0]!;
  };
  return {
    version,
    environment: create('CreateEnv', 3, 'dialectic'),
    cpuMemory: create('CreateCpuMemoryInfo', 0, 0),
    call,
    create,
    release: (name, pointer) => {
      functions[name](pointer);
    },
  };
}
