/**
 * Who wants to know of whose end: notices for actors of this thread, and for remote ones when their thread is gone.
 *
 * Invariants: one notice per watcher and end, however often it asked; each carries a reason.
 */
import type { Message, TerminationReason } from '../../protocol/index.js';
import { threadOf } from './ref.js';

/** Ends remembered for those who ask late. */
const MAX_REMEMBERED = 1000;

export class Watches {
  readonly #post: (from: string, to: string, message: Message) => void;
  /** Remote targets and their watchers in this thread. */
  readonly #remote = new Map<string, Set<string>>();
  /** How the latest actors of this thread ended. */
  readonly #endings = new Map<string, { reason: TerminationReason; error: string | undefined }>();

  constructor(post: (from: string, to: string, message: Message) => void) {
    this.#post = post;
  }

  /** Notes a watcher of a remote target; false if it already watches. */
  add(watcher: string, target: string): boolean {
    const watchers = this.#remote.get(target) ?? new Set();
    this.#remote.set(target, watchers);
    if (watchers.has(watcher)) return false;
    watchers.add(watcher);
    return true;
  }

  /** The watcher got its notice. */
  remove(watcher: string, target: string): void {
    const watchers = this.#remote.get(target);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#remote.delete(target);
  }

  /** An actor of this thread ended. */
  ended(
    path: string,
    reason: TerminationReason,
    error: string | undefined,
    watchers: Iterable<string>,
  ): void {
    this.#endings.set(path, { reason, error });
    const oldest = this.#endings.keys().next();
    if (this.#endings.size > MAX_REMEMBERED && !oldest.done) this.#endings.delete(oldest.value);
    for (const watcher of watchers) this.notify(path, watcher, reason, error);
  }

  /** An actor with this path runs again. */
  revived(path: string): void {
    this.#endings.delete(path);
  }

  /** Answers a watch of an actor of this thread that is not running. */
  notifyEnded(path: string, watcher: string): void {
    const ending = this.#endings.get(path) ?? { reason: 'normal' as const, error: 'there is no such actor' };
    this.notify(path, watcher, ending.reason, ending.error);
  }

  /** A thread is gone, and with it everything watched there. */
  disconnected(thread: string, reason: TerminationReason): void {
    for (const [target, watchers] of [...this.#remote]) {
      if (threadOf(target) !== thread) continue;
      this.#remote.delete(target);
      for (const watcher of watchers) this.notify(target, watcher, reason, `thread ${thread} is gone`);
    }
  }

  notify(path: string, watcher: string, reason: TerminationReason, error: string | undefined): void {
    const message: Message = {
      kind: 'actor.terminated',
      path,
      reason,
      ...(error === undefined ? {} : { error }),
    };
    this.#post(path, watcher, message);
  }
}
