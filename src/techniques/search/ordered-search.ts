/**
 * Drives a search whose continuations come back in any order: requests go out several at a time, results are handed in by the number
 * of their first ticket, so that the tree does not depend on who sampled what, or how fast.
 *
 * Invariants:
 * - the tree is a function of the search's options, the number of workers and the continuations of each request;
 * - new work is asked for after each result that was handed in, whatever other results wait already;
 * - tickets of one node that are given out together are one request: their prefix is prefilled once;
 * - a request is given out once: whoever samples asks again with the same numbers if that failed.
 */
import { DialecticError } from '../../errors.js';
import type { Continuation, StopReason, Ticket, TreeSearch } from './search.js';

/** Continuations of one node to sample. */
export interface ContinuationRequest {
  /** Number of the first ticket, which nothing else in this search has: a key for random numbers. */
  readonly stream: number;
  readonly nodeId: number;
  /** What they follow, behind the prompt. */
  readonly prefixTokens: Int32Array;
  /** Tokens of each, at most. */
  readonly maxTokens: number;
  readonly sampleCount: number;
}

export interface ScoredContinuation extends Continuation {
  /** All rewards of the whole completion, kept with its leaf; `reward` is what guides the search. */
  readonly rewards: readonly number[]; // [K]
}

interface Open {
  readonly tickets: readonly Ticket[];
  readonly request: ContinuationRequest;
  result: readonly ScoredContinuation[] | null;
}

export class OrderedSearch {
  /** Rewards [K] of the completion that ends in each leaf, by node. */
  readonly rewardsOf = new Map<number, readonly number[]>();
  readonly #open: Open[] = []; // by stream
  #untaken: ContinuationRequest[] = [];
  #reason: StopReason | null = null;

  /** `workers`: tickets that may be out at once. */
  constructor(
    readonly search: TreeSearch,
    private readonly workers: number,
  ) {
    this.#fill();
  }

  /** Why the search ended; null while it goes on. */
  get reason(): StopReason | null {
    return this.#reason;
  }

  /** Requests that are new since the last call. */
  takeRequests(): readonly ContinuationRequest[] {
    const requests = this.#untaken;
    this.#untaken = [];
    return requests;
  }

  /**
   * Takes the continuations of a request; gives the requests that were handed in, in order. Errors: INTERNAL for a request that is not
   * out or another number of continuations; PROTOCOL for a continuation longer than was asked for.
   */
  accept(stream: number, continuations: readonly ScoredContinuation[]): ContinuationRequest[] {
    const open = this.#open.find(({ request }) => request.stream === stream);
    if (!open || open.result || continuations.length !== open.tickets.length) {
      const expected = open ? `${open.tickets.length}, once` : 'none';
      const detail = `request ${stream} got ${continuations.length} continuations, expected ${expected}`;
      throw new DialecticError('INTERNAL', detail);
    }
    open.result = continuations;
    const handedIn: ContinuationRequest[] = [];
    for (let first = this.#open[0]; first?.result; first = this.#open[0]) {
      this.#open.shift();
      first.tickets.forEach((ticket, i) => {
        this.#handIn(ticket, first!.result![i]!);
      });
      handedIn.push(first.request);
      this.#fill();
    }
    return handedIn;
  }

  #handIn({ ticketId }: Ticket, { rewards, ...continuation }: ScoredContinuation): void {
    const { tree } = this.search;
    const before = tree.size;
    if (!this.search.complete(ticketId, continuation))
      throw new DialecticError('INTERNAL', `ticket ${ticketId} was refused, its reward is no number`);
    const last = tree.node(tree.size - 1);
    if (tree.size > before && last.ending) this.rewardsOf.set(last.id, rewards);
  }

  #fill(): void {
    const given: Ticket[] = [];
    while (this.search.outstanding.length < this.workers) {
      const work = this.search.next();
      if (work.kind === 'done') this.#reason = work.reason;
      if (work.kind !== 'ticket') break;
      given.push(work.ticket);
    }
    const isAlike = (a: Ticket, b: Ticket): boolean => a.nodeId === b.nodeId && a.maxTokens === b.maxTokens;
    for (const ticket of given) {
      if (given.find((each) => isAlike(each, ticket)) !== ticket) continue;
      const tickets = given.filter((each) => isAlike(each, ticket));
      const { ticketId: stream, nodeId, prefixTokens, maxTokens } = ticket;
      const request = { stream, nodeId, prefixTokens, maxTokens, sampleCount: tickets.length };
      this.#open.push({ tickets, request, result: null });
      this.#untaken.push(request);
    }
    this.#open.sort((a, b) => a.request.stream - b.request.stream);
  }
}
