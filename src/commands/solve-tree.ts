/**
 * A tree search for one question, without a verifier: a completion is worth the share of the others that gave the same answer, and
 * the most frequent answer wins (self-consistency).
 *
 * Invariants: a completion's worth is set when it comes in and never changes; all completions have a vote, those that the tree
 * did not keep because a sibling said the same too.
 */
import { type Answer, plurality } from '../actors/debate/answers.js';
import { type ContinuationRequest, OrderedSearch } from '../actors/search/ordered-search.js';
import { renderTree } from '../actors/search/render.js';
import { scoreContinuations, textsOf } from '../actors/search/sampled-continuations.js';
import { saveSearch } from '../actors/search/saved-search.js';
import { TreeSearch } from '../actors/search/search.js';
import type { ExpansionEvent, SolveStop } from '../observe/solution.js';
import { DialecticError } from '../protocol/errors.js';
import {
  MIN_COMPLETION_TOKENS,
  type Plan,
  type PlanOutcome,
  type PlanRequest,
  type PlanResult,
  readAnswer,
  sameAnswer,
  votesOf,
} from './solve-plan.js';

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
    this.#given.push(...texts.map((text) => ({ text, answer: readAnswer(text) })));
    const agreements = texts.map((text) => this.#agreementWith(readAnswer(text)));
    const rewards = {
      names: ['agreement'],
      values: Float32Array.from(agreements),
      scored: new Uint8Array(texts.length).fill(1),
    };
    const { decode } = this.options;
    const rules = { agreement: { weight: 1, kind: 'outcome' } } as const;
    const { search } = this.#ordered;
    const { depth } = search.tree.node(request.nodeId);
    this.#ordered.accept(
      stream,
      scoreContinuations(request, sampled, texts, rewards, { decode, readAnswer, rules }),
    );
    this.#events.push({
      ...{ type: 'expansion', node: request.nodeId, depth },
      completions: completions.map(({ tokens, stopped }, i) => {
        const text = texts[i]!;
        return { text, tokens, stopped, answer: readAnswer(text), agreement: agreements[i]! };
      }),
      ...{ rollouts: search.counts.rollouts, tokens: search.counts.tokens, nodes: search.tree.size },
    });
  }

  takeEvents(): readonly ExpansionEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  outcome(): PlanOutcome | null {
    const { reason, search } = this.#ordered;
    if (reason === null || this.#out.size > 0) return null;
    if (reason === 'solved') throw new DialecticError('INTERNAL', 'a search without a verifier was solved');
    const stop: SolveStop = reason === 'tokens' ? 'budget' : reason;
    const answers = this.#given.map(({ answer }) => answer);
    const chosen = this.#given[plurality(answers, sameAnswer)];
    return {
      answer: chosen?.answer ?? null,
      completion: (chosen ?? this.#given[0])?.text ?? null,
      stop,
      tokens: search.counts.tokens,
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

  /** Share of the other completions so far that gave this answer; 0 without others, or without an answer. */
  #agreementWith(answer: Answer): number {
    const others = this.#given.length - 1;
    if (answer === null || others === 0) return 0;
    const same = this.#given.filter((each) => each.answer !== null && sameAnswer(each.answer, answer));
    return (same.length - 1) / others;
  }
}
