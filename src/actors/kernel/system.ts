/**
 * The actor system of one thread: it spawns actors, routes messages by path and accounts for those that get lost.
 *
 * Invariants:
 * - a message goes to the local mailbox or over the link of the thread that its path names, never further;
 * - every message that is not handled is counted as a dead letter, with a reason;
 * - actors stop in the reverse order of their spawning.
 */

import { type Clock, systemClock } from '../../clock.js';
import {
  DialecticError,
  type Envelope,
  type Event,
  type Message,
  PROTOCOL_VERSION,
  parseEnvelope,
  type TerminationReason,
  type UntimedEvent,
} from '../../protocol/index.js';
import { Random } from '../../random.js';
import { Actor, type ActorFactory, type ActorHost, type ActorState, type SpawnOptions } from './actor.js';
import { DeadLetters } from './dead-letters.js';
import { CreditedEdge, type EdgeHost, type EdgeOptions } from './edge.js';
import { EventHub } from './event-hub.js';
import { Grants } from './grants.js';
import { type ActorRef, threadOf } from './ref.js';
import type { Lost } from './threads/thread-commands.js';
import type { Link } from './transport.js';
import { Watches } from './watches.js';

interface ActorSystemOptions {
  /** Name of the thread: the first part of every path here. */
  readonly name: string;
  readonly clock?: Clock;
  /** Key of the restart jitter. */
  readonly seed?: number;
  /** First epoch of this incarnation of the thread. */
  readonly epoch?: number;
  /** Where its events go (default: a hub of its own). */
  readonly events?: EventHub;
}

/** The actors of one thread: spawns them, and moves messages between them and to other threads. */
export class ActorSystem implements ActorHost, EdgeHost {
  readonly name: string;
  readonly clock: Clock;
  readonly events: EventHub;
  readonly #seed: number;
  readonly #actors = new Map<string, Actor>();
  readonly #links = new Map<string, Link>();
  readonly #edges = new Map<string, CreditedEdge>();
  readonly #grants = new Grants((from, to, message) => this.post(from, to, message));
  readonly #watches = new Watches((from, to, message) => this.post(from, to, message));
  readonly deadLetters = new DeadLetters(({ from, to, kind, reason }) =>
    this.emit({ type: 'dead.letter', from, to, kind, reason }),
  );
  readonly #ownEpoch: number;
  #epoch: number;
  #seq = 0;
  #shutdown: Promise<void> | undefined;

  constructor(options: ActorSystemOptions) {
    this.name = options.name;
    this.clock = options.clock ?? systemClock;
    this.events = options.events ?? new EventHub();
    this.#seed = options.seed ?? 0;
    this.#ownEpoch = options.epoch ?? 0;
    this.#epoch = this.#ownEpoch + 1;
  }

  // ---- actors ------------------------------------------------------------------------------------------------

