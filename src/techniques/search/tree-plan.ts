/**
 * A tree search for one problem as a plan.
 *
 * Where completions are scored, rewards guide the search. Where nobody knows the right answer, a completion is worth the share of the
 * others so far that gave the same answer, and the most frequent answer wins (self-consistency).
 *
 * Invariants: a completion's worth is set when it comes in and never changes; all completions of a tree come from one policy version; all
 * have a vote, those that the tree did not keep because a sibling said the same too.
 */
import { DialecticError } from '../../errors.js';
import type { RewardRule, Rewards } from '../../protocol/index.js';
import type { AdvantageOptions } from '../../rewards/advantages.js';
import { type Answer, plurality, sameAnswer, votesOf } from '../../rollout/answers.js';
import { completionsOf } from '../../rollout/completions.js';
import type {
  Plan,
  PlannedGroup,
  PlanRequest,
  PlanResult,
  ScoredCompletions,
  WholeCompletion,
} from '../../rollout/plan.js';
import type { Completion, ExpansionEvent, PlanStop } from '../../rollout/plan-events.js';
import { type ContinuationRequest, OrderedSearch } from './ordered-search.js';
import { renderTree } from './render.js';
import { scoreContinuations } from './sampled-continuations.js';
import { saveSearch } from './saved-search.js';
import { TreeSearch } from './search.js';
import type { SearchOptions } from './search-options.js';
import { treeGroup } from './tree-group.js';

interface TreePlanOptions {
  readonly promptTokens: Int32Array; // [P]
  readonly decode: (tokens: Int32Array) => string;
  readonly readAnswer: (completion: string) => Answer;
  /** What the tree may cost and how it grows. */
  readonly search: Partial<SearchOptions>;
  /** Continuations under way at once; part of what the tree depends on. */
  readonly workers: number;
  /** Rewards by name: outcome rewards guide the search, the advantages are of all. Null where nobody scores. */
  readonly scoring: {
    readonly rules: Readonly<Record<string, RewardRule>>;
    readonly advantages: AdvantageOptions;
  } | null;
}

/** More than any agreement, so that no answer counts as proven. */
const UNREACHABLE_REWARD = 2;
const AGREEMENT_RULES = { agreement: { weight: 1, kind: 'outcome' } } as const;

export class TreePlan implements Plan {
  readonly ordered: OrderedSearch;
  readonly #out = new Map<number, ContinuationRequest>();
  readonly #votes: { readonly text: string; readonly answer: Answer }[] = [];
  #events: ExpansionEvent[] = [];
  #spent = 0;
  #policyVersion: number | null = null;
  #rewardNames: readonly string[] = [];
  #isInterrupted = false;

  constructor(private readonly options: TreePlanOptions) {
    const { search, workers, scoring } = options;
    const bestReward = scoring ? 1 : UNREACHABLE_REWARD;
    this.ordered = new OrderedSearch(new TreeSearch({ ...search, bestReward }), workers);
  }

  takeRequests(): readonly PlanRequest[] {
    const { promptTokens } = this.options;
    return this.ordered.takeRequests().map((request) => {
      const { stream, prefixTokens, sampleCount, maxTokens } = request;
      this.#out.set(stream, request);
      return {
        stream,
        role: 'forward',
        promptTokens,
        prefixTokens,
        keepsCaches: true,
        sampleCount,
        maxTokens,
      };
    });
  }

  accept(stream: number, completions: ScoredCompletions): void {
    const request = this.#out.get(stream);
    if (!request) throw new DialecticError('INTERNAL', `continuation ${stream} is not asked for`);
    const { policyVersion, texts } = completions;
    this.#policyVersion ??= policyVersion;
    if (this.#policyVersion !== policyVersion) {
      const versions = `${this.#policyVersion} and ${policyVersion}`;
      throw new DialecticError('PROTOCOL', `completions of one tree came from policy versions ${versions}`);
    }
    this.#out.delete(stream);
    const heard = this.#record(completionsOf(completions));
    const rewards = completions.rewards ?? agreementRewards(heard);
    this.#rewardNames = rewards.names;
    const { decode, readAnswer, scoring } = this.options;
    const reading = { decode, readAnswer, rules: scoring?.rules ?? AGREEMENT_RULES };
    const handedIn = this.ordered.accept(stream, scoreContinuations(completions, texts, rewards, reading));
    if (scoring) for (const { nodeId } of handedIn) this.#report(nodeId, []);
    else this.#report(request.nodeId, heard);
  }

