/**
 * The evaluator actor: asks the samplers for one greedy completion of each of many prompts, at one policy version.
 *
 * Invariants:
 * - evaluation never changes the policy or any random stream;
 * - a prompt that a sampler could not answer goes to another one once, then it is reported as null; when it is all of them, or no sampler
 *   is left, the round fails.
 */
import { systemClock } from '../clock.js';
import { DialecticError } from '../errors.js';
import type { CompletionsSampled } from '../protocol/index.js';
import { type OpenEdge, Requests } from '../rollout/requests.js';
import type { ActorFactory } from './kernel/actor.js';

interface EvaluatorOptions {
  readonly samplers: readonly string[];
  readonly maxTokens: number;
  readonly openEdge: OpenEdge;
  /** Called when a round begins and after every completion. */
  readonly onProgress: (done: number, total: number) => void;
}

interface Round {
  readonly results: (Int32Array | null)[];
  left: number;
  /** Why the latest prompt without an answer has none. */
  failure: string | null;
  readonly resolve: (results: (Int32Array | null)[]) => void;
  readonly reject: (error: DialecticError) => void;
}

export class Evaluator {
  readonly create: ActorFactory;
  #requests: Requests<CompletionsSampled> | null = null;
  #round: Round | null = null;
  #rounds = 0;

  constructor(private readonly options: EvaluatorOptions) {
    const { samplers: targets, openEdge } = options;
    this.create = (context) => {
      const { path, epoch } = context;
      const requests = new Requests<CompletionsSampled>({
        path,
        epoch,
        kind: 'sampler',
        targets,
        clock: systemClock,
        deadlineMs: null,
        open: (to) => openEdge({ from: path, to, window: 256, maxQueued: 1_000_000 }),
        blame: 'sampler_error',
        onLate: () => {},
      });
      this.#requests = requests;
      for (const target of targets) context.watch(target);
      return (message) => {
        if (message.kind === 'completions.sampled') requests.reply(message.requestId, message);
        else if (message.kind === 'completions.failed')
          requests.fail(message.requestId, 'sampler_error', message.detail);
        else if (message.kind === 'actor.terminated') this.#samplerEnded(message.path, message.reason);
      };
    };
  }

  /**
   * Greedy completions of prompts, in their order; null where the sampler failed.
   * Rejects with TERMINATED when no sampler is left, with ENGINE when the samplers failed on every prompt.
   */
  complete(prompts: readonly Int32Array[]): Promise<(Int32Array | null)[]> {
    const requests = this.#requests;
    if (!requests || this.#round) throw new DialecticError('INTERNAL', 'the evaluator is not ready');
    if (requests.targets.length === 0) return Promise.reject(noSampler());
    const name = `evaluation-${++this.#rounds}`;
    return new Promise((resolve, reject) => {
      const results = prompts.map(() => null);
      const round: Round = { results, left: prompts.length, failure: null, resolve, reject };
      this.#round = round;
      this.options.onProgress(0, prompts.length);
      prompts.forEach((prompt, index) => {
        requests.ask({
          owner: round,
          name: `${name}-${index}`,
          place: index,
          message: (requestId) => ({
            kind: 'completions.request',
            purpose: 'evaluation',
            requestId,
            update: 0,
            promptIndex: index,
            stream: 0,
            sampleCount: 1,
            promptTokens: prompt.slice(),
            maxTokens: this.options.maxTokens,
            temperature: 0,
            topK: 0,
            topP: 1,
          }),
          onReply: ({ tokens, lengths }) => this.#settle(round, index, tokens.subarray(0, lengths[0]), null),
          onFailure: (_reason, detail) => this.#settle(round, index, null, detail),
        });
      });
    });
  }

  #settle(round: Round, index: number, tokens: Int32Array | null, failure: string | null): void {
    round.results[index] = tokens;
    round.failure = failure ?? round.failure;
    round.left--;
    const total = round.results.length;
    this.options.onProgress(total - round.left, total);
    if (round.left > 0) return;
    this.#round = null;
    if (round.failure !== null && round.results.every((result) => result === null))
      round.reject(new DialecticError('ENGINE', `no sampler could decode anything: ${round.failure}`));
    else round.resolve(round.results);
  }

  #samplerEnded(path: string, reason: string): void {
    const requests = this.#requests!;
    const round = this.#round;
    if (round && requests.targets.every((target) => target === path)) {
      this.#round = null;
      requests.withdraw(round);
      round.reject(noSampler());
    }
    requests.targetEnded(path, reason);
  }
}

function noSampler(): DialecticError {
  return new DialecticError('TERMINATED', 'no sampler is left to evaluate the policy with');
}
