/**
 * Runs a search to its end against a source of continuations, with several tickets out at a time, in one fixed order: the oldest
 * ticket comes back first. For benchmarks and tests; actors drive a search by messages.
 */
import type { Continuation, StopReason, Ticket, TreeSearch } from '../../src/techniques/search/search.js';

export interface Source {
  continuation(ticket: Ticket): Continuation;
  /** Another reward of an ending. */
  rescore?(ticket: Ticket): number;
}

/** Errors: whatever the search or the source throws. */
export function driveSearch(search: TreeSearch, source: Source, workers = 1): StopReason {
  const out: Ticket[] = [];
  while (true) {
    const work = search.next();
    if (work.kind === 'ticket') out.push(work.ticket);
    else if (work.kind === 'done') {
      for (const { ticketId } of out) search.cancel(ticketId, 'cancelled');
      return work.reason;
    }
    if (out.length < workers && work.kind === 'ticket') continue;
    const ticket = out.shift();
    if (!ticket) continue;
    if (ticket.kind === 'expand') search.complete(ticket.ticketId, source.continuation(ticket));
    else
      search.rescore(ticket.ticketId, source.rescore?.(ticket) ?? search.tree.node(ticket.nodeId).firstValue);
  }
}
