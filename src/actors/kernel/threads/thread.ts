/**
 * Worker threads: spawns them, links them to each other with message channels, and says how they ended.
 *
 * Invariants:
 * - a thread starts without the parent's loader flags and runs compiled files only;
 * - a link reports its peer's end after the last message the peer sent;
 * - every wait ends: with its event, with the thread's exit, or at a deadline.
 */
import type { EventLoopUtilization } from 'node:perf_hooks';
import { MessageChannel, type MessagePort, type ResourceLimits, Worker } from 'node:worker_threads';
import { withDeadline } from '../../../clock.js';
import {
  DialecticError,
  type Envelope,
  type TerminationReason,
  tightMessage,
  transferList,
} from '../../../protocol/index.js';
import { AskClient, type Asker, answerAsks } from '../ask.js';
import { collectEvents } from '../event-relay.js';
import type { ActorSystem } from '../system.js';
import type { Link, LinkListener } from '../transport.js';
import type { Lost, ThreadCommand, ThreadReport, WorkerStart } from './thread-commands.js';

interface ThreadExit {
  /** Exit code of the worker. */
  readonly code: number;
  readonly reason: TerminationReason;
  /** What ended it, unless it stopped on request. */
  readonly error?: string;
  /** What it had lost when it was asked to stop; unknown of a thread that ended otherwise. */
  readonly lost?: Lost;
}

export interface ThreadOptions {
  /** First part of the paths of its actors. */
  readonly name: string;
  /** Compiled module that exports `start` (see ThreadModule in worker.ts). */
  readonly module: URL;
  /** What `start` gets as `host.data`: anything that can be cloned; SharedArrayBuffers stay shared. */
  readonly data?: unknown;
  /** Functions of this thread that the new one may ask (`host.parent`); none where left out. */
  readonly answers?: object;
  /** V8's limits; they do not see ArrayBuffers. */
  readonly resourceLimits?: ResourceLimits;
  /** Which incarnation of this name it is, from 0. */
  readonly incarnation?: number;
}

/** Epochs per incarnation of a thread: more than its actors can use up. */
const EPOCHS_PER_INCARNATION = 2 ** 32;
const LINK_TIMEOUT_MS = 30_000;
/** Loading a model and compiling its graphs takes seconds. */
const START_TIMEOUT_MS = 60_000;
/** What a thread may take beyond its actors' deadlines to stop by itself. */
const STOP_GRACE_MS = 1000;

export class ThreadHandle<Api extends object = Record<string, never>> {
  readonly name: string;
  /** Resolves when `start` has returned; rejects with TERMINATED if the thread ended before, ASK_TIMEOUT after a minute. */
  readonly ready: Promise<void>;
  readonly exited: Promise<ThreadExit>;
  readonly #worker: Worker;
  readonly #system: ActorSystem;
  readonly #asks: AskClient<Api>;
  #lastUtilization: EventLoopUtilization | undefined;
  #linked = new Map<string, () => void>();
  #reason: TerminationReason | undefined;
  #error: string | undefined;
  #lost: Lost | undefined;

