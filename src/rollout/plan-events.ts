/** What happens in a plan, for whoever watches: `solve --json` prints these records, and training tells observers of them. */
import type { Role } from '../protocol/index.js';
import type { Answer } from './answers.js';

/** One sampled completion. */
export interface Completion {
  /** End token left out. */
  readonly text: string;
  readonly tokens: number;
  /** Ended by the policy, not by a limit. */
  readonly stopped: boolean;
}

/** With what it answered; null where that cannot be read. */
export interface AnsweredCompletion extends Completion {
  readonly answer: Answer;
}

/** One completion of one role alone. */
export interface CompletionEvent extends AnsweredCompletion {
  readonly type: 'completion';
  /** From 0. */
  readonly index: number;
}

/** One turn of a debate. */
export interface TurnEvent {
  readonly type: 'turn';
  readonly id: string;
  readonly role: Role;
  /** From 0. */
  readonly round: number;
  /** What the role was told of the others. */
  readonly heard: readonly { readonly role: string; readonly text: string }[];
  /** `answer` of a skeptic is the verdict. */
  readonly completions: readonly AnsweredCompletion[];
  /** The prompt left no room for a completion, so that none was sampled. */
  readonly promptTooLong: boolean;
}

/** A node of a search tree was continued. */
export interface ExpansionEvent {
  readonly type: 'expansion';
  readonly node: number;
  readonly depth: number;
  /**
   * `text` is the whole path; `agreement` the share of the other completions so far that gave the same answer, which guides a search
   * without rewards.
   */
  readonly completions: readonly (AnsweredCompletion & { readonly agreement?: number })[];
  /** Of the whole search, after this. */
  readonly rollouts: number;
  readonly tokens: number;
  readonly nodes: number;
}

/** One thing that happened in a plan. */
export type PlanEvent = CompletionEvent | TurnEvent | ExpansionEvent;

/**
 * Why a plan ended. For all: `budget` (the tokens did not suffice for everything that was asked for), `budget_too_small` (not even for
 * one completion), `interrupted` (by a signal, or because its task was given up). One role alone: `completed`, `cut_off` (every completion
 * reached its token limit). Debate: `consensus`, `unchanged`, `rounds`. Tree: `rollouts`, `nodes`, `exhausted`, `solved`.
 */
export type PlanStop =
  | 'completed'
  | 'cut_off'
  | 'budget'
  | 'budget_too_small'
  | 'interrupted'
  | 'consensus'
  | 'unchanged'
  | 'rounds'
  | 'rollouts'
  | 'nodes'
  | 'exhausted'
  | 'solved';
