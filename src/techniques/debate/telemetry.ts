/** What observers of a training run are told of a debate. */
import type { UntimedEvent } from '../../protocol/index.js';
import type { PlanEvent } from '../../rollout/plan-events.js';
import type { TaskFacts } from '../../rollout/task-runner.js';
import { quoted } from './answers.js';
import { debateMetrics } from './debate-metrics.js';
import type { DebatePlan } from './debate-plan.js';
import { type OutcomeWeights, outcomeRewards, type ScoredTurn } from './groups.js';

/** A turn was taken. */
export function turnTaken(taskId: string, event: PlanEvent): UntimedEvent | null {
  if (event.type !== 'turn') return null;
  const { role, round, completions } = event;
  const answers: Record<string, number> = {};
  for (const { answer } of completions)
    if (answer !== null) answers[quoted(answer)] = (answers[quoted(answer)] ?? 0) + 1;
  const unreadable = completions.filter(({ answer }) => answer === null).length;
  const sampleCount = completions.length;
  return { type: 'debate.turn', taskId, role, round, sampleCount, answers, unreadable };
}

/** The debate is over; `failed` where its task was given up. */
export function debateEnded(
  taskId: string,
  plan: DebatePlan,
  { isCompleted }: TaskFacts,
  weights: OutcomeWeights,
): UntimedEvent {
  const { debateResult: result, rounds, tokenCount } = plan;
  const told = { type: 'debate.ended', taskId, rounds, tokenCount } as const;
  if (!isCompleted || result === null) return { ...told, stop: 'failed', metrics: {} };
  const metrics = debateMetrics(result, rightAnswers(plan.scoredTurns, weights));
  return { ...told, stop: result.stop, metrics };
}

/** Who was right: a completion that gets at least half of what outcome rewards can pay. */
function rightAnswers(
  turns: ReadonlyMap<string, ScoredTurn>,
  weights: OutcomeWeights,
): Map<string, readonly boolean[]> {
  const half = Object.values(weights).reduce((sum, weight) => sum + weight, 0) / 2;
  return new Map(
    [...turns].map(([id, { completions }]) => [
      id,
      outcomeRewards(completions.rewards, weights).map((sum) => sum >= half),
    ]),
  );
}
