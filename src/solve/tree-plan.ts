/**
 * A tree search for one question, without a verifier: a completion is worth the share of the others that gave the same answer, and
 * the most frequent answer wins (self-consistency).
 *
 * Invariants: a completion's worth is set when it comes in and never changes; all completions have a vote, those that the tree
 * did not keep because a sibling said the same too.
 */

import { DialecticError } from '../errors.js';
import { type Answer, plurality } from '../techniques/debate/answers.js';
import { type ContinuationRequest, OrderedSearch } from '../techniques/search/ordered-search.js';
import { renderTree } from '../techniques/search/render.js';
import { scoreContinuations, textsOf } from '../techniques/search/sampled-continuations.js';
import { saveSearch } from '../techniques/search/saved-search.js';
import { TreeSearch } from '../techniques/search/search.js';
import {
  MIN_COMPLETION_TOKENS,
  type Plan,
  type PlanOutcome,
  type PlanRequest,
  type PlanResult,
  readAnswer,
  sameAnswer,
  votesOf,
  type WholeCompletion,
} from './plan.js';
import type { Completion, ExpansionEvent, SolveStop } from './solution.js';

export interface TreePlanOptions {
  readonly promptTokens: Int32Array; // [P]
  readonly decode: (tokens: Int32Array) => string;
  readonly seed: number;
  readonly rollouts: number;
  readonly budget: number;
  /** Of one path. */
  readonly maxTokens: number;
}

const WIDTH = 4;
/** Continuations under way at once; part of what the tree depends on. */
const WORKERS = 4;
/** More than any agreement, so that no answer counts as proven. */
const UNREACHABLE_REWARD = 2;

export class TreePlan implements Plan {
  readonly #ordered: OrderedSearch;
  readonly #out = new Map<number, ContinuationRequest>();
  readonly #given: { readonly text: string; readonly answer: Answer }[] = [];
  #events: ExpansionEvent[] = [];
  #spent = 0;
  #isInterrupted = false;

  constructor(private readonly options: TreePlanOptions) {
    const { seed, rollouts, budget, maxTokens } = options;
    const search = new TreeSearch({
      ...{ seed, width: WIDTH, maxRollouts: rollouts, maxTokens: budget, bestReward: UNREACHABLE_REWARD },
      maxCompletionTokens: maxTokens,
      minCompletionTokens: Math.min(MIN_COMPLETION_TOKENS, maxTokens),
    });
    this.#ordered = new OrderedSearch(search, WORKERS);
  }

  takeRequests(): readonly PlanRequest[] {
    return this.#ordered.takeRequests().map((request) => {
      const { stream, prefixTokens, sampleCount, maxTokens } = request;
      this.#out.set(stream, request);
      const { promptTokens } = this.options;
      return { stream, promptTokens, prefixTokens, keepsCaches: true, sampleCount, maxTokens };
    });
  }

  accept(stream: number, { completions, sampled }: PlanResult): void {
    const request = this.#out.get(stream);
    if (!request) throw new DialecticError('INTERNAL', `continuation ${stream} is not asked for`);
    this.#out.delete(stream);
    const texts = textsOf(request, sampled, this.options.decode);
    const heard = this.#hear(texts, completions);
    const rewards = {
      names: ['agreement'],
      values: Float32Array.from(heard, ({ agreement }) => agreement),
      scored: new Uint8Array(texts.length).fill(1),
    };
    const { decode } = this.options;
    const rules = { agreement: { weight: 1, kind: 'outcome' } } as const;
    this.#ordered.accept(
      stream,
      scoreContinuations(request, sampled, texts, rewards, { decode, readAnswer, rules }),
    );
    this.#report(request, heard);
  }

  /** Completions whose siblings were cut have a vote, but no place in the tree. */
  interrupt(whole: readonly WholeCompletion[]): void {
    if (this.outcome()) return;
    this.#isInterrupted = true;
    for (const [stream, request] of this.#out) {
      const given = whole.filter((each) => each.stream === stream);
      if (given.length === 0) continue;
      const texts = given.map(({ tokenIds }) =>
        this.options.decode(Int32Array.from([...request.prefixTokens, ...tokenIds])),
      );
      this.#report(request, this.#hear(texts, given));
    }
    this.#out.clear();
  }

  takeEvents(): readonly ExpansionEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  outcome(): PlanOutcome | null {
    const { search } = this.#ordered;
    const stop = this.#stop();
    if (stop === null) return null;
    const answers = this.#given.map(({ answer }) => answer);
    const chosen = this.#given[plurality(answers, sameAnswer)];
    return {
      answer: chosen?.answer ?? null,
      completion: (chosen ?? this.#given[0])?.text ?? null,
      stop,
      tokens: this.#spent,
      votes: votesOf(answers),
      details: { nodes: search.tree.size, counts: search.counts },
    };
  }

  artifact(): { name: string; content: object } {
    return { name: 'tree.json', content: saveSearch(this.#ordered.search) };
  }

  /** The tree for people. `show` makes model text safe to print. */
  render(show: (text: string) => string): string {
    return renderTree(this.#ordered.search.tree, { show });
  }

  #stop(): SolveStop | null {
    if (this.#isInterrupted) return 'interrupted';
    const { reason } = this.#ordered;
    if (reason === null || this.#out.size > 0) return null;
    if (reason === 'solved') throw new DialecticError('INTERNAL', 'a search without a verifier was solved');
    return reason === 'tokens' ? 'budget' : reason;
  }

  /** Counts votes and tokens. */
  #hear(texts: readonly string[], completions: readonly Completion[]): ExpansionEvent['completions'] {
    this.#spent += completions.reduce((sum, { tokens }) => sum + tokens, 0);
    const answers = texts.map(readAnswer);
    this.#given.push(...texts.map((text, i) => ({ text, answer: answers[i]! })));
    return completions.map(({ tokens, stopped }, i) => {
      const answer = answers[i]!;
      return { text: texts[i]!, tokens, stopped, answer, agreement: this.#agreementWith(answer) };
    });
  }

  #report({ nodeId: node }: ContinuationRequest, completions: ExpansionEvent['completions']): void {
    const { counts, tree } = this.#ordered.search;
    const { depth } = tree.node(node);
    const { rollouts, tokens } = counts;
    this.#events.push({ type: 'expansion', node, depth, completions, rollouts, tokens, nodes: tree.size });
  }

  /** Share of the other completions so far that gave this answer; 0 without others, or without an answer. */
  #agreementWith(answer: Answer): number {
    const others = this.#given.length - 1;
    if (answer === null || others === 0) return 0;
    const same = this.#given.filter((each) => each.answer !== null && sameAnswer(each.answer, answer));
    return (same.length - 1) / others;
  }
}
