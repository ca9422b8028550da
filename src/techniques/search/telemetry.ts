/** What observers of a training run are told of a tree. */
import type { UntimedEvent } from '../../protocol/index.js';
import type { PlanEvent } from '../../rollout/plan-events.js';
import type { TaskFacts } from '../../rollout/task-runner.js';
import { treeMetrics } from './tree-metrics.js';
import type { TreePlan } from './tree-plan.js';

/** A node was continued. */
export function nodeExpanded(taskId: string, plan: TreePlan, happened: PlanEvent): UntimedEvent | null {
  if (happened.type !== 'expansion') return null;
  const { depth, visits, valueSum, children } = plan.ordered.search.tree.node(happened.node);
  return {
    type: 'tree.expanded',
    taskId,
    depth,
    visits,
    value: valueSum / visits,
    children: children.length,
  };
}

/** The tree is over, whole or given up. */
export function treeEnded(
  taskId: string,
  { ordered }: TreePlan,
  { contextTokens, failedAttempts }: TaskFacts,
): UntimedEvent {
  const { tree, counts } = ordered.search;
  return {
    type: 'tree.ended',
    taskId,
    nodes: tree.size,
    simulations: counts.rollouts,
    tokenCount: counts.tokens,
    metrics: { ...treeMetrics(ordered), context_tokens: contextTokens, failed_requests: failedAttempts },
  };
}
