/**
 * Runs a search to its end against a source of continuations, with several tickets out at a time, in one fixed order: the oldest
 * ticket comes back first. For experiments and tests; a run drives its searches by messages.
 */
import type { Continuation, StopReason, Ticket, TreeSearch } from '../../src/techniques/search/search.js';

export interface Source {
  continuation(ticket: Ticket): Continuation;
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
    if (ticket) search.complete(ticket.ticketId, source.continuation(ticket));
  }
}
