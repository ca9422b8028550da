/**
 * Requests in flight: whatever one actor asks of another, from the asking to the one ending that its owner hears of.
 *
 * Invariants:
 * - a request ends once: in `onReply`, in `onFailure`, or in silence because its owner withdrew it;
 * - a target that fails, ends, refuses or says nothing until the deadline costs one attempt; the request is then made once more with
 *   the same numbers, of another target where one is left, so that what comes of it is the same bits;
 * - a reply to what is no longer out is counted and told of, and changes nothing;
 * - nothing is sent to a target that is known to be gone.
 */
import type { Clock } from '../clock.js';
import type { CancellationReason, Message } from '../protocol/index.js';

/** How often anything is asked for: once, and once more. */
export const MAX_ATTEMPTS = 2;

/** The way to one target; an edge of the kernel is one. */
export interface Outlet {
  /** False if the message was refused. */
  send(message: Message): boolean;
  close(): void;
}

/** Opens the way from one actor to another; the kernel's `openEdge` does. */
export type OpenEdge = (edge: {
  readonly from: string;
  readonly to: string;
  /** Most messages on their way or waiting in the receiver's mailbox. */
  readonly window?: number;
  /** Most messages waiting for that. */
  readonly maxQueued?: number;
}) => Outlet;

interface RequestsOptions {
  /** Path of the actor that asks, and its incarnation, which keeps the ids of two incarnations apart. */
  readonly path: string;
  readonly epoch: number;
  /** What the targets are, for messages: `sampler`. */
  readonly kind: string;
  /** Paths of all that may be asked. */
  readonly targets: readonly string[];
  readonly open: (target: string) => Outlet;
  readonly clock: Clock;
  /** For one attempt; null where whoever waits for the whole has a deadline. */
  readonly deadlineMs: number | null;
  /** What a target that fails without a word is blamed for. */
  readonly blame: CancellationReason;
  readonly onLate: (requestId: string) => void;
}

interface Request<Reply> {
  /** Who withdraws it. */
  readonly owner: object;
  /** Unique among the requests that are out. */
  readonly name: string;
  /** Which target is asked first: number `place` of those that are left. */
  readonly place: number;
  /** Targets that can serve it, and what they are; all of them where left out. */
  readonly among?: { readonly kind: string; readonly targets: readonly string[] };
  /** Made anew for each attempt, since arrays are given away. */
  readonly message: (requestId: string) => Message;
  readonly onReply: (reply: Reply) => void;
  readonly onFailure: (reason: CancellationReason, detail: string) => void;
  /** Called when an attempt has failed, the last one included. */
  readonly onAttemptFailed?: () => void;
}

interface Flight<Reply> {
  readonly request: Request<Reply>;
  readonly target: string;
  /** From 1. */
  readonly attempt: number;
  readonly cancelDeadline: () => void;
}

export class Requests<Reply> {
  /** Replies that came when nobody waited for them any more. */
  lateReplies = 0;
  readonly #outlets: Map<string, Outlet>;
  readonly #flights = new Map<string, Flight<Reply>>();

  constructor(private readonly options: RequestsOptions) {
    this.#outlets = new Map(options.targets.map((target) => [target, options.open(target)]));
  }

  /** Targets that have not ended, in the order they were given. */
  get targets(): readonly string[] {
    return [...this.#outlets.keys()];
  }

  get inFlight(): number {
    return this.#flights.size;
  }

  ask(request: Request<Reply>): void {
    this.#attempt(request, 1, null, null);
  }

  /** Ends the request with what its target gave. */
  reply(requestId: string, reply: Reply): void {
    const flight = this.#settle(requestId);
    if (flight) flight.request.onReply(reply);
    else this.#warnLate(requestId);
  }

  /** The target could not serve this attempt. */
  fail(requestId: string, reason: CancellationReason, detail: string): void {
    const flight = this.#settle(requestId);
    if (flight) this.#failed(flight, reason, detail);
    else this.#warnLate(requestId);
  }

  /** `target` gives back the request of this name; not late where somebody else has it by now. */
  gaveBack(name: string, target: string, detail: string): void {
    // A copy: the attempt that follows may go to the same target, which has not given that one back.
    for (const [requestId, flight] of [...this.#flights])
      if (flight.request.name === name && flight.target === target)
        this.fail(requestId, this.options.blame, detail);
  }

  /** A target has ended, and with it all that it was asked. */
  targetEnded(target: string, detail: string): void {
    this.#outlets.get(target)?.close();
    this.#outlets.delete(target);
    for (const [requestId, flight] of [...this.#flights]) {
      if (flight.target !== target || this.#settle(requestId) === undefined) continue;
      this.#failed(flight, this.options.blame, `${target} ended: ${detail}`);
    }
  }

  /** Forgets what `owner` asked for. */
  withdraw(owner: object): void {
    for (const [requestId, { request }] of [...this.#flights])
      if (request.owner === owner) this.#settle(requestId);
  }

  /** Forgets everything and closes the way to every target. */
  close(): void {
    for (const requestId of [...this.#flights.keys()]) this.#settle(requestId);
    for (const outlet of this.#outlets.values()) outlet.close();
    this.#outlets.clear();
  }

  #attempt(request: Request<Reply>, attempt: number, failed: string | null, last: string | null): void {
    const { path, epoch, clock, deadlineMs, blame } = this.options;
    const { kind, targets } = request.among ?? { kind: this.options.kind, targets: this.targets };
    const left = targets.filter((target) => this.#outlets.has(target));
    const others = left.filter((target) => target !== failed);
    const choice = others.length > 0 ? others : left;
    const target = choice[request.place % choice.length];
    if (target === undefined) {
      const why = last === null ? '' : `: ${last}`;
      request.onFailure(blame, `no ${kind} is left for ${request.name}${why}`);
      return;
    }
    const requestId = `${request.name}/${epoch}.${attempt}`;
    const fail = (detail: string): void => this.fail(requestId, blame, detail);
    const cancelDeadline =
      deadlineMs === null
        ? () => {}
        : clock.setTimer(deadlineMs, () => fail(`${target} did not answer within ${deadlineMs} ms`));
    this.#flights.set(requestId, { request, target, attempt, cancelDeadline });
    const isSent = this.#outlets.get(target)!.send(request.message(requestId));
    if (!isSent) fail(`the edge from ${path} to ${target} refused it`);
  }

  #failed({ request, target, attempt }: Flight<Reply>, reason: CancellationReason, detail: string): void {
    request.onAttemptFailed?.();
    if (attempt < MAX_ATTEMPTS) this.#attempt(request, attempt + 1, target, detail);
    else request.onFailure(reason, `${request.name} failed twice: ${detail}`);
  }

  #settle(requestId: string): Flight<Reply> | undefined {
    const flight = this.#flights.get(requestId);
    this.#flights.delete(requestId);
    flight?.cancelDeadline();
    return flight;
  }

  #warnLate(requestId: string): void {
    this.lateReplies++;
    this.options.onLate(requestId);
  }
}
