/**
 * An actor: a mailbox, a behaviour and a lifecycle. It handles one message at a time, an asynchronous one to its end.
 *
 * Invariants:
 * - a message that a behaviour throws on becomes a dead letter and is not handled again; the actor restarts from
 *   its factory after a backoff, keeping its mailbox, until its supervisor gives up;
 * - the credit of every message is returned exactly once, however the message ends.
 */

import { type Clock, yieldToIo } from '../../clock.js';
import {
  type Envelope,
  type Message,
  type TerminationReason,
  toDialecticError,
} from '../../protocol/index.js';
import { DEFAULT_MAILBOX, Mailbox, type MailboxLimits } from './mailbox.js';
import { DEFAULT_SUPERVISION, type Supervision, Supervisor } from './supervisor.js';

/** What an actor does with one message. */
export type Behaviour = (message: Message, context: ActorContext) => void | Promise<void>;

/** Makes the behaviour of each incarnation: state lives in the closure, and starts afresh after a failure. */
export type ActorFactory = (context: ActorContext) => Behaviour;

/**
 * - starting: its factory is running;
 * - running: it handles messages;
 * - restarting: it failed and waits out its backoff; messages wait in the mailbox;
 * - stopped: it ended on request;
 * - failed: it ended because it failed too often, or would not stop in time.
 */
export type ActorState = 'starting' | 'running' | 'restarting' | 'stopped' | 'failed';

/** What an actor may do besides handling a message. */
export interface ActorContext {
  readonly path: string;
  /** Incarnation: larger after every restart. */
  readonly epoch: number;
  /** Path of the sender of the message in hand. */
  readonly sender: string;
  /** One-way send as this actor; false if it was refused at once. Gives the message's arrays away. */
  tell(to: string, message: Message): boolean;
  /** Asks for one `actor.terminated` when the actor or thread at `path` ends; at once if it already has. */
  watch(path: string): void;
  /** Ends this actor after the message in hand. */
  stop(): void;
  /** Keeps the credit of the message in hand until the returned function is called, or this incarnation ends. */
  keepCredit(): () => void;
  /** Runs when this incarnation ends, to release what it holds. */
  onEnd(release: (reason: TerminationReason) => void): void;
}

export interface SpawnOptions {
  readonly mailbox?: MailboxLimits;
  readonly supervision?: Supervision;
}

/** What an actor needs from its system. */
export interface ActorHost {
  readonly clock: Clock;
  nextEpoch(): number;
  send(envelope: Omit<Envelope, 'v'>): boolean;
  watch(watcher: string, target: string): void;
  /** The message is done with: its credit may be granted again. */
  consumed(envelope: Envelope): void;
  /** Counts a message that was not handled; does not return its credit. */
  deadLetter(envelope: Envelope, reason: string): void;
  warn(detail: string): void;
  restarting(actor: Actor, delayMs: number, error: string): void;
  ended(actor: Actor, reason: TerminationReason, error: string | undefined): void;
}

/** Messages handled before the thread's timers and ports have their turn. */
const MESSAGES_PER_TURN = 32;

export class Actor {
  readonly path: string;
  readonly watchers = new Set<string>();
  readonly ended: Promise<void>;
  readonly #host: ActorHost;
  readonly #create: ActorFactory;
  readonly #mailbox: Mailbox;
  readonly #supervisor: Supervisor;
  #state: ActorState = 'starting';
  #epoch = 0;
  #seq = 0;
  #behaviour: Behaviour | undefined;
  #current: Envelope | undefined;
  #keepsCurrent = false;
  #kept = new Set<() => void>();
  #releases: ((reason: TerminationReason) => void)[] = [];
  #running = false;
  #cancelRestart: (() => void) | undefined;
  #resolveEnded: () => void = () => {};

