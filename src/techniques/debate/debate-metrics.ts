/**
 * What a debate was worth, told by who was right: consensus, flips and what was said but not taken.
 *
 * Invariants: only finished debates are measured; an answer without a known reward counts as wrong.
 */
import type { DebateResult } from './debate.js';

/** Numbers of one debate, each in [0, 1] besides `tokens` and `rounds`; means over debates are shares. */
export interface DebateMetrics extends Readonly<Record<string, number>> {
  readonly final_correct: number;
  readonly consensus: number;
  /** Consensus on a wrong answer. */
  readonly false_consensus: number;
  /** Share of the debaters' first answers that were right where the final one is wrong. */
  readonly correct_to_wrong: number;
  /** Share of the debaters' first answers that were wrong where the final one is right. */
  readonly wrong_to_correct: number;
  /** Someone gave the right answer, but the debate came to a wrong one. */
  readonly oracle_gap: number;
  readonly tokens: number;
  readonly rounds: number;
}

/** `isRight` has a flag for each sample of each turn, by turn. A skeptic gives verdicts, which count for nothing here. */
export function debateMetrics(
  { stop, rounds, final, turns, tokenCount }: DebateResult,
  isRight: ReadonlyMap<string, readonly boolean[]>,
): DebateMetrics {
  const finalIsRight =
    final !== null && final.answer !== null && (isRight.get(final.turnId)?.[final.sample] ?? false);
  const flags = (of: (turn: DebateResult['turns'][number]) => boolean): boolean[] =>
    turns
      .filter(of)
      .flatMap(({ id, answers }) =>
        answers.map((answer, i) => answer !== null && (isRight.get(id)?.[i] ?? false)),
      );
  const answers = flags(({ role }) => role !== 'skeptic');
  const first = flags(({ role, round }) => round === 0 && (role === 'forward' || role === 'backward'));
  const share = (count: number): number => (first.length === 0 ? 0 : count / first.length);
  const firstRight = first.filter(Boolean).length;
  return {
    final_correct: Number(finalIsRight),
    consensus: Number(stop === 'consensus'),
    false_consensus: Number(stop === 'consensus' && !finalIsRight),
    correct_to_wrong: finalIsRight ? 0 : share(firstRight),
    wrong_to_correct: finalIsRight ? share(first.length - firstRight) : 0,
    oracle_gap: Number(!finalIsRight && answers.includes(true)),
    tokens: tokenCount,
    rounds,
  };
}
