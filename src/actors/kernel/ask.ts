/**
 * Asks across a thread: a method call whose answer always comes, as a value, a timeout or the news of the other's end.
 * Comlink carries it, but leaves three holes that are closed here: it has no deadline, waits for ever on a dead
 * thread, and drops calls when its proxy is collected.
 *
 * Invariants: every call settles exactly once and leaves nothing pending; errors keep their code.
 */
import { type Endpoint, expose, type Remote, releaseProxy, wrap } from 'comlink';
import type { Clock } from '../../clock.js';
import { DialecticError, toDialecticError, type WireError } from '../../protocol/index.js';

/** What asks need of a port; a MessagePort of worker_threads has it. */
interface AskPort {
  postMessage(value: unknown): void;
  close(): void;
}

type Reply = { readonly value: unknown } | { readonly error: WireError };
type Invoke = (method: string, args: unknown[]) => Promise<Reply>;
type Argument<F> = F extends (...args: infer A) => unknown ? A : never;
type Result<F> = F extends (...args: never[]) => infer R ? Promise<Awaited<R>> : never;

/** Time an answer may take unless the caller says otherwise. */
const DEFAULT_ASK_TIMEOUT_MS = 5000;

/** Asks the functions of `Api`. Arguments and results are cloned. */
export interface Asker<Api extends object> {
  /** Rejects with DialecticError ASK_TIMEOUT past the deadline, TERMINATED if the thread ended, or the callee's error. */
  ask<K extends keyof Api & string>(method: K, ...args: Argument<Api[K]>): Result<Api[K]>;
  /** The same with another deadline. */
  within(timeoutMs: number): Pick<Asker<Api>, 'ask'>;
}

/** Answers asks on `port` with the functions of `api`. */
export function answerAsks(port: AskPort, api: object): void {
  const invoke: Invoke = async (method, args) => {
    try {
      const target: unknown = Object.hasOwn(api, method) ? Reflect.get(api, method) : undefined;
      if (typeof target !== 'function')
        throw new DialecticError(
          'PROTOCOL',
          `there is no "${method}" to ask; there is ${Object.keys(api).join(', ')}`,
        );
      return { value: await Reflect.apply(target, api, args) };
    } catch (error) {
      return { error: toDialecticError(error).toWire() };
    }
  };
  expose(invoke, port as unknown as Endpoint);
}

/** The asking side of one port. */
export class AskClient<Api extends object> implements Asker<Api> {
  readonly #name: string;
  readonly #port: AskPort;
  readonly #clock: Clock;
  /** Held for the client's life: Comlink forgets the calls of a proxy that is collected. */
  readonly #remote: Remote<Invoke>;
  readonly #pending = new Set<(error: DialecticError) => void>();
  #ended: DialecticError | undefined;
  /** Answers that came after their deadline. */
  lateReplies = 0;

  /** `name` of the other side, for messages. */
  constructor(name: string, port: AskPort, clock: Clock) {
    this.#name = name;
    this.#port = port;
    this.#clock = clock;
    this.#remote = wrap<Invoke>(port as unknown as Endpoint);
  }

  /** Calls without an answer yet. */
  get pendingCount(): number {
    return this.#pending.size;
  }

  ask<K extends keyof Api & string>(method: K, ...args: Argument<Api[K]>): Result<Api[K]> {
    return this.#call(method, args, DEFAULT_ASK_TIMEOUT_MS) as Result<Api[K]>;
  }

  within(timeoutMs: number): Pick<Asker<Api>, 'ask'> {
    return { ask: (method, ...args) => this.#call(method, args, timeoutMs) as Result<Api[typeof method]> };
  }

  /** Rejects every pending call and all later ones, and closes the port. */
  end(error: DialecticError): void {
    if (this.#ended) return;
    this.#ended = error;
    for (const reject of [...this.#pending]) reject(error);
    this.#remote[releaseProxy]();
    this.#port.close();
  }

  #call(method: string, args: unknown[], timeoutMs: number): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const settle = (settled: () => void) => {
        if (!this.#pending.delete(fail)) {
          this.lateReplies++;
          return;
        }
        cancelTimer();
        settled();
      };
      const fail = (error: unknown) => settle(() => reject(toDialecticError(error)));
      this.#pending.add(fail);
      const cancelTimer = this.#clock.setTimer(timeoutMs, () =>
        fail(
          new DialecticError(
            'ASK_TIMEOUT',
            `${this.#name} did not answer "${method}" within ${timeoutMs} ms`,
          ),
        ),
      );
      this.#remote(method, args).then((reply) => {
        if ('error' in reply) fail(DialecticError.fromWire(reply.error));
        else settle(() => resolve(reply.value));
      }, fail);
    });
  }
}
