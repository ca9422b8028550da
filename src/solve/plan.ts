/**
 * What every way of answering a question has in common: it asks for completions, takes them in, and ends with a solution.
 *
 * Invariants: a plan never asks for more tokens than its budget holds, tokens under way included; it neither samples nor prints, so
 * that what it asks and how it ends is a function of its options and the completions.
 */

import { answersAgree } from '../rewards/answers/answer.js';
import { parseCompletion } from '../rewards/parse.js';
import type { Answer } from '../techniques/debate/answers.js';
import type { SampledArrays } from '../techniques/search/sampled-continuations.js';
import { DEFAULT_SEARCH } from '../techniques/search/search-options.js';
import type { Completion, SolveEvent, SolveStop, Vote } from './solution.js';

/** No completion is begun with fewer tokens left than this. */
export const MIN_COMPLETION_TOKENS = DEFAULT_SEARCH.minCompletionTokens;

/** Completions of one prompt to sample. */
export interface PlanRequest {
  /** Unique in its plan: the key of the random numbers. */
  readonly stream: number;
  readonly promptTokens: Int32Array; // [P]
  /** What the completions continue, and whether others will continue them; see SamplingRequest. */
  readonly prefixTokens?: Int32Array; // [K]
  readonly keepsCaches?: boolean;
  readonly sampleCount: number;
  /** Of each completion. */
  readonly maxTokens: number;
}

/** What was sampled for a request. */
export interface PlanResult {
  readonly completions: readonly Completion[]; // [G]
  readonly sampled: SampledArrays;
}

/** A completion that was sampled to its end, of a request whose other completions were not. */
export interface WholeCompletion extends Completion {
  readonly stream: number;
  readonly tokenIds: Int32Array; // [T], stop token included
}

export interface PlanOutcome {
  readonly answer: Answer;
  /** The whole completion that gave the answer. */
  readonly completion: string | null;
  readonly stop: SolveStop;
  readonly tokens: number;
  readonly votes: readonly Vote[];
  /** What only this strategy has to say. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface Plan {
  /** Requests that are new since the last call. */
  takeRequests(): readonly PlanRequest[];
  /** Takes the completions of a request. Errors: INTERNAL for one that is not out. */
  accept(stream: number, result: PlanResult): void;
  /** Ends the plan with what has come in and what is whole of the rest. Changes nothing where it has ended already. */
  interrupt(whole: readonly WholeCompletion[]): void;
  /** What happened since the last call. */
  takeEvents(): readonly SolveEvent[];
  /** Null while the plan goes on. */
  outcome(): PlanOutcome | null;
  /** What --out keeps beside the solution: file name and content. */
  artifact(): { readonly name: string; readonly content: object };
}

/** The one answer of a completion; null where there is none. */
export function readAnswer(completion: string): Answer {
  return parseCompletion(completion).answer?.trim() || null;
}

/** Whether two answers say the same, whichever is taken for the right one. */
export function sameAnswer(a: string, b: string): boolean {
  return answersAgree(a, b, {});
}

/** Distinct answers with their frequency, the first wording of each, most frequent first; unreadable answers have no vote. */
export function votesOf(answers: readonly Answer[]): Vote[] {
  const votes: { answer: string; count: number }[] = [];
  for (const answer of answers) {
    if (answer === null) continue;
    const same = votes.find((vote) => sameAnswer(vote.answer, answer));
    if (same) same.count++;
    else votes.push({ answer, count: 1 });
  }
  return votes.sort((a, b) => b.count - a.count);
}
