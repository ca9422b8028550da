/**
 * Asks the samplers for one greedy completion of each of many prompts: held-out evaluation at one policy version.
 *
 * Invariants: evaluation never changes the policy or any random stream; a prompt without an answer is reported as null,
 * and counts as wrong.
 */

import { DialecticError } from '../../protocol/errors.js';
import type { CompletionsSampled } from '../../protocol/index.js';
import type { ActorContext, ActorFactory } from '../system/actor.js';
import type { CreditedEdge, EdgeOptions } from '../system/edge.js';

export interface EvaluatorOptions {
  readonly samplers: readonly string[];
  readonly maxTokens: number;
  readonly openEdge: (options: EdgeOptions) => CreditedEdge;
  /** Called after every completion. */
  readonly onProgress: (done: number, total: number) => void;
}

interface Round {
  readonly results: (Int32Array | null)[];
  readonly requests: Map<string, { index: number; sampler: string }>;
  readonly resolve: (results: (Int32Array | null)[]) => void;
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
        else if (message.kind === 'completions.failed') this.#finish(message.requestId, null);
        else if (message.kind === 'actor.terminated') this.#samplerGone(message.path);
      };
    };
  }

  /** Greedy completions of prompts, in their order; null where no sampler could give one. */
  complete(prompts: readonly Int32Array[]): Promise<(Int32Array | null)[]> {
    if (!this.#context || this.#round) throw new DialecticError('INTERNAL', 'the evaluator is not ready');
    const samplers = [...this.#edges.keys()];
    if (samplers.length === 0) return Promise.reject(new DialecticError('TERMINATED', 'no sampler is left'));
    const round = ++this.#rounds;
    return new Promise((resolve) => {
      this.#round = { results: prompts.map(() => null), requests: new Map(), resolve };
      prompts.forEach((promptTokens, index) => {
        const sampler = samplers[index % samplers.length]!;
        const requestId = `evaluation-${round}-${index}`;
        this.#round!.requests.set(requestId, { index, sampler });
        this.#edges.get(sampler)!.send({
          kind: 'completions.request',
          requestId,
          purpose: 'evaluation',
          update: 0,
          promptIndex: index,
          promptTokens: promptTokens.slice(),
          sampleCount: 1,
          maxTokens: this.options.maxTokens,
          temperature: 0,
          topK: 0,
          topP: 1,
        });
      });
    });
  }

  #finish(requestId: string, tokens: Int32Array | null): void {
    const round = this.#round;
    const request = round?.requests.get(requestId);
    if (!round || !request) return;
    round.requests.delete(requestId);
    round.results[request.index] = tokens;
    const total = round.results.length;
    this.options.onProgress(total - round.requests.size, total);
    if (round.requests.size > 0) return;
    this.#round = null;
    round.resolve(round.results);
  }

  #samplerGone(path: string): void {
    this.#edges.get(path)?.close();
    this.#edges.delete(path);
    for (const [requestId, { sampler }] of [...(this.#round?.requests ?? [])]) {
      if (sampler === path) this.#finish(requestId, null);
    }
  }
}

function tokensOf({ tokens, lengths }: CompletionsSampled): Int32Array {
  return tokens.subarray(0, lengths[0]);
}
