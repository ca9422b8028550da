/**
 * What came of a request, as continuations that a search takes.
 *
 * Invariants: a completion is scored as a whole, the prefix that it continues included; the answer is read from the whole.
 */
import { DialecticError } from '../../errors.js';
import { cutByLengths, type RewardRule, type Rewards } from '../../protocol/index.js';
import type { Answer } from '../../rollout/answers.js';
import type { SampledArrays } from '../../rollout/plan.js';
import type { ScoredContinuation } from './ordered-search.js';
import { splitSteps } from './steps.js';

interface ReadingOptions {
  readonly decode: (tokens: Int32Array) => string;
  readonly readAnswer: (completion: string) => Answer;
  readonly rules: Readonly<Record<string, RewardRule>>;
}

/** Continuations with their steps, endings and rewards. Errors: SCORER where a completion was not scored. */
export function scoreContinuations(
  { tokens, lengths, logProbs, supportLogMass, stopped }: SampledArrays,
  texts: readonly string[], // [G], whole completions
  { names, values, scored }: Rewards,
  { decode, readAnswer, rules }: ReadingOptions,
): ScoredContinuation[] {
  const unscored = scored.reduce((sum, flag) => sum + (flag === 1 ? 0 : 1), 0);
  if (unscored > 0)
    throw new DialecticError('SCORER', `${unscored} of ${texts.length} completions were not scored`);
  const cut = {
    tokens: cutByLengths(tokens, lengths),
    logProbs: cutByLengths(logProbs, lengths),
    supportLogMass: cutByLengths(supportLogMass, lengths),
  };
  return texts.map((text, i) => {
    // Copies: a tree keeps its steps for longer than a sampler's answer need live.
    const sampled = {
      tokens: cut.tokens[i]!.slice(),
      logProbs: cut.logProbs[i]!.slice(),
      supportLogMass: cut.supportLogMass[i]!.slice(),
    };
    const answer = readAnswer(text);
    const rewards = names.map((_, k) => values[k * texts.length + i]!);
    return {
      steps: splitSteps(sampled, decode),
      // Only answers of equal text are one: whether a scorer takes others for equal is not known here.
      ending: { answer, answerClass: answer, stopped: stopped[i] === 1 },
      reward: guideOf(names, rewards, rules),
      rewards,
    };
  });
}

/** Weighted mean of the outcome rewards: what a search looks for; 0 without any. */
function guideOf(
  names: readonly string[],
  rewards: readonly number[],
  rules: Readonly<Record<string, RewardRule>>,
): number {
  let [sum, total] = [0, 0];
  names.forEach((name, k) => {
    const rule = rules[name];
    if (rule?.kind !== 'outcome') return;
    sum += rule.weight * rewards[k]!;
    total += rule.weight;
  });
  return total > 0 ? sum / total : 0;
}
