/** What gets the requests of plans completed and scored, whoever does the work. */
import type { CancellationReason, Message, Problem } from '../protocol/index.js';
import type { PlanRequest, ScoredCompletions } from './plan.js';

/** Whose problem a request is about: its numbers are words of the random key. */
interface RequestPlace {
  readonly update: number;
  readonly promptIndex: number;
  readonly problem: Problem;
}

/** One request to complete. */
export interface Work {
  /** Who withdraws it. */
  readonly owner: object;
  /** Unique among what is under way. */
  readonly name: string;
  readonly place: RequestPlace;
  readonly request: PlanRequest;
  readonly onCompleted: (completions: ScoredCompletions) => void;
  readonly onFailed: (reason: CancellationReason, detail: string) => void;
  /** Called when an attempt has failed, the last one included. */
  readonly onAttemptFailed: () => void;
}

export interface Completer {
  complete(work: Work): void;
  withdraw(owner: object): void;
  /** Takes a message that answers something, or says that somebody ended; true if it was meant for this. */
  take(message: Message): boolean;
  close(): void;
}

/** What a completer needs of the actor that carries it. */
export interface Carrier {
  readonly path: string;
  /** Incarnation. */
  readonly epoch: number;
  watch(path: string): void;
}