  /** Starts an actor of this thread. Throws DialecticError INTERNAL if the path is taken or names another thread. */
  spawn(path: string, create: ActorFactory, options: SpawnOptions = {}): ActorRef {
    if (threadOf(path) !== this.name)
      throw new DialecticError(
        'INTERNAL',
        `cannot spawn ${path} on thread ${this.name}: a path begins with its thread`,
      );
    if (this.#actors.has(path))
      throw new DialecticError('INTERNAL', `cannot spawn ${path}: an actor with this path is running`);
    if (this.#shutdown)
      throw new DialecticError('TERMINATED', `cannot spawn ${path}: ${this.name} is shutting down`);
    const jitter = new Random(this.#seed, path);
    const actor = new Actor(this, path, create, () => jitter.uniform(), options);
    this.#actors.set(path, actor);
    this.#watches.revived(path);
    this.emit({ type: 'actor.spawned', path, epoch: this.#epoch });
    actor.start();
    return { path, tell: (message) => this.tell(path, message) };
  }

  /** State of a running actor of this thread; undefined once it has ended. */
  stateOf(path: string): ActorState | undefined {
    return this.#actors.get(path)?.state;
  }

  /** Actors of this thread, in the order of their spawning. */
  get paths(): string[] {
    return [...this.#actors.keys()];
  }

  /** Stops an actor of this thread after the message in hand; past the deadline it is abandoned as 'killed'. */
  async stop(path: string, deadlineMs = 5000): Promise<void> {
    const actor = this.#actors.get(path);
    if (!actor) return;
    this.tell(path, { kind: 'actor.stop' });
    const cancel = this.clock.setTimer(deadlineMs, () =>
      actor.end('killed', `${path} was still busy ${deadlineMs} ms after it was asked to stop`),
    );
    await actor.ended;
    cancel();
  }

  /** Stops all actors, then closes all edges and links. Each actor has its own deadline. Safe to call again. */
  shutdown(deadlineMs = 5000): Promise<void> {
    this.#shutdown ??= this.#shutDown(deadlineMs);
    return this.#shutdown;
  }

  async #shutDown(deadlineMs: number): Promise<void> {
    for (const path of this.paths.reverse()) await this.stop(path, deadlineMs);
    await this.events.flush();
    for (const edge of [...this.#edges.values()]) edge.close();
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }

  // ---- messages ----------------------------------------------------------------------------------------------

  /** One-way send from outside any actor; false if it was refused at once. Gives the message's arrays away. */
  tell(to: string, message: Message): boolean {
    return this.post(`${this.name}/system`, to, message);
  }

  post(from: string, to: string, message: Message, edge?: string): boolean {
    const marked = edge === undefined ? {} : { edge };
    return this.send({ from, to, epoch: this.#ownEpoch, seq: this.#seq++, ...marked, message });
  }

  send(unversioned: Omit<Envelope, 'v'>): boolean {
    const envelope: Envelope = { v: PROTOCOL_VERSION, ...unversioned };
    const thread = threadOf(envelope.to);
    if (thread === this.name) return this.#deliver(envelope);
    const link = this.#links.get(thread);
    if (!link) return this.#refuse(envelope, 'no_link');
    try {
      link.post(envelope);
      return true;
    } catch {
      // An array that was already given away, or a value that cannot be cloned.
      return this.#refuse(envelope, 'not_sendable');
    }
  }

  /** Opens a data edge from an actor of this thread. */
  openEdge(options: EdgeOptions): CreditedEdge {
    const id = `${options.from}>${options.to}#${this.nextEpoch()}`;
    const edge = new CreditedEdge(this, id, options, () => this.#edges.delete(id));
    this.#edges.set(id, edge);
    edge.requestCredit();
    return edge;
  }

  /** Asks for one `actor.terminated` to `watcher` when the actor or thread at `target` ends. */
  watch(watcher: string, target: string): void {
    const thread = threadOf(target);
    if (thread === this.name) this.#watchLocal(watcher, target);
    else if (!this.#links.has(thread))
      this.#watches.notify(target, watcher, 'killed', `no link to ${thread}`);
    else if (this.#watches.add(watcher, target)) this.post(watcher, target, { kind: 'actor.watch', watcher });
  }

  #watchLocal(watcher: string, target: string): void {
    const actor = this.#actors.get(target);
    if (actor) actor.watchers.add(watcher);
    // A thread without an actor of its own name lives as long as its link: the other side sees that by itself.
    else if (target !== this.name) this.#watches.notifyEnded(target, watcher);
  }

  #deliver(envelope: Envelope): boolean {
    const { message } = envelope;
    switch (message.kind) {
      case 'credit.grant':
        this.#edges.get(message.edge)?.granted(message.amount);
        return true;
      case 'credit.request':
        if (this.#grants.requested(envelope, message))
          this.warn(`messages were lost on edge ${message.edge}`);
        return true;
      case 'actor.watch':
        this.#watchLocal(message.watcher, envelope.to);
        return true;
    }
    if (message.kind === 'actor.terminated') this.#watches.remove(envelope.to, message.path);
    this.#grants.arrived(envelope);
    const actor = this.#actors.get(envelope.to);
    return actor ? actor.offer(envelope) : this.#refuse(envelope, 'no_actor');
  }

  // ---- links -------------------------------------------------------------------------------------------------

  /** Routes messages for `link.peer` over this link, and takes what comes from it. */
  connect(link: Link): void {
    this.#links.get(link.peer)?.close();
    this.#links.set(link.peer, link);
    link.open({
      received: (value) => this.#receive(value, link.peer),
      closed: (reason) => {
        if (this.#links.get(link.peer) === link) this.#disconnected(link.peer, reason);
      },
    });
  }

  #receive(value: unknown, peer: string): void {
    let envelope: Envelope;
    try {
      envelope = parseEnvelope(value);
    } catch (error) {
      const raw = Object(value) as { edge?: unknown; message?: { kind?: unknown } };
      this.deadLetters.add({
        from: peer,
        to: this.name,
        kind: String(raw.message?.kind),
        reason: 'bad_message',
      });
      this.warn(error instanceof Error ? error.message : String(error));
      this.#grants.arrivedBad(raw.edge);
      return;
    }
    if (threadOf(envelope.to) === this.name) {
      this.#deliver(envelope);
      return;
    }
    this.#grants.arrived(envelope);
    this.#refuse(envelope, 'misrouted');
  }

  #disconnected(peer: string, reason: TerminationReason): void {
    this.#links.delete(peer);
    for (const edge of [...this.#edges.values()]) if (threadOf(edge.to) === peer) edge.close();
    this.#grants.disconnected(peer);
    for (const actor of this.#actors.values())
      for (const watcher of [...actor.watchers])
        if (threadOf(watcher) === peer) actor.watchers.delete(watcher);
    this.#watches.disconnected(peer, reason);
  }

  // ---- accounts ----------------------------------------------------------------------------------------------

  /** What this thread lost so far. */
  get lost(): Lost {
    const { lostEvents, lostMessages } = this.deadLetters;
    return { events: this.events.dropped + lostEvents, deadLetters: lostMessages };
  }

  /** Publishes an event with the time of now. */
  emit(event: UntimedEvent): void {
    this.events.publish({ ...event, time: this.clock.now() } as Event);
  }

  warn(detail: string): void {
    this.emit({ type: 'warning', source: this.name, detail });
  }

  consumed(envelope: Envelope): void {
    this.#grants.consumed(envelope);
  }

  discard(from: string, to: string, message: Message, reason: string): void {
    this.deadLetters.add({ from, to, kind: message.kind, reason, message });
  }

  deadLetter(envelope: Envelope, reason: string): void {
    this.discard(envelope.from, envelope.to, envelope.message, reason);
  }

  nextEpoch(): number {
    return this.#epoch++;
  }

  restarting(actor: Actor, delayMs: number, error: string): void {
    this.emit({ type: 'actor.restarted', path: actor.path, epoch: actor.epoch, delayMs, error });
  }

  ended(actor: Actor, reason: TerminationReason, error: string | undefined): void {
    this.#actors.delete(actor.path);
    this.#watches.ended(actor.path, reason, error, actor.watchers);
    this.emit({
      type: 'actor.terminated',
      path: actor.path,
      reason,
      ...(error === undefined ? {} : { error }),
    });
  }

  #refuse(envelope: Envelope, reason: string): false {
    this.deadLetter(envelope, reason);
    this.consumed(envelope);
    return false;
  }
}
