/** What `solve` shows: the records of --json, which the transcript is made of too. */

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
  readonly answer: string | null;
}

/** Forward or backward reasoning: one completion. */
export interface CompletionEvent extends AnsweredCompletion {
  readonly type: 'completion';
  /** From 0. */
  readonly index: number;
}

/** One turn of a debate. */
export interface TurnEvent {
  readonly type: 'turn';
  readonly id: string;
  readonly role: string;
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
  /** `text` is the whole path; `agreement` the share of the other completions so far that gave the same answer. */
  readonly completions: readonly (AnsweredCompletion & { readonly agreement: number })[];
  /** Of the whole search, after this. */
  readonly rollouts: number;
  readonly tokens: number;
  readonly nodes: number;
}

export type SolveEvent = CompletionEvent | TurnEvent | ExpansionEvent;

/**
 * Why it ended. For all: `budget` (the tokens did not suffice for everything that was asked for), `budget_too_small` (not even for one
 * completion), `interrupted` (by a signal). Forward and backward: `completed`, `cut_off` (every completion reached its token limit). Debate: `consensus`, `unchanged`,
 * `rounds`. Tree: `rollouts`, `nodes`, `exhausted`.
 */
export type SolveStop =
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
  | 'exhausted';

export interface Vote {
  /** In the first wording that was given. */
  readonly answer: string;
  readonly count: number;
}

/** The last record. */
export interface Solution {
  readonly type: 'solution';
  readonly strategy: string;
  readonly question: string;
  readonly answer: string | null;
  /** Of the completion that gave the answer. */
  readonly reasoning: string | null;
  /** That completion; without an answer, the first one there was. */
  readonly completion: string | null;
  /** All that were sampled. */
  readonly tokens: number;
  /** Those of them in completions that an interruption cut, which have no vote. */
  readonly unfinishedTokens: number;
  readonly budget: number;
  readonly seconds: number;
  /** Of one completion, as the policy's positions allow. */
  readonly maxTokens: number;
  readonly stop: SolveStop;
  /** The answer is the best one until then; `stop` is `interrupted`. */
  readonly interrupted: boolean;
  readonly votes: readonly Vote[];
}
