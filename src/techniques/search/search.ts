/**
 * Monte Carlo tree search over reasoning steps, driven from outside: ask for the next ticket, sample what it asks for, hand
 * the completion in. Nothing here waits, so that any number of searchers can work on one tree.
 *
 * One rollout: descend by the selection rule to a node that may have another child (selection); the policy continues from there
 * to the end, and its steps become nodes (expansion and simulation in one completion); its reward goes to every
 * node of the path (back-propagation).
 *
 * Invariants:
 * - a ticket ends in exactly one of `complete`, `cancel`; when none is out, every in-flight count is 0;
 * - the token budget is never exceeded: a ticket reserves the tokens it may use;
 * - the tree is a function of the options and of the order of calls; a cancelled draw is given out again under its index.
 */
import { DialecticError } from '../../errors.js';
import { keyedUniform } from '../../random.js';
import { checkSearchOptions, DEFAULT_SEARCH, type SearchOptions } from './search-options.js';
import { countedVisits, rankChildren } from './selection.js';
import { joinSteps, tidySteps } from './tidy-steps.js';
import { type Ending, SearchTree, type Step, type TreeNode } from './tree.js';

/** Work for a searcher: sample a continuation of a node. */
export interface Ticket {
  readonly ticketId: number;
  readonly nodeId: number;
  /** With nodeId, the key of the continuation's random numbers: equal draws must give equal completions. */
  readonly draw: number;
  /** What the continuation follows, behind the prompt. */
  readonly prefixTokens: Int32Array;
  /** Tokens that the continuation may have. */
  readonly maxTokens: number;
}

/** Why a search ended. `budget_too_small`: the tokens never sufficed for one completion. */
export type StopReason = 'rollouts' | 'tokens' | 'budget_too_small' | 'nodes' | 'solved' | 'exhausted';

/** `wait`: nothing to give out before a ticket that is out comes back. */
export type NextWork =
  | { readonly kind: 'ticket'; readonly ticket: Ticket }
  | { readonly kind: 'wait' }
  | { readonly kind: 'done'; readonly reason: StopReason };

/** A sampled and scored continuation. */
export interface Continuation {
  readonly steps: readonly Step[];
  readonly ending: Ending;
  /** Reward of the whole path. */
  readonly reward: number;
}

type CancelReason = 'timeout' | 'error' | 'cancelled' | 'reward_not_finite';

/** Everything that happened, so that nothing is dropped in silence. */
const NO_COUNTS = {
  rollouts: 0,
  /** Tokens of continuations. */
  tokens: 0,
  /** Always 0: what reads trees and events expects it. */
  rescored: 0,
  /** Continuations without one answer, without tokens, cut at the token limit. */
  untagged: 0,
  empty: 0,
  cutOff: 0,
  /** Blank steps joined to a neighbour; paths that ran in a cycle; steps that had no room. */
  blankSteps: 0,
  cycles: 0,
  joinedSteps: 0,
  /** Steps that said what a sibling had said, and tokens not kept because their wording differed from the sibling's. */
  mergedSteps: 0,
  discardedTokens: 0,
  /** Rollouts that ended in an ending already known. */
  duplicates: 0,
  /** Results for tickets that were no longer out. */
  late: 0,
  /** Requests that found all work given out. */
  waits: 0,
  /** How often all draws were used up and doubled, and the endings known the last time. */
  reopened: 0,
  leavesAtReopening: 0,
  timeout: 0,
  error: 0,
  cancelled: 0,
  reward_not_finite: 0,
};
export type SearchCounts = { -readonly [K in keyof typeof NO_COUNTS]: number };

export class TreeSearch {
  readonly options: SearchOptions;
  readonly tree = new SearchTree();
  readonly counts: SearchCounts = { ...NO_COUNTS };
  readonly #out = new Map<number, Ticket>();
  #nextTicket = 0;
  #reserved = 0;

  /** Begins with an empty tree. Errors: CONFIG for impossible options. */
  constructor(options: Partial<SearchOptions>) {
    this.options = { ...DEFAULT_SEARCH, ...options };
    checkSearchOptions(this.options);
  }

