/**
 * The plain plan: completions of one prompt of one role. In training they are a group; for an asker the most frequent answer wins
 * (self-consistency).
 *
 * Invariants: sample i of a request has random numbers of its own, so that more samples begin with the same completions; events come
 * in the order of the completions; no completion is begun with fewer tokens left than `MIN_COMPLETION_TOKENS`.
 */
import { DialecticError } from '../errors.js';
import type { Role } from '../protocol/index.js';
import { type Answer, plurality, readAnswer, sameAnswer, votesOf } from './answers.js';
import { completionsOf, joined } from './completions.js';
import type { Plan, PlannedGroup, PlanRequest, PlanResult, ScoredCompletions } from './plan.js';
import type { CompletionEvent, PlanStop } from './plan-events.js';

/** No completion is begun with fewer tokens left than this. */
export const MIN_COMPLETION_TOKENS = 16;

/** What a plain plan asks for, and what it may cost. */
export interface SamplesPlanOptions {
  readonly role: Role;
  readonly promptTokens: Int32Array; // [P]
  /** Completions, and how many of them one request asks for. */
  readonly samples: number;
  readonly samplesPerRequest: number;
  /** Stream of the first request; the others follow. */
  readonly firstStream: number;
  /** Tokens of all completions together. */
  readonly budget: number;
  /** Of one completion. */
  readonly maxTokens: number;
  /** Requests under way at once. */
  readonly atOnce: number;
}

/** A request that is out or has come back. */
interface Place {
  /** Number of its first completion. */
  readonly firstSample: number;
  readonly sampleCount: number;
  /** Of each completion. */
  readonly maxTokens: number;
  completions: ScoredCompletions | null;
}

/** Completions of one prompt of one role: a group for the learner, or a vote. */
export class SamplesPlan implements Plan {
  readonly #places: Place[] = [];
  #askedSamples = 0;
  #shownPlaces = 0;
  #spent = 0;
  #isShort = false;
  #isInterrupted = false;

  constructor(private readonly options: SamplesPlanOptions) {}

  takeRequests(): readonly PlanRequest[] {
    const { role, promptTokens, samples, samplesPerRequest, firstStream, atOnce } = this.options;
    const requests: PlanRequest[] = [];
    while (
      this.#askedSamples < samples &&
      this.#open.length < atOnce &&
      !this.#isShort &&
      !this.#isInterrupted
    ) {
      const sampleCount = Math.min(samplesPerRequest, samples - this.#askedSamples);
      const maxTokens = this.#tokensOfNext(sampleCount);
      if (maxTokens === 0) break;
      const stream = firstStream + this.#places.length;
      this.#places.push({ firstSample: this.#askedSamples, sampleCount, maxTokens, completions: null });
      this.#askedSamples += sampleCount;
      requests.push({ stream, role, promptTokens, sampleCount, maxTokens });
    }
    return requests;
  }

  accept(stream: number, completions: ScoredCompletions): void {
    const place = this.#places[stream - this.options.firstStream];
    if (!place || place.completions)
      throw new DialecticError('INTERNAL', `completions of stream ${stream} are not asked for`);
    place.completions = completions;
    this.#spent += completions.tokens.length;
    const isCut = completions.stopped.some((flag) => flag === 0);
    if (isCut && place.maxTokens < this.options.maxTokens) this.#isShort = true;
  }

  /** Of a request that was cut nothing is kept: where each asks for one completion, what is whole has come in. */
  interrupt(): void {
    if (this.stop === null) this.#isInterrupted = true;
  }

  takeEvents(): readonly CompletionEvent[] {
    const ready: CompletionEvent[] = [];
    for (; this.#shownPlaces < this.#places.length; this.#shownPlaces++) {
      const place = this.#places[this.#shownPlaces]!;
      if (place.completions) ready.push(...eventsOf(place));
      else if (!this.#isInterrupted) break; // an interruption leaves gaps
    }
    return ready;
  }

  get stop(): PlanStop | null {
    if (this.#isInterrupted) return 'interrupted';
    const hasMore = this.#askedSamples < this.options.samples && !this.#isShort;
    if (hasMore || this.#open.length > 0) return null;
    const done = this.#done;
    if (done.length === 0) return 'budget_too_small';
    if (this.#isShort) return 'budget';
    return done.every(({ stopped }) => stopped.every((flag) => flag === 0)) ? 'cut_off' : 'completed';
  }

  result(): PlanResult {
    const stop = this.#ended();
    const texts = this.#done.flatMap((each) => each.texts);
    const answers: Answer[] = texts.map(readAnswer);
    const chosen = plurality(answers, sameAnswer);
    return {
      answer: answers[chosen] ?? null,
      completion: texts[Math.max(0, chosen)] ?? null,
      stop,
      tokens: this.#spent,
      votes: votesOf(answers),
      details: { completions: texts.length },
    };
  }

  groups(): readonly PlannedGroup[] {
    this.#ended();
    const done = this.#done;
    if (done.length === 0) return [];
    const { rewards, ...completions } = joined(done);
    if (rewards === null) return [];
    const { role, promptTokens } = this.options;
    return [{ name: null, role, promptTokens, ...completions, rewards }];
  }

  artifact(): { name: string; content: object } {
    return { name: 'completions.json', content: this.#places.flatMap(eventsOf) };
  }

  get #open(): readonly Place[] {
    return this.#isInterrupted ? [] : this.#places.filter(({ completions }) => completions === null);
  }

  get #done(): readonly ScoredCompletions[] {
    return this.#places.flatMap(({ completions }) => completions ?? []);
  }

  #ended(): PlanStop {
    if (this.stop === null) throw new DialecticError('INTERNAL', 'a plan was asked for its result too early');
    return this.stop;
  }

  /** Tokens of each completion of the next request; 0 while what is under way must come back first, or when the budget is used up. */
  #tokensOfNext(sampleCount: number): number {
    const { budget, maxTokens } = this.options;
    const open = this.#open;
    const reserved = open.reduce((sum, place) => sum + place.maxTokens * place.sampleCount, 0);
    const free = Math.floor((budget - this.#spent - reserved) / sampleCount);
    if (free >= maxTokens) return maxTokens;
    if (open.length > 0) return 0;
    if (free >= MIN_COMPLETION_TOKENS) return free;
    this.#isShort = true;
    return 0;
  }
}

function eventsOf({ firstSample, completions }: Place): CompletionEvent[] {
  if (completions === null) return [];
  return completionsOf(completions).map((completion, i) => ({
    type: 'completion',
    index: firstSample + i,
    ...completion,
    answer: readAnswer(completion.text),
  }));
}
