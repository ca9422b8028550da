/**
 * Runs one JavaScript program in QuickJS, compiled to WebAssembly: the door to that interpreter.
 *
 * Invariants:
 * - every program gets an instance of its own, memory included, so that nothing of one can reach the next;
 * - a program sees the language and `print` (also as `console.log`), nothing of the host: no files, no network, no timers, no
 *   modules, no clock and no randomness, so that it prints the same each time;
 * - time, memory, stack and output are bounded, except that single calls of some built-in functions (`Array(1e9).join()`) cannot
 *   be interrupted from inside: whoever calls this does so in a thread that can be ended (sandbox.ts).
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import quickjs from '@jitl/quickjs-wasmfile-release-sync';
import {
  DefaultIntrinsics,
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core';

export interface SandboxLimits {
  /** Milliseconds that a program may run. */
  readonly timeoutMs: number;
  /** Bytes that it may allocate. */
  readonly memoryBytes: number;
  /** Bytes of its call stack. */
  readonly stackBytes: number;
  /** Characters that it may print, and that its value may have. */
  readonly maxOutputCharacters: number;
}

/** How a program ended, and what came of it. */
export interface SandboxResult {
  /**
   * `value`: it ran to its end; `error`: it does not parse, threw, or overflowed its stack; `timeout`, `memory`, `output`: it
   * met that limit.
   */
  readonly ending: 'value' | 'error' | 'timeout' | 'memory' | 'output';
  /** The value of its last expression as JSON; null where it has none. */
  readonly value: string | null;
  /** What it printed, until it ended. */
  readonly output: string;
}

/** Longer programs are refused as errors. */
const MAX_SOURCE_CHARACTERS = 100_000;
const PAGE_BYTES = 65_536;
/** The interpreter's own memory before a program runs. */
const INITIAL_PAGES = 256;
/** Jobs of promises between two looks at the clock. */
const JOBS_AT_ONCE = 100;

/** Defines what a program may call; gives the function that turns its value into JSON, out of its reach. */
const PRELUDE = `(write) => {
  const { stringify } = JSON;
  const text = String;
  const print = (...values) => {
    let line = '';
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      line += (i > 0 ? ' ' : '') + text(typeof value === 'object' && value !== null ? stringify(value) : value);
    }
    write(line + '\\n');
  };
  globalThis.print = print;
  globalThis.console = { log: print };
  delete Math['random'];
  return (value) => stringify(value);
}`;

const INTRINSICS = { ...DefaultIntrinsics, Date: false, BigInt: true };

/** Its declarations describe the CommonJS build, in which the default export lies one level deeper. */
const VARIANT = quickjs as unknown as QuickJSSyncVariant;

let wasmModule: WebAssembly.Module | undefined;

function compiled(): WebAssembly.Module {
  const path = createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm');
  wasmModule ??= new WebAssembly.Module(readFileSync(path));
  return wasmModule;
}

/** Runs a program under `limits`; `now` is a clock in milliseconds that never goes back. Rejects only if the library does not load. */
export async function interpret(
  source: string,
  limits: SandboxLimits,
  now: () => number,
): Promise<SandboxResult> {
  if (source.length > MAX_SOURCE_CHARACTERS) return { ending: 'error', value: null, output: '' };
  const wasmMemory = new WebAssembly.Memory({
    initial: INITIAL_PAGES,
    maximum: INITIAL_PAGES + Math.ceil(limits.memoryBytes / PAGE_BYTES),
  });
  const variant = newVariant(VARIANT, { wasmModule: compiled(), wasmMemory });
  const runtime = (await newQuickJSWASMModuleFromVariant(variant)).newRuntime();
  runtime.setMemoryLimit(limits.memoryBytes);
  runtime.setMaxStackSize(limits.stackBytes);

  let output = '';
  let stopped: 'timeout' | 'output' | null = null;
  const deadline = now() + limits.timeoutMs;
  const isStopped = (): boolean => {
    if (stopped === null && now() > deadline) stopped = 'timeout';
    return stopped !== null;
  };
  runtime.setInterruptHandler(isStopped);
  const result = (ending: SandboxResult['ending'], value: string | null = null): SandboxResult => ({
    ending: stopped ?? ending,
    value: stopped === null ? value : null,
    output,
  });

  // Nothing is disposed of: after a limit was met the instance may be in any state, and it is dropped as a whole.
  try {
    const context = runtime.newContext({ intrinsics: INTRINSICS });
    const write = context.newFunction('write', (line) => {
      const text = context.getString(line);
      const room = limits.maxOutputCharacters - output.length;
      output += text.slice(0, room);
      if (text.length > room) stopped ??= 'output';
    });
    const prelude = context.unwrapResult(context.evalCode(PRELUDE));
    const toJson = context.unwrapResult(context.callFunction(prelude, context.undefined, write));

    const ended = context.evalCode(source, 'program.js', { type: 'global' });
    if (ended.error) return result(endingOf(context, ended.error));
    while (!isStopped() && runtime.hasPendingJob()) {
      const jobs = runtime.executePendingJobs(JOBS_AT_ONCE);
      if (jobs.error) return result(endingOf(context, jobs.error));
    }
    if (isStopped()) return result('value');
    const json = context.callFunction(toJson, context.undefined, ended.value);
    // A value without JSON (a cycle, a symbol) is no fault of the program.
    const isText = !json.error && context.typeof(json.value) === 'string';
    const value = isText ? context.getString(json.value) : null;
    if (value !== null && value.length > limits.maxOutputCharacters) stopped ??= 'output';
    return result('value', value);
  } catch {
    // The interpreter itself gave up: the host's stack overflowed, or there was no memory left to say so.
    return result('error');
  }
}

/** Whether an error of a program is that it ran out of memory. */
function endingOf(context: QuickJSContext, error: QuickJSHandle): 'error' | 'memory' {
  if (context.typeof(error) !== 'object') return 'error';
  const message = context.getProp(error, 'message');
  const isText = context.typeof(message) === 'string';
  return isText && context.getString(message) === 'out of memory' ? 'memory' : 'error';
}
