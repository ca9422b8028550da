/** What observers are told of a tree that ended: everything the search counted, and what the tree is worth. */
import type { OrderedSearch } from './ordered-search.js';
import { policyValue } from './policy-value.js';

/** Counts by their names in snake case, sizes and values; `stop_REASON` is 1, `stop_cancelled` for a tree that was given up. */
export function treeMetrics({ search, reason }: OrderedSearch): Record<string, number> {
  const { tree, counts } = search;
  const named = Object.entries(counts).map(([name, count]) => [snakeCase(name), count] as const);
  const values = {
    best_value: tree.root.maxValue,
    /** Mean reward of the policy itself, as far as the tree tells. */
    policy_value: policyValue(tree, (node) => search.isFull(node)),
  };
  return {
    ...Object.fromEntries(named),
    leaves: tree.leaves().length,
    ...(counts.rollouts > 0 ? values : {}),
    [`stop_${reason ?? 'cancelled'}`]: 1,
  };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
