/**
 * Samples what a plan of `solve` asks for, until it ends or is interrupted.
 *
 * Invariants: signals come in between two steps, and after the first one no token is sampled; a completion is whole only if the policy
 * or its token limit ended it.
 */

import { yieldToIo } from '../clock.js';
import { DialecticError } from '../errors.js';
import type { SampledCompletions, Sampler } from '../sampling/sampler.js';
import { textsOf } from '../techniques/search/sampled-continuations.js';
import type { Plan, PlanRequest, PlanResult, WholeCompletion } from './plan.js';
import type { SolveEvent } from './solution.js';

export interface DriveOptions {
  readonly plan: Plan;
  readonly sampler: Sampler;
  /** Told of every token that the sampler draws. */
  readonly drawn: DrawnTokens;
  readonly seed: number;
  readonly temperature: number;
  readonly decode: (tokens: Int32Array) => string;
  readonly isInterrupted: () => boolean;
  readonly onEvent: (event: SolveEvent) => void;
}

/** Errors: INTERNAL for a plan that neither ends nor asks for anything. */
export async function drive(options: DriveOptions): Promise<void> {
  const { plan, sampler, drawn, seed, temperature, decode, isInterrupted, onEvent } = options;
  while (true) {
    for (const each of plan.takeRequests()) {
      const { stream, ...request } = each;
      const key = { requestId: String(stream), seed, update: 0, promptIndex: 0, stream };
      sampler.submit({ ...key, ...request, temperature, topK: 0, topP: 1 });
      drawn.open(each);
    }
    await yieldToIo();
    if (isInterrupted()) plan.interrupt(drawn.whole(decode));
    for (const event of plan.takeEvents()) onEvent(event);
    if (plan.outcome()) return;
    if (sampler.load === 0)
      throw new DialecticError('INTERNAL', 'a plan neither ended nor asked for completions');
    for (const sampled of sampler.step()) {
      const stream = Number(sampled.requestId);
      drawn.close(stream);
      plan.accept(stream, resultOf(sampled, decode));
    }
  }
}

/** What was drawn for the requests that are out, since a sampler gives a request's completions only when all are whole. */
export class DrawnTokens {
  readonly #open = new Map<number, { readonly maxTokens: number; readonly samples: number[][] }>();
  readonly #stopTokens: ReadonlySet<number>;

  constructor(stopTokens: readonly number[]) {
    this.#stopTokens = new Set(stopTokens);
  }

  open({ stream, maxTokens, sampleCount }: PlanRequest): void {
    this.#open.set(stream, { maxTokens, samples: Array.from({ length: sampleCount }, () => []) });
  }

  draw(stream: number, sample: number, token: number): void {
    this.#open.get(stream)?.samples[sample]?.push(token);
  }

  close(stream: number): void {
    this.#open.delete(stream);
  }

  /** Completions that are whole, of requests that are out. */
  whole(decode: (tokens: Int32Array) => string): WholeCompletion[] {
    return [...this.#open].flatMap(([stream, { maxTokens, samples }]) =>
      samples.flatMap((drawn) => {
        const stopped = drawn.length > 0 && this.#stopTokens.has(drawn.at(-1)!);
        if (!stopped && drawn.length < maxTokens) return [];
        const tokenIds = Int32Array.from(drawn);
        return { stream, tokenIds, text: decode(tokenIds), tokens: drawn.length, stopped };
      }),
    );
  }
}

function resultOf(sampled: SampledCompletions, decode: (tokens: Int32Array) => string): PlanResult {
  const { lengths, stopped } = sampled;
  const texts = textsOf({ prefixTokens: NO_TOKENS, sampleCount: lengths.length }, sampled, decode);
  const completions = texts.map((text, i) => ({ text, tokens: lengths[i]!, stopped: stopped[i] === 1 }));
  return { completions, sampled };
}

const NO_TOKENS = new Int32Array(0);
