/**
 * Completes requests by asking an actor of the role that each is for: how a moderator has the turns of a debate taken.
 *
 * Invariants: which actor of the role serves changes nothing: the request's numbers key its randomness.
 */
import type { Clock } from '../clock.js';
import { checked, type Message, type Role, type TurnCompleted } from '../protocol/index.js';
import type { Carrier, Completer, Work } from './completer.js';
import { type OpenEdge, Requests } from './requests.js';

export interface AskRoleOptions {
  /** Paths of the actors that take turns, by role; a problem's place in its update says which one is asked. */
  readonly actors: Readonly<Record<Role, readonly string[]>>;
  readonly clock: Clock;
  /** How long a turn may take. */
  readonly turnDeadlineMs: number;
  readonly openEdge: OpenEdge;
  readonly warn: (source: string, detail: string) => void;
}

export class AskRole implements Completer {
  readonly #requests: Requests<TurnCompleted>;

  constructor(
    { path, epoch, watch }: Carrier,
    private readonly options: AskRoleOptions,
  ) {
    const targets = [...new Set(Object.values(options.actors).flat())];
    this.#requests = new Requests({
      path,
      epoch,
      kind: 'actor',
      targets,
      clock: options.clock,
      deadlineMs: options.turnDeadlineMs,
      open: (to) => options.openEdge({ from: path, to }),
      blame: 'actor_terminated',
      onLate: (turnId) => options.warn(path, `what came of turn ${turnId} came too late`),
    });
    for (const target of targets) watch(target);
  }

  complete({ owner, name, place, request, onCompleted, onFailed, onAttemptFailed }: Work): void {
    const { update, promptIndex, problem } = place;
    const { role, stream, promptTokens, prefixTokens, keepsCaches, sampleCount, maxTokens } = request;
    this.#requests.ask({
      owner,
      name,
      place: promptIndex,
      onFailure: onFailed,
      onAttemptFailed,
      among: { kind: role, targets: this.options.actors[role] },
      message: (turnId) =>
        checked({
          kind: 'turn.request',
          turnId,
          role,
          update,
          promptIndex,
          stream,
          problem,
          sampleCount,
          maxTokens,
          promptTokens: promptTokens.slice(),
          ...(prefixTokens ? { prefixTokens: prefixTokens.slice() } : {}),
          ...(keepsCaches ? { keepsCaches } : {}),
        }),
      onReply: ({ kind: _kind, turnId: _turnId, rewardNames, rewards, scored, ...completions }) =>
        onCompleted({ ...completions, rewards: { names: rewardNames, values: rewards, scored } }),
    });
  }

  withdraw(owner: object): void {
    this.#requests.withdraw(owner);
  }

  take(message: Message): boolean {
    switch (message.kind) {
      case 'turn.completed':
        this.#requests.reply(message.turnId, message);
        return true;
      case 'turn.failed':
        this.#requests.fail(message.turnId, message.reason, message.detail);
        return true;
      case 'actor.terminated':
        this.#requests.targetEnded(message.path, message.reason);
        return true;
      default:
        return false;
    }
  }

  close(): void {
    this.#requests.close();
  }
}
