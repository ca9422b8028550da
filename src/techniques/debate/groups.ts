/**
 * Groups for the learner: the completions of one prompt of one role, with the rewards that the role is paid.
 *
 *   forward, backward, synthesizer: the rewards of their own answers
 *   skeptic: D(v) = mean R(synthesizer | verdict v) − mean R(synthesizer | no verdict), under the name `critique`;
 *            a difference reward in the sense of COMA (Foerster et al., 2018)
 *
 * Invariants:
 * - a group has one role and one prompt: turns of different roles cannot be joined, which the compiler and `roleTurn` check;
 * - a verdict that the synthesizer never got to read is paid exactly 0.
 */

import type { ScoredCompletions } from '../../actors/role.js';
import { DialecticError } from '../../errors.js';
import type { GroupCompleted, Role, TaskAssign, TurnCompleted } from '../../protocol/index.js';
import { type Answer, verdictOf } from './answers.js';
import type { DebateTurn } from './debate.js';

/** Name of the skeptic's reward. */
export const CRITIQUE_REWARD = 'critique';

type OfRole<T, R extends Role> = T & { readonly role: R };

/** A turn of a role and what that role made of it. Made by `roleTurn`. */
export interface RoleTurn<R extends Role> {
  readonly turn: DebateTurn<R>;
  readonly result: OfRole<TurnCompleted, R>;
  readonly answers: readonly Answer[]; // [G]
}

/** Joins a turn and its result. Errors: INTERNAL where they are of two roles, or the number of completions is another one. */
export function roleTurn<R extends Role>(
  turn: DebateTurn<R>,
  result: OfRole<TurnCompleted, NoInfer<R>>,
  answers: readonly Answer[],
): RoleTurn<R> {
  const counts = [result.lengths.length, answers.length];
  if (turn.role !== result.role || counts.some((count) => count !== turn.sampleCount)) {
    const found = `${counts.join(' and ')} completions of ${result.role}`;
    throw new DialecticError(
      'INTERNAL',
      `turn ${turn.id} got ${found}; expected ${turn.sampleCount} of ${turn.role}`,
    );
  }
  return { turn, result, answers };
}

/** Weighted sum of outcome rewards of each completion; NaN where it was not scored. */
export function outcomes(
  { rewardNames, rewards, scored }: Pick<TurnCompleted, 'rewardNames' | 'rewards' | 'scored'>,
  weights: Readonly<Record<string, number>>,
): number[] {
  return Array.from(scored, (flag, g) =>
    flag === 1
      ? rewardNames.reduce((sum, name, k) => sum + (weights[name] ?? 0) * rewards[k * scored.length + g]!, 0)
      : Number.NaN,
  );
}

/** The group of a task that one role works on alone. */
export function soloGroup(
  task: TaskAssign,
  role: Role,
  { promptTokens, sampled, texts, rewards }: ScoredCompletions,
  keepTexts: boolean,
): GroupCompleted {
  const { kind: _kind, requestId: _requestId, ...arrays } = sampled;
  const { names, values, scored } = rewards;
  return {
    ...identity(task, task.taskId, role),
    endsTask: true,
    ...{ promptTokens, ...arrays, rewardNames: [...names], rewards: values, scored },
    ...(keepTexts ? { texts } : {}),
  };
}

/** The group of a turn that gave answers. */
export function answerGroup<R extends Exclude<Role, 'skeptic'>>(
  task: TaskAssign,
  { turn, result }: RoleTurn<R>,
  keepTexts: boolean,
): GroupCompleted {
  const { kind: _kind, turnId: _turnId, role, texts, ...arrays } = result;
  return {
    ...identity(task, `${task.taskId}/${turn.id}`, role),
    ...arrays,
    ...(keepTexts ? { texts } : {}),
  };
}

/** The group of a skeptic: paid for the difference that each verdict makes to the synthesizer, beside its shaping rewards. */
export function skepticGroup(
  task: TaskAssign,
  { turn, result, answers }: RoleTurn<'skeptic'>,
  judgements: readonly RoleTurn<'synthesizer'>[],
  outcomeWeights: Readonly<Record<string, number>>,
  keepTexts: boolean,
): GroupCompleted {
  const { kind: _kind, turnId: _turnId, role, texts, ...arrays } = result;
  const critique = critiqueRewards(answers, judgements, outcomeWeights);
  const kept = result.rewardNames.flatMap((name, k) => (name in outcomeWeights ? [] : [{ name, k }]));
  const size = turn.sampleCount;
  const rows = kept.map(({ k }) => result.rewards.subarray(k * size, (k + 1) * size));
  return {
    ...identity(task, `${task.taskId}/${turn.id}`, role),
    ...arrays,
    rewardNames: [CRITIQUE_REWARD, ...kept.map(({ name }) => name)],
    rewards: Float32Array.from([critique, ...rows].flatMap((row) => [...row])),
    // A verdict whose worth is not known is not scored, whatever else is known of it.
    scored: Uint8Array.from(critique, (reward, g) =>
      Number.isFinite(reward) && rows.every((row) => Number.isFinite(row[g])) ? 1 : 0,
    ),
    ...(keepTexts ? { texts } : {}),
  };
}

/** D of each critique of a round; NaN where the synthesizer was not scored. */
export function critiqueRewards(
  critiques: readonly Answer[],
  judgements: readonly RoleTurn<'synthesizer'>[],
  outcomeWeights: Readonly<Record<string, number>>,
): number[] {
  const worth = new Map(
    judgements.map(({ turn, result }) => [turn.verdict, mean(outcomes(result, outcomeWeights))]),
  );
  const without = worth.get(null);
  return critiques.map((critique) => {
    const verdict = verdictOf(critique);
    const heard = verdict === null ? undefined : worth.get(verdict);
    return heard === undefined || without === undefined ? 0 : heard - without;
  });
}

function identity(task: TaskAssign, groupId: string, role: Role) {
  const { taskId, update, promptIndex, problem } = task;
  return {
    kind: 'group.completed' as const,
    ...{ groupId, taskId, update, promptIndex, endsTask: false },
    ...{ role, problemId: problem.id, domain: problem.type },
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
