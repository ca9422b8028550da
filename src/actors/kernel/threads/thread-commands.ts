/**
 * What a thread and its parent say to each other about the thread itself, outside the message protocol.
 * `Port` is the MessagePort of worker_threads, which only thread.ts and worker.ts import.
 */

/** Everything a worker starts from. */
export interface WorkerStart<Port> {
  readonly name: string;
  /** Address of the module that exports `start`. */
  readonly module: string;
  readonly data: unknown;
  /** Name of the parent's system. */
  readonly parent: string;
  readonly epoch: number;
  readonly mainPort: Port;
  readonly controlPort: Port;
  /** Where the parent answers the thread's asks; null if it answers none. */
  readonly parentPort: Port | null;
}

/** Parent -> thread. */
export type ThreadCommand<Port> =
  | { readonly type: 'link'; readonly peer: string; readonly port: Port }
  | { readonly type: 'stop'; readonly deadlineMs: number };

/** What a thread lost so far. */
export interface Lost {
  /** Events that observers never got. */
  readonly events: number;
  /** Messages that nobody handled, events and control that came too late aside. */
  readonly deadLetters: number;
}

/** Thread -> parent. */
export type ThreadReport =
  | { readonly type: 'ready' }
  | { readonly type: 'linked'; readonly peer: string }
  | { readonly type: 'stopped'; readonly lost: Lost };