  constructor(
    host: ActorHost,
    path: string,
    create: ActorFactory,
    uniform: () => number,
    options: SpawnOptions,
  ) {
    this.#host = host;
    this.path = path;
    this.#create = create;
    this.#supervisor = new Supervisor(options.supervision ?? DEFAULT_SUPERVISION, uniform);
    this.#mailbox = new Mailbox(options.mailbox ?? DEFAULT_MAILBOX, (lost) =>
      this.#lose(lost, 'mailbox_full'),
    );
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  get state(): ActorState {
    return this.#state;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Begins a new incarnation. */
  start(): void {
    this.#cancelRestart = undefined;
    this.#state = 'starting';
    this.#epoch = this.#host.nextEpoch();
    this.#seq = 0;
    this.#supervisor.restarted(this.#host.clock.now());
    try {
      this.#behaviour = this.#create(this.#context());
      this.#state = 'running';
      this.#schedule();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Puts a message into the mailbox; false if it was refused (and counted). */
  offer(envelope: Envelope): boolean {
    const result = this.#mailbox.offer(envelope);
    if (result === 'accepted') {
      // An actor in backoff would look at the request only after its restart.
      if (envelope.message.kind === 'actor.stop' && this.#state === 'restarting') this.end('normal');
      else this.#schedule();
      return true;
    }
    this.#lose(envelope, 'mailbox_full');
    if (result === 'overflowed') this.end('error', `the mailbox of ${this.path} overflowed`);
    return false;
  }

  /** Ends the actor now; a behaviour that is still running is abandoned. */
  end(reason: TerminationReason, error?: string): void {
    if (this.#state === 'stopped' || this.#state === 'failed') return;
    this.#state = reason === 'normal' ? 'stopped' : 'failed';
    this.#cancelRestart?.();
    this.#endIncarnation(reason);
    for (let envelope = this.#mailbox.take(); envelope; envelope = this.#mailbox.take())
      this.#lose(envelope, 'actor_stopped');
    this.#host.ended(this, reason, error);
    this.#resolveEnded();
  }

  #schedule(): void {
    if (this.#running || this.#state !== 'running') return;
    this.#running = true;
    queueMicrotask(() => void this.#run());
  }

  async #run(): Promise<void> {
    for (let handled = 1; this.#state === 'running'; handled++) {
      const envelope = this.#mailbox.take();
      if (!envelope) break;
      if (envelope.message.kind === 'actor.stop') {
        this.end('normal');
        break;
      }
      await this.#handle(envelope);
      if (handled % MESSAGES_PER_TURN === 0) await yieldToIo();
    }
    this.#running = false;
  }

  async #handle(envelope: Envelope): Promise<void> {
    const epoch = this.#epoch;
    this.#current = envelope;
    this.#keepsCurrent = false;
    try {
      const pending = this.#behaviour?.(envelope.message, this.#context());
      if (pending) await pending;
      if (!this.#keepsCurrent) this.#host.consumed(envelope);
    } catch (error) {
      this.#host.deadLetter(envelope, 'handler_failed');
      if (!this.#keepsCurrent) this.#host.consumed(envelope);
      if (this.#epoch === epoch) this.#fail(error);
    } finally {
      this.#current = undefined;
    }
  }

  #fail(cause: unknown): void {
    if (this.#state === 'stopped' || this.#state === 'failed') return;
    const error = toDialecticError(cause);
    const decision = this.#supervisor.failed(this.#host.clock.now());
    if (decision === 'escalate') {
      this.end('error', error.message);
      return;
    }
    this.#endIncarnation('error');
    this.#state = 'restarting';
    this.#host.restarting(this, decision, error.message);
    this.#cancelRestart = this.#host.clock.setTimer(decision, () => this.start());
  }

  #endIncarnation(reason: TerminationReason): void {
    this.#behaviour = undefined;
    for (const release of [...this.#kept]) release();
    for (const release of this.#releases.splice(0)) {
      try {
        release(reason);
      } catch (error) {
        // The incarnation is over: there is nothing left to restart, and the other releases must still run.
        this.#host.warn(`${this.path} could not clean up: ${toDialecticError(error).message}`);
      }
    }
  }

  #lose(envelope: Envelope, reason: string): void {
    this.#host.deadLetter(envelope, reason);
    this.#host.consumed(envelope);
  }

  #keepCredit(): () => void {
    const envelope = this.#current;
    if (!envelope || this.#keepsCurrent || this.#state !== 'running') return () => {};
    this.#keepsCurrent = true;
    const release = () => {
      if (this.#kept.delete(release)) this.#host.consumed(envelope);
    };
    this.#kept.add(release);
    return release;
  }

  #context(): ActorContext {
    const path = this.path;
    const epoch = this.#epoch;
    return {
      path,
      epoch,
      sender: this.#current?.from ?? path,
      tell: (to, message) => this.#host.send({ from: path, to, epoch, seq: this.#seq++, message }),
      watch: (target) => this.#host.watch(path, target),
      stop: () => {
        const message = { kind: 'actor.stop' } as const;
        this.#host.send({ from: path, to: path, epoch, seq: this.#seq++, message });
      },
      keepCredit: () => this.#keepCredit(),
      onEnd: (release) => this.#releases.push(release),
    };
  }
}
