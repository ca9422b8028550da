/**
 * Groups of a debate: the completions of one turn, with the rewards that its role is paid.
 *
 *   forward, backward, synthesizer: the rewards of their own answers
 *   skeptic: D(v) = mean R(synthesizer | verdict v) − mean R(synthesizer | no verdict), under the name `critique`;
 *            a difference reward in the sense of COMA (Foerster et al., 2018)
 *
 * Invariants:
 * - a group has one role and one prompt;
 * - a verdict that the synthesizer never got to read is paid exactly 0.
 */
import type { Rewards } from '../../protocol/index.js';
import type { Answer } from '../../rollout/answers.js';
import type { PlannedGroup, ScoredCompletions } from '../../rollout/plan.js';
import { verdictOf } from './answers.js';
import type { DebateTurn } from './debate.js';

/** Name of the skeptic's reward. */
export const CRITIQUE_REWARD = 'critique';

/** A turn and what was made of it, scored. */
export interface ScoredTurn {
  readonly turn: DebateTurn;
  readonly promptTokens: Int32Array; // [P]
  readonly completions: ScoredCompletions & { readonly rewards: Rewards };
  readonly answers: readonly Answer[]; // [G]
}

/** Weights of the rewards that say whether an answer is right, by name; the others are shaping. */
export type OutcomeWeights = Readonly<Record<string, number>>;

/** Weighted sum of outcome rewards of each completion; NaN where it was not scored. */
export function outcomeRewards({ names, values, scored }: Rewards, weights: OutcomeWeights): number[] {
  return Array.from(scored, (flag, g) =>
    flag === 1
      ? names.reduce((sum, name, k) => sum + (weights[name] ?? 0) * values[k * scored.length + g]!, 0)
      : Number.NaN,
  );
}

/** The groups of a debate, in the order of its turns. */
export function debateGroups(turns: readonly ScoredTurn[], weights: OutcomeWeights): PlannedGroup[] {
  return turns.map((each) => {
    const { turn, promptTokens, completions } = each;
    const group = { name: turn.id, role: turn.role, promptTokens, ...completions };
    if (turn.role !== 'skeptic') return group;
    const judgements = turns.filter(
      (other) => other.turn.role === 'synthesizer' && other.turn.round === turn.round,
    );
    return { ...group, rewards: skepticRewards(each, judgements, weights) };
  });
}

/** A skeptic is paid for the difference that each verdict makes to the synthesizer, beside its shaping rewards. */
function skepticRewards(
  { completions: { rewards }, answers }: ScoredTurn,
  judgements: readonly ScoredTurn[],
  weights: OutcomeWeights,
): Rewards {
  const critique = critiqueRewards(answers, judgements, weights);
  const size = answers.length;
  const kept = rewards.names.flatMap((name, k) => (name in weights ? [] : [{ name, k }]));
  const rows = kept.map(({ k }) => rewards.values.subarray(k * size, (k + 1) * size));
  return {
    names: [CRITIQUE_REWARD, ...kept.map(({ name }) => name)],
    values: Float32Array.from([critique, ...rows].flatMap((row) => [...row])),
    // A verdict whose worth is not known is not scored, whatever else is known of it.
    scored: Uint8Array.from(critique, (reward, g) =>
      Number.isFinite(reward) && rows.every((row) => Number.isFinite(row[g])) ? 1 : 0,
    ),
  };
}

/** D of each critique of a round; NaN where the synthesizer was not scored. */
export function critiqueRewards(
  critiques: readonly Answer[],
  judgements: readonly ScoredTurn[],
  weights: OutcomeWeights,
): number[] {
  const worth = new Map(
    judgements.map(({ turn, completions }) => [
      turn.verdict,
      mean(outcomeRewards(completions.rewards, weights)),
    ]),
  );
  const without = worth.get(null);
  return critiques.map((critique) => {
    const verdict = verdictOf(critique);
    const heard = verdict === null ? undefined : worth.get(verdict);
    return heard === undefined || without === undefined ? 0 : heard - without;
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