  /** Completions whose siblings were cut have a vote, but no place in the tree. */
  interrupt(whole: readonly WholeCompletion[]): void {
    if (this.stop !== null) return;
    this.#isInterrupted = true;
    for (const [stream, { nodeId }] of this.#out) {
      const given = whole.filter((each) => each.stream === stream);
      if (given.length > 0) this.#report(nodeId, this.#record(given));
    }
    this.#out.clear();
    const { search } = this.ordered;
    for (const { ticketId } of search.outstanding) search.cancel(ticketId, 'cancelled');
  }

  takeEvents(): readonly ExpansionEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  get stop(): PlanStop | null {
    if (this.#isInterrupted) return 'interrupted';
    const { reason } = this.ordered;
    if (reason === null || this.#out.size > 0) return null;
    return reason === 'tokens' ? 'budget' : reason;
  }

  result(): PlanResult {
    const stop = this.#ended();
    const { search } = this.ordered;
    const answers = this.#votes.map(({ answer }) => answer);
    const chosen = this.#votes[plurality(answers, sameAnswer)];
    return {
      answer: chosen?.answer ?? null,
      completion: (chosen ?? this.#votes[0])?.text ?? null,
      stop,
      tokens: this.#spent,
      votes: votesOf(answers),
      details: { nodes: search.tree.size, counts: search.counts },
    };
  }

  groups(): readonly PlannedGroup[] {
    this.#ended();
    const { scoring, promptTokens } = this.options;
    const { search, rewardsOf } = this.ordered;
    if (!scoring || this.#policyVersion === null) return [];
    const { rules, advantages: scale } = scoring;
    const group = treeGroup(search.tree, rewardsOf, { ...scale, rewardNames: this.#rewardNames, rules });
    if (group === null) return [];
    const {
      parents,
      advantages,
      pathWeights,
      rewardNames: names,
      rewards: values,
      scored,
      ...arrays
    } = group;
    return [
      {
        name: null,
        role: 'forward',
        policyVersion: this.#policyVersion,
        promptTokens,
        ...arrays,
        rewards: { names, values, scored },
        segments: { parents, advantages, pathWeights },
      },
    ];
  }

  artifact(): { name: string; content: object } {
    return { name: 'tree.json', content: saveSearch(this.ordered.search) };
  }

  /** The tree for people. `show` makes model text safe to print. */
  render(show: (text: string) => string): string {
    return renderTree(this.ordered.search.tree, { show });
  }

  #ended(): PlanStop {
    const { stop } = this;
    if (stop === null) throw new DialecticError('INTERNAL', 'a tree was asked for its result too early');
    return stop;
  }

  /** Counts votes and tokens; says how far each answer agrees with those so far where that guides the search. */
  #record(completions: readonly Completion[]): ExpansionEvent['completions'] {
    const { readAnswer, scoring } = this.options;
    this.#spent += completions.reduce((sum, { tokens }) => sum + tokens, 0);
    const answers = completions.map(({ text }) => readAnswer(text));
    this.#votes.push(...completions.map(({ text }, i) => ({ text, answer: answers[i]! })));
    return completions.map(({ text, tokens, stopped }, i) => {
      const answer = answers[i]!;
      const agreement = scoring ? {} : { agreement: this.#agreementWith(answer) };
      return { text, tokens, stopped, answer, ...agreement };
    });
  }

  #report(node: number, completions: ExpansionEvent['completions']): void {
    const { counts, tree } = this.ordered.search;
    const { depth } = tree.node(node);
    const { rollouts, tokens } = counts;
    this.#events.push({ type: 'expansion', node, depth, completions, rollouts, tokens, nodes: tree.size });
  }

  /** Share of the other completions so far that gave this answer; 0 without others, or without an answer. */
  #agreementWith(answer: Answer): number {
    const others = this.#votes.length - 1;
    if (answer === null || others === 0) return 0;
    const same = this.#votes.filter((each) => each.answer !== null && sameAnswer(each.answer, answer));
    return (same.length - 1) / others;
  }
}

function agreementRewards(heard: ExpansionEvent['completions']): Rewards {
  return {
    names: ['agreement'],
    values: Float32Array.from(heard, ({ agreement = 0 }) => agreement),
    scored: new Uint8Array(heard.length).fill(1),
  };
}
