/**
 * A search as plain data, for tree.json.
 *
 * Invariants: tickets that are out are not saved; their draws are free again, as if they had never been given out.
 */
import type { SearchCounts, TreeSearch } from './search.js';
import type { SearchOptions } from './search-options.js';
import type { Ending } from './tree.js';

const FORMAT = 1;

interface SavedNode {
  readonly parent: number;
  readonly text: string;
  readonly tokens: number[];
  readonly logProbs: number[];
  readonly supportLogMass: number[];
  readonly ending: Ending | null;
  readonly draws: number;
  readonly drawCount: number;
  readonly issued: number;
  readonly visits: number;
  readonly valueSum: number;
  readonly merged: number;
  readonly freed: number[];
  /** Null before the first visit. */
  readonly maxValue: number | null;
  readonly firstValue: number | null;
  readonly outcome: number | null;
  readonly exhausted: boolean;
}

export interface SavedSearch {
  readonly format: number;
  readonly options: SearchOptions;
  readonly counts: SearchCounts;
  readonly nextTicket: number;
  readonly nodes: readonly SavedNode[];
}

/** The search as plain data for JSON.stringify. */
export function saveSearch(search: TreeSearch): SavedSearch {
  const { options, counts, nextTicket, tree, outstanding } = search;
  const nodes = tree.nodes.map((node): SavedNode => {
    const { parent, text, ending, draws, drawCount, issued, visits, valueSum, merged, exhausted } = node;
    const out = outstanding.filter(({ nodeId }) => nodeId === node.id).map(({ draw }) => draw);
    return {
      parent,
      text,
      tokens: [...node.tokens],
      logProbs: [...node.logProbs],
      supportLogMass: [...node.supportLogMass],
      ending,
      draws,
      drawCount,
      issued,
      visits,
      valueSum,
      merged,
      outcome: node.provenValue,
      exhausted,
      freed: options.selection.parallel === 'none' ? [] : [...node.freed, ...out],
      maxValue: visits > 0 ? node.maxValue : null,
      firstValue: visits > 0 ? node.firstValue : null,
    };
  });
  return { format: FORMAT, options, counts: { ...counts }, nextTicket, nodes };
}