  /** Tickets that are out. */
  get outstanding(): readonly Ticket[] {
    return [...this.#out.values()];
  }

  get nextTicket(): number {
    return this.#nextTicket;
  }

  /** The next piece of work. */
  next(): NextWork {
    if (this.options.stopAtSolution && this.#isProvenSolution) return { kind: 'done', reason: 'solved' };
    const limit = this.#limitReached();
    if (limit) return this.#waitOr(limit);
    const node = this.#select(this.tree.root) ?? (this.#reopen() ? this.#select(this.tree.root) : null);
    if (!node) return this.#waitOr('exhausted');
    const maxTokens = Math.min(this.#pathRoom(node), this.#freeTokens());
    if (maxTokens < Math.min(this.options.minCompletionTokens, this.#pathRoom(node))) {
      return this.#waitOr(this.counts.rollouts === 0 ? 'budget_too_small' : 'tokens');
    }
    return { kind: 'ticket', ticket: this.#giveOut(node, maxTokens) };
  }

  /** Takes a continuation in; false if its ticket is no longer out or its reward is no number (the ticket is then cancelled). */
  complete(ticketId: number, { steps, ending, reward }: Continuation): boolean {
    const ticket = this.#out.get(ticketId);
    if (!ticket) {
      this.counts.late++;
      return false;
    }
    if (!Number.isFinite(reward)) {
      this.cancel(ticketId, 'reward_not_finite');
      return false;
    }
    const tokens = steps.reduce((sum, step) => sum + step.tokens.length, 0);
    if (tokens > ticket.maxTokens) {
      throw new DialecticError(
        'PROTOCOL',
        `continuation for ticket ${ticketId} has ${tokens} tokens; expected at most ${ticket.maxTokens}, which the ticket reserved`,
      );
    }
    this.#takeBack(ticket);
    const from = this.tree.node(ticket.nodeId);
    this.#count(tokens, ending);
    const room = Math.min(
      this.options.maxDepth - from.depth,
      this.options.maxNodes - this.tree.size - this.#out.size,
    );
    const before = this.tree.path(from).flatMap(({ depth, text }) => (depth === 0 ? [] : [text]));
    const tidy = tidySteps(steps.length > 0 ? steps : [joinSteps([])], before, room);
    this.counts.blankSteps += tidy.blank;
    this.counts.cycles += tidy.isCycle ? 1 : 0;
    this.counts.joinedSteps += tidy.joined;
    this.#backUp(this.#grow(from, ticket.draw, tidy.steps, ending), reward);
    return true;
  }

  /** Cancels a ticket: its draw, its tokens and its in-flight counts are free again. False if it is no longer out. */
  cancel(ticketId: number, reason: CancelReason): boolean {
    const ticket = this.#out.get(ticketId);
    if (!ticket) return false;
    this.#takeBack(ticket);
    if (this.#isParallel) this.tree.node(ticket.nodeId).freed.push(ticket.draw);
    this.counts[reason]++;
    return true;
  }

  /** Whether a node has as many children, or draws, as it may have. */
  isFull(node: TreeNode): boolean {
    const { width, maxDepth } = this.options;
    return (
      node.children.length >= width ||
      node.drawCount >= this.#drawLimit ||
      node.depth >= maxDepth ||
      this.#pathRoom(node) < 1
    );
  }

  get #drawLimit(): number {
    return this.options.maxDraws * 2 ** this.counts.reopened;
  }

  get #isParallel(): boolean {
    return this.options.selection.parallel !== 'none';
  }

  get #isProvenSolution(): boolean {
    const { provenValue } = this.tree.root;
    return provenValue !== null && provenValue >= this.options.bestReward;
  }

  #limitReached(): StopReason | null {
    if (this.counts.rollouts + this.#out.size >= this.options.maxRollouts) return 'rollouts';
    return this.tree.size + this.#out.size >= this.options.maxNodes ? 'nodes' : null;
  }

  #waitOr(reason: StopReason): NextWork {
    if (this.#out.size === 0) return { kind: 'done', reason };
    this.counts.waits++;
    return { kind: 'wait' };
  }

  #freeTokens(): number {
    return this.options.maxTokens - this.counts.tokens - this.#reserved;
  }

  #pathRoom(node: TreeNode): number {
    return this.options.maxCompletionTokens - node.pathTokens;
  }

  /**
   * Doubles the draws that a node may have once all are used up, if some node still lacks children and the last round found a new
   * ending: a policy that only repeats itself is left alone.
   */
  #reopen(): boolean {
    const { width, maxDepth } = this.options;
    const leaves = this.tree.leaves().length;
    const lacksChildren = this.tree.nodes.some(
      (node) =>
        !node.ending && node.children.length < width && node.depth < maxDepth && this.#pathRoom(node) >= 1,
    );
    if (this.#out.size > 0 || !lacksChildren || leaves === this.counts.leavesAtReopening) return false;
    this.counts.leavesAtReopening = leaves;
    this.counts.reopened++;
    for (const node of this.tree.nodes.toReversed()) this.#prove(node);
    return true;
  }

  /** The best node to draw from; null if everything below is done or given out. */
  #select(node: TreeNode): TreeNode | null {
    if (node.exhausted) return null;
    if (this.#canDraw(node)) return node;
    const { seed, selection } = this.options;
    const children = this.tree.childrenOf(node);
    const order = (i: number): number => keyedUniform(seed, node.id, children[i]!.id, 0, 0);
    const parentVisits = countedVisits(node, selection.parallel);
    for (const i of rankChildren(children, parentVisits, selection, order)) {
      const found = this.#select(children[i]!);
      if (found) return found;
    }
    return null;
  }

  #canDraw(node: TreeNode): boolean {
    if (this.isFull(node)) return false;
    const pending = this.#isParallel ? node.pending : 0;
    return node.children.length + pending < this.options.width && node.drawCount + pending < this.#drawLimit;
  }

