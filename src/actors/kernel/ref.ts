/** Names actors: a path says which thread carries an actor, a ref sends to it. */
import type { Message } from '../../protocol/index.js';

/** Name of the thread that carries the actor at `path`: `rollout-0` for `rollout-0/forward-3`. */
export function threadOf(path: string): string {
  const slash = path.indexOf('/');
  return slash < 0 ? path : path.slice(0, slash);
}

/** A handle to one actor, on whatever thread. */
export interface ActorRef {
  readonly path: string;
  /** One-way send; false if it was refused at once. Gives the message's arrays away. */
  tell(message: Message): boolean;
}
