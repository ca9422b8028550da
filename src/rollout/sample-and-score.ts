/**
 * Completes requests by asking a sampler for completions and a scorer for their rewards.
 *
 * Invariants:
 * - the reference answer goes to the scorer only, never into a prompt;
 * - which sampler and which scorer serve changes nothing: the request's numbers key its randomness;
 * - completions that were sampled are not sampled again because a scorer failed.
 */
import type { Clock } from '../clock.js';
import { toDialecticError } from '../errors.js';
import { type CompletionsSampled, checked, type Message, type ScoresCompleted } from '../protocol/index.js';
import type { Carrier, Completer, Work } from './completer.js';
import { textsOf } from './completions.js';
import { type OpenEdge, Requests } from './requests.js';

/** How completions are drawn. */
export interface SamplingSettings {
  /** Of one completion. */
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
}

export interface SampleAndScoreOptions {
  /** Paths of the samplers; a problem's place in its update says which one is asked. */
  readonly samplers: readonly string[];
  /** Paths of the scorers, likewise. */
  readonly scorers: readonly string[];
  readonly sampling: SamplingSettings;
  readonly decode: (tokens: Int32Array) => string;
  readonly clock: Clock;
  /** How long a sampler or a scorer may take for one answer. */
  readonly requestDeadlineMs: number;
  readonly openEdge: OpenEdge;
  readonly warn: (source: string, detail: string) => void;
}

/** A tree asks for many continuations at once, and a sampler batches what it has. */
const EDGE_WINDOW = 256;

export class SampleAndScore implements Completer {
  readonly #samplers: Requests<CompletionsSampled>;
  readonly #scorers: Requests<ScoresCompleted>;

  constructor(
    carrier: Carrier,
    private readonly options: SampleAndScoreOptions,
  ) {
    const { clock, requestDeadlineMs: deadlineMs, openEdge, warn } = options;
    const { path, epoch } = carrier;
    const common = {
      path,
      epoch,
      clock,
      deadlineMs,
      open: (to: string) => openEdge({ from: path, to, window: EDGE_WINDOW }),
      onLate: (requestId: string) => warn(path, `what came of ${requestId} came too late`),
    };
    const { samplers, scorers } = options;
    this.#samplers = new Requests({ ...common, kind: 'sampler', targets: samplers, blame: 'sampler_error' });
    this.#scorers = new Requests({ ...common, kind: 'scorer', targets: scorers, blame: 'scorer_error' });
    for (const target of [...samplers, ...scorers]) carrier.watch(target);
  }

  complete(work: Work): void {
    const { owner, name, place, request, onFailed, onAttemptFailed } = work;
    const { update, promptIndex } = place;
    const { stream, promptTokens, prefixTokens, keepsCaches, sampleCount, maxTokens } = request;
    this.#samplers.ask({
      owner,
      name,
      place: promptIndex,
      onFailure: onFailed,
      onAttemptFailed,
      message: (requestId) =>
        checked({
          kind: 'completions.request',
          purpose: 'rollout',
          requestId,
          stream,
          update,
          promptIndex,
          sampleCount,
          promptTokens: promptTokens.slice(),
          ...(prefixTokens ? { prefixTokens: prefixTokens.slice() } : {}),
          ...(keepsCaches ? { keepsCaches } : {}),
          ...this.options.sampling,
          maxTokens,
        }),
      onReply: (sampled) => this.#score(work, sampled),
    });
  }

  withdraw(owner: object): void {
    this.#samplers.withdraw(owner);
    this.#scorers.withdraw(owner);
  }

  take(message: Message): boolean {
    switch (message.kind) {
      case 'completions.sampled':
        this.#samplers.reply(message.requestId, message);
        return true;
      case 'completions.failed':
        this.#samplers.fail(message.requestId, 'sampler_error', message.detail);
        return true;
      case 'scores.completed':
        this.#scorers.reply(message.requestId, message);
        return true;
      case 'scores.failed':
        this.#scorers.fail(message.requestId, 'scorer_error', message.detail);
        return true;
      case 'actor.terminated':
        this.#samplers.targetEnded(message.path, message.reason);
        this.#scorers.targetEnded(message.path, message.reason);
        return true;
      default:
        return false;
    }
  }

  close(): void {
    this.#samplers.close();
    this.#scorers.close();
  }

  #score(work: Work, sampled: CompletionsSampled): void {
    const { owner, name, place, request, onFailed, onAttemptFailed } = work;
    let texts: string[];
    try {
      texts = textsOf(request, sampled, this.options.decode);
    } catch (error) {
      // Asked again, the sampler would give the same: its completions are a function of the request.
      onAttemptFailed();
      onFailed('sampler_error', toDialecticError(error).message);
      return;
    }
    this.#scorers.ask({
      owner,
      name: `${name}/scores`,
      place: place.promptIndex,
      onFailure: onFailed,
      onAttemptFailed,
      message: (requestId) => ({ kind: 'scores.request', requestId, problem: place.problem, texts }),
      onReply: ({ rewardNames, rewards, scored }) => {
        if (scored.length !== texts.length) {
          onAttemptFailed();
          onFailed('scorer_error', `a scorer scored ${scored.length} of ${texts.length} texts`);
          return;
        }
        const { kind: _kind, requestId: _requestId, ...arrays } = sampled;
        work.onCompleted({ ...arrays, texts, rewards: { names: rewardNames, values: rewards, scored } });
      },
    });
  }
}