  #giveOut(node: TreeNode, maxTokens: number): Ticket {
    const draw = node.freed[0] ?? node.issued;
    if (this.#isParallel && node.freed.shift() === undefined) node.issued++;
    node.pending++;
    for (const step of this.tree.path(node)) step.inFlight++;
    const ticketId = this.#nextTicket++;
    const prefixTokens = this.tree.tokensTo(node);
    const ticket = { ticketId, nodeId: node.id, draw, prefixTokens, maxTokens };
    this.#out.set(ticketId, ticket);
    this.#reserved += maxTokens;
    return ticket;
  }

  #takeBack(ticket: Ticket): void {
    this.#out.delete(ticket.ticketId);
    this.#reserved -= ticket.maxTokens;
    const node = this.tree.node(ticket.nodeId);
    node.pending--;
    for (const step of this.tree.path(node)) step.inFlight--;
  }

  #count(tokens: number, ending: Ending): void {
    this.counts.rollouts++;
    this.counts.tokens += tokens;
    if (tokens === 0) this.counts.empty++;
    if (ending.answer === null) this.counts.untagged++;
    if (!ending.stopped) this.counts.cutOff++;
  }

  /** Adds steps below `from`, as far as they are new; gives the node at which the rollout ends in the tree. */
  #grow(from: TreeNode, draw: number, steps: readonly Step[], ending: Ending): TreeNode {
    let node = from;
    for (const [i, step] of steps.entries()) {
      node.drawCount++;
      // The first draw's index was given out with the ticket; further ones are taken now.
      node.issued = i === 0 ? Math.max(node.issued, draw + 1) : node.issued + 1;
      const isLast = i === steps.length - 1;
      const known = this.tree.findChild(node, step, isLast ? ending : null);
      const child = known ?? this.tree.addChild(node, step, isLast ? ending : null);
      child.draws++;
      node = child;
      if (!known) continue;
      this.counts.mergedSteps++;
      if (isLast) this.counts.duplicates++;
      else if (!sameTokens(known.tokens, step.tokens)) {
        // What follows was sampled after other tokens: its log-probabilities would be wrong here.
        known.merged++;
        this.counts.discardedTokens += steps.slice(i).reduce((sum, { tokens }) => sum + tokens.length, 0);
        break;
      }
    }
    return node;
  }

  #backUp(node: TreeNode, reward: number): void {
    for (const step of this.tree.path(node).reverse()) {
      if (step.visits === 0) step.firstValue = reward;
      step.visits++;
      step.valueSum += reward;
      step.maxValue = Math.max(step.maxValue, reward);
      this.#prove(step);
    }
  }

  /** A solution below proves a node; otherwise its whole subtree must be known. */
  #prove(node: TreeNode): void {
    if (node.ending) {
      node.exhausted = true;
      node.provenValue = node.maxValue;
      return;
    }
    const children = this.tree.childrenOf(node);
    node.exhausted = node.pending === 0 && this.isFull(node) && children.every(({ exhausted }) => exhausted);
    const best = Math.max(...children.map(({ provenValue }) => provenValue ?? Number.NEGATIVE_INFINITY));
    node.provenValue = best >= this.options.bestReward || node.exhausted ? best : null;
  }
}

function sameTokens(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((token, i) => token === b[i]);
}
