/** The task of a sandbox's thread: one program, which may cost the thread its life. */
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { interpret, type SandboxLimits, type SandboxResult } from './interpreter.js';

export interface ProgramTask {
  readonly source: string;
  readonly limits: SandboxLimits;
}

// The interpreter complains on the console when it gives up; its ending says so already.
globalThis.console = new Console(new Writable({ write: (_chunk, _encoding, done) => done() }));

/** Called by the pool, by name. */
export function runProgram({ source, limits }: ProgramTask): Promise<SandboxResult> {
  return interpret(source, limits, () => performance.now());
}