  /** Made by `spawnThread`. */
  constructor(
    system: ActorSystem,
    worker: Worker,
    options: ThreadOptions,
    main: MessagePort,
    control: MessagePort,
  ) {
    this.name = options.name;
    this.#worker = worker;
    this.#system = system;
    this.#asks = new AskClient<Api>(options.name, control, system.clock);
    worker.on('error', (error: unknown) => {
      this.#reason ??= Object(error).code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'oom' : 'error';
      this.#error ??= error instanceof Error ? error.message : String(error);
    });
    this.exited = new Promise((resolve) => worker.once('exit', (code) => resolve(this.#exit(code))));
    let resolveReady = () => {};
    const started = new Promise<void>((resolve) => {
      resolveReady = resolve;
    });
    worker.on('message', (report: ThreadReport) => {
      if (report.type === 'ready') resolveReady();
      else if (report.type === 'linked') this.#linked.get(report.peer)?.();
      else {
        this.#reason ??= 'normal';
        this.#lost = report.lost;
        void worker.terminate();
      }
    });
    const ended = this.exited.then((exit) => Promise.reject(this.#gone(exit)));
    const late = (): DialecticError =>
      new DialecticError(
        'ASK_TIMEOUT',
        `thread ${options.name} did not start within ${START_TIMEOUT_MS / 1000} s`,
      );
    this.ready = withDeadline(Promise.race([started, ended]), START_TIMEOUT_MS, late, system.clock);
    // Nobody need wait for it: the thread's end is also an event and a notice to its watchers.
    this.ready.catch(() => {});
    system.connect(new PortLink(options.name, main, async () => (await this.exited).reason));
  }

  /** Asks the functions that the module's `start` returned. Wait for `ready` first: starting takes time. */
  get control(): Asker<Api> & { readonly pendingCount: number } {
    return this.#asks;
  }

  /** Share of the time since the last call that the thread's event loop was busy, in [0, 1]. */
  readEventLoopUtilization(): number {
    const now = this.#worker.performance.eventLoopUtilization();
    const { utilization } = this.#worker.performance.eventLoopUtilization(now, this.#lastUtilization);
    this.#lastUtilization = now;
    return utilization;
  }

  /** Stops its actors in reverse order, then the thread, all within about `deadlineMs`; past that it is killed. */
  async stop(deadlineMs = 5000): Promise<ThreadExit> {
    this.#command({ type: 'stop', deadlineMs });
    const cancel = this.#system.clock.setTimer(deadlineMs + STOP_GRACE_MS, () => void this.terminate());
    const exit = await this.exited;
    cancel();
    return exit;
  }

  /** Ends the thread at once, even in an endless loop. */
  async terminate(reason: 'killed' | 'wedged' = 'killed'): Promise<ThreadExit> {
    this.#reason ??= reason;
    await this.#worker.terminate();
    return this.exited;
  }

  /** Hands over one end of a channel; resolves when the thread routes through it. */
  async link(peer: string, port: MessagePort): Promise<void> {
    const linked = new Promise<void>((resolve) => this.#linked.set(peer, resolve));
    const ended = this.exited.then((exit) => Promise.reject(this.#gone(exit)));
    const late = (): DialecticError =>
      new DialecticError('ASK_TIMEOUT', `${this.name} did not link to ${peer} in ${LINK_TIMEOUT_MS} ms`);
    this.#command({ type: 'link', peer, port }, [port]);
    try {
      await withDeadline(Promise.race([linked, ended]), LINK_TIMEOUT_MS, late, this.#system.clock);
    } finally {
      this.#linked.delete(peer);
    }
  }

  #command(command: ThreadCommand<MessagePort>, transfer: MessagePort[] = []): void {
    this.#worker.postMessage(command, transfer);
  }

  #gone(exit: ThreadExit): DialecticError {
    return new DialecticError(
      'TERMINATED',
      `thread ${this.name} ended (${exit.reason}): ${exit.error ?? 'no error'}`,
    );
  }

  #exit(code: number): ThreadExit {
    const reason = this.#reason ?? (code === 0 ? 'normal' : 'error');
    const error = this.#error ?? (reason === 'error' ? `exit code ${code}` : undefined);
    const exit: ThreadExit = {
      code,
      reason,
      ...(error === undefined ? {} : { error }),
      ...(this.#lost === undefined ? {} : { lost: this.#lost }),
    };
    this.#asks.end(this.#gone(exit));
    this.#system.emit({
      type: 'actor.terminated',
      path: this.name,
      reason,
      ...(error === undefined ? {} : { error }),
    });
    return exit;
  }
}

/** A link over one end of a MessageChannel. */
export class PortLink implements Link {
  readonly peer: string;
  readonly #port: MessagePort;
  readonly #reasonOfEnd: () => Promise<TerminationReason>;

  /** `reasonOfEnd` is asked once the port has closed. */
  constructor(peer: string, port: MessagePort, reasonOfEnd: () => Promise<TerminationReason>) {
    this.peer = peer;
    this.#port = port;
    this.#reasonOfEnd = reasonOfEnd;
  }

  open(listener: LinkListener): void {
    this.#port.on('message', (value) => listener.received(value));
    this.#port.on('messageerror', (error) => listener.received(error));
    this.#port.on('close', () => void this.#reasonOfEnd().then((reason) => listener.closed(reason)));
  }

  post(envelope: Envelope): void {
    const message = tightMessage(envelope.message);
    this.#port.postMessage({ ...envelope, message }, transferList(message));
  }

  close(): void {
    this.#port.close();
  }
}

/** Starts a thread and links it with the system of this one. */
export function spawnThread<Api extends object>(
  system: ActorSystem,
  options: ThreadOptions,
): ThreadHandle<Api> {
  collectEvents(system);
  const [main, control] = [new MessageChannel(), new MessageChannel()];
  const answers = options.answers === undefined ? null : new MessageChannel();
  if (answers) answerAsks(answers.port1, options.answers ?? {});
  const start: WorkerStart<MessagePort> = {
    name: options.name,
    module: options.module.href,
    data: options.data,
    parent: system.name,
    epoch: (options.incarnation ?? 0) * EPOCHS_PER_INCARNATION,
    mainPort: main.port2,
    controlPort: control.port2,
    parentPort: answers?.port2 ?? null,
  };
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    name: options.name,
    execArgv: [],
    workerData: start,
    transferList: [main.port2, control.port2, ...(answers ? [answers.port2] : [])],
    ...(options.resourceLimits ? { resourceLimits: options.resourceLimits } : {}),
  });
  return new ThreadHandle<Api>(system, worker, options, main.port1, control.port1);
}

/** Links two threads directly. Resolves when both route through the link, so that messages may be sent. */
export async function connect(a: ThreadHandle<object>, b: ThreadHandle<object>): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  await Promise.all([a.link(b.name, port1), b.link(a.name, port2)]);
}
