/**
 * Forward or backward reasoning: one completion, or several whose most frequent answer wins (self-consistency).
 *
 * Invariants: completion i has random numbers of its own, so that more samples begin with the same completions; events come in the
 * order of the completions.
 */

import { DialecticError } from '../errors.js';
import { plurality } from '../techniques/debate/answers.js';
import {
  MIN_COMPLETION_TOKENS,
  type Plan,
  type PlanOutcome,
  type PlanRequest,
  type PlanResult,
  readAnswer,
  sameAnswer,
  votesOf,
} from './plan.js';
import type { CompletionEvent, SolveStop } from './solution.js';

export interface VoteOptions {
  readonly promptTokens: Int32Array; // [P]
  readonly samples: number;
  readonly budget: number;
  /** Of one completion. */
  readonly maxTokens: number;
  /** Completions under way at once. */
  readonly atOnce: number;
}

export class VotePlan implements Plan {
  readonly #done: (CompletionEvent | undefined)[] = [];
  /** Tokens that each completion under way may have, by its number. */
  readonly #out = new Map<number, number>();
  #asked = 0;
  #shown = 0;
  #spent = 0;
  #isShort = false;
  #isInterrupted = false;

  constructor(private readonly options: VoteOptions) {}

  takeRequests(): readonly PlanRequest[] {
    const { promptTokens, samples, atOnce } = this.options;
    const requests: PlanRequest[] = [];
    while (this.#asked < samples && this.#out.size < atOnce && !this.#isShort && !this.#isInterrupted) {
      const maxTokens = this.#tokensOfNext();
      if (maxTokens === 0) break;
      const stream = this.#asked++;
      this.#out.set(stream, maxTokens);
      requests.push({ stream, promptTokens, sampleCount: 1, maxTokens });
    }
    return requests;
  }

  accept(stream: number, { completions: [completion] }: PlanResult): void {
    const maxTokens = this.#out.get(stream);
    if (!completion || maxTokens === undefined)
      throw new DialecticError('INTERNAL', `completion ${stream} is not asked for`);
    this.#out.delete(stream);
    this.#spent += completion.tokens;
    if (!completion.stopped && maxTokens < this.options.maxTokens) this.#isShort = true;
    this.#done[stream] = {
      ...{ type: 'completion', index: stream },
      ...completion,
      answer: readAnswer(completion.text),
    };
  }

  /** A request is one completion: if that is whole, it has come in. */
  interrupt(): void {
    if (this.outcome()) return;
    this.#isInterrupted = true;
    this.#out.clear();
  }

  takeEvents(): readonly CompletionEvent[] {
    const ready: CompletionEvent[] = [];
    for (; this.#shown < this.#done.length; this.#shown++) {
      const next = this.#done[this.#shown];
      if (next) ready.push(next);
      else if (!this.#isInterrupted) break; // an interruption leaves gaps
    }
    return ready;
  }

  outcome(): PlanOutcome | null {
    const hasMore = this.#out.size > 0 || (this.#asked < this.options.samples && !this.#isShort);
    if (hasMore && !this.#isInterrupted) return null;
    const done = this.#finished();
    const answers = done.map(({ answer }) => answer);
    const chosen = done[plurality(answers, sameAnswer)];
    const shown = chosen ?? done[0];
    return {
      answer: chosen?.answer ?? null,
      completion: shown?.text ?? null,
      stop: this.#stopAfter(done),
      tokens: this.#spent,
      votes: votesOf(answers),
      details: { completions: done.length },
    };
  }

  artifact(): { name: string; content: object } {
    return { name: 'completions.json', content: this.#finished() };
  }

  #finished(): CompletionEvent[] {
    return this.#done.flatMap((each) => each ?? []);
  }

  #stopAfter(done: readonly CompletionEvent[]): SolveStop {
    if (this.#isInterrupted) return 'interrupted';
    if (done.length === 0) return 'budget_too_small';
    if (this.#isShort) return 'budget';
    return done.every(({ stopped }) => !stopped) ? 'cut_off' : 'completed';
  }

  /** Tokens for the next completion; 0 while what is under way must come back first, or when the budget is used up. */
  #tokensOfNext(): number {
    const { budget, maxTokens } = this.options;
    const reserved = [...this.#out.values()].reduce((sum, tokens) => sum + tokens, 0);
    const free = budget - this.#spent - reserved;
    if (free >= maxTokens) return maxTokens;
    if (this.#out.size > 0) return 0;
    if (free >= MIN_COMPLETION_TOKENS) return free;
    this.#isShort = true;
    return 0;
  }
}
