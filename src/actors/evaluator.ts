/**
 * Asks the samplers for one greedy completion of each of many prompts: held-out evaluation at one policy version.
 *
 * Invariants:
 * - evaluation never changes the policy or any random stream;
 * - prompts that a sampler held when it ended go to another one; without any left, the round fails;
 * - a prompt that a sampler could not answer is reported as null; when it is all of them, the round fails.
 */

import { DialecticError } from '../errors.js';
import type { CompletionsSampled } from '../protocol/index.js';
import type { ActorContext, ActorFactory } from './kernel/actor.js';
import type { CreditedEdge, EdgeOptions } from './kernel/edge.js';

export interface EvaluatorOptions {
  readonly samplers: readonly string[];
  readonly maxTokens: number;
  readonly openEdge: (options: EdgeOptions) => CreditedEdge;
  /** Called when a round begins and after every completion. */
  readonly onProgress: (done: number, total: number) => void;
}

interface Round {
  readonly prompts: readonly Int32Array[];
  readonly results: (Int32Array | null)[];
  readonly requests: Map<string, { index: number; sampler: string }>;
  /** Why the latest prompt without an answer has none. */
  failure: string | null;
  readonly resolve: (results: (Int32Array | null)[]) => void;
  readonly reject: (error: DialecticError) => void;
}

export class Evaluator {
  readonly create: ActorFactory;
  readonly #edges = new Map<string, CreditedEdge>();
  #context: ActorContext | null = null;
  #round: Round | null = null;
  #rounds = 0;

  constructor(private readonly options: EvaluatorOptions) {
    this.create = (context) => {
      this.#context = context;
      for (const to of options.samplers) {
        this.#edges.set(to, options.openEdge({ from: context.path, to, window: 256, maxQueued: 1_000_000 }));
        context.watch(to);
      }
      return (message) => {
        if (message.kind === 'completions.sampled') this.#finish(message.requestId, tokensOf(message));
        else if (message.kind === 'completions.failed') this.#finish(message.requestId, null, message.detail);
        else if (message.kind === 'actor.terminated') this.#samplerGone(message.path);
      };
    };
  }

  /**
   * Greedy completions of prompts, in their order; null where the sampler failed.
   * Rejects with TERMINATED when no sampler is left, with ENGINE when the samplers failed on every prompt.
   */
  complete(prompts: readonly Int32Array[]): Promise<(Int32Array | null)[]> {
    if (!this.#context || this.#round) throw new DialecticError('INTERNAL', 'the evaluator is not ready');
    if (this.#edges.size === 0) return Promise.reject(noSampler());
    const name = `evaluation-${++this.#rounds}`;
    return new Promise((resolve, reject) => {
      const results = prompts.map(() => null);
      const round: Round = { prompts, results, requests: new Map(), failure: null, resolve, reject };
      this.#round = round;
      this.options.onProgress(0, prompts.length);
      prompts.forEach((_, index) => {
        this.#ask(round, `${name}-${index}`, index);
      });
    });
  }

  #ask({ prompts, requests }: Round, requestId: string, index: number): void {
    const samplers = [...this.#edges.keys()];
    const sampler = samplers[index % samplers.length]!;
    requests.set(requestId, { index, sampler });
    this.#edges.get(sampler)!.send({
      kind: 'completions.request',
      requestId,
      purpose: 'evaluation',
      update: 0,
      promptIndex: index,
      stream: 0,
      promptTokens: prompts[index]!.slice(),
      sampleCount: 1,
      maxTokens: this.options.maxTokens,
      temperature: 0,
      topK: 0,
      topP: 1,
    });
  }

  #finish(requestId: string, tokens: Int32Array | null, failure: string | null = null): void {
    const round = this.#round;
    const request = round?.requests.get(requestId);
    if (!round || !request) return;
    round.requests.delete(requestId);
    round.results[request.index] = tokens;
    round.failure = failure ?? round.failure;
    const total = round.results.length;
    this.options.onProgress(total - round.requests.size, total);
    if (round.requests.size > 0) return;
    this.#round = null;
    if (round.failure !== null && round.results.every((result) => result === null))
      round.reject(new DialecticError('ENGINE', `no sampler could decode anything: ${round.failure}`));
    else round.resolve(round.results);
  }

  #samplerGone(path: string): void {
    this.#edges.get(path)?.close();
    this.#edges.delete(path);
    const round = this.#round;
    if (!round) return;
    if (this.#edges.size === 0) {
      this.#round = null;
      round.reject(noSampler());
      return;
    }
    for (const [requestId, { index, sampler }] of [...round.requests]) {
      if (sampler === path) this.#ask(round, requestId, index);
    }
  }
}

function noSampler(): DialecticError {
  return new DialecticError('TERMINATED', 'no sampler is left to evaluate the policy with');
}

function tokensOf({ tokens, lengths }: CompletionsSampled): Int32Array {
  return tokens.subarray(0, lengths[0]);
}
