/**
 * A sandbox for programs that a policy wrote: JavaScript, interpreted in a thread that is ended when a program does not end.
 *
 * Invariants:
 * - nothing that a program does ends the process, reaches it, or delays the next program by more than the limits say;
 * - programs run one after another; a program's time begins when it has the thread, and the thread has started.
 */
import { DialecticError } from '../../errors.js';
import { startThreads } from '../pool.js';
import type { SandboxLimits, SandboxResult } from './interpreter.js';
import type { ProgramTask } from './worker.js';

export interface Sandbox {
  /** Runs a program in a fresh context. Rejects with INTERNAL where its thread cannot start, died, or was closed. */
  run(source: string): Promise<SandboxResult>;
  /** Ends the thread; programs under way or waiting are rejected. */
  close(): Promise<void>;
}

const WORKER = new URL('./worker.js', import.meta.url);
const START_TIMEOUT_MS = 30_000;
/** How long after its deadline a program that could not be interrupted is ended with its thread. */
const GRACE_MS = 1000;
const ENDINGS: readonly unknown[] = ['value', 'error', 'timeout', 'memory', 'output'];

function isResult(reply: unknown): reply is SandboxResult {
  return typeof reply === 'object' && reply !== null && ENDINGS.includes((reply as SandboxResult).ending);
}

/** Starts a sandbox. Only JavaScript can be run in it. */
export function createSandbox(limits: SandboxLimits): Sandbox {
  const threads = startThreads({ module: WORKER, task: 'runProgram', threads: 1, env: {} });
  threads.on('error', () => {}); // of a thread that ran nothing: the next program starts another
  let turn: Promise<unknown> = Promise.resolve();
  let hasStarted = false;
  let isClosed = false;

  const submit = (task: ProgramTask, signal: AbortSignal): Promise<unknown> => threads.run(task, { signal });

  async function runNow(source: string): Promise<SandboxResult> {
    if (isClosed) throw new DialecticError('INTERNAL', 'The sandbox is closed.');
    if (!hasStarted) await submit({ source: '', limits }, AbortSignal.timeout(START_TIMEOUT_MS));
    hasStarted = true;
    const signal = AbortSignal.timeout(limits.timeoutMs + GRACE_MS);
    try {
      const reply = await submit({ source, limits }, signal);
      if (isResult(reply)) return reply;
    } catch (cause) {
      hasStarted = false;
      if (signal.aborted && !isClosed) return { ending: 'timeout', value: null, output: '' };
      throw cause;
    }
    throw new DialecticError(
      'INTERNAL',
      'The thread of the sandbox answered with something that is no result.',
    );
  }

  return {
    run(source) {
      const mine = turn.then(() => runNow(source));
      turn = mine.catch(() => {});
      return mine.catch((cause: unknown) => {
        if (cause instanceof DialecticError) throw cause;
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new DialecticError('INTERNAL', `The thread of the sandbox failed: ${reason}.`, { cause });
      });
    },
    async close() {
      isClosed = true;
      await threads.destroy();
    },
  };
}
