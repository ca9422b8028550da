/**
 * What a sampler and a scorer gave for a request, as continuations that a search takes.
 *
 * Invariants: a completion is decoded and scored as a whole, the prefix that it continues included; the answer is read from the whole.
 */
import { DialecticError } from '../../errors.js';
import type { CompletionsSampled, RewardRule, Rewards } from '../../protocol/index.js';
import type { ContinuationRequest, ScoredContinuation } from './ordered-search.js';
import { splitSteps } from './steps.js';

/** Sampled arrays that a continuation needs. */
export type SampledArrays = Pick<
  CompletionsSampled,
  'tokens' | 'lengths' | 'logProbs' | 'supportLogMass' | 'stopped'
>;

export interface ReadingOptions {
  readonly decode: (tokens: Int32Array) => string;
  readonly readAnswer: (completion: string) => string | null;
  readonly rules: Readonly<Record<string, RewardRule>>;
}

/** Texts of whole completions, prefix and continuation. Errors: PROTOCOL for another number of them than was asked for. */
export function textsOf(
  { prefixTokens, sampleCount }: Pick<ContinuationRequest, 'prefixTokens' | 'sampleCount'>,
  { tokens, lengths }: SampledArrays,
  decode: (tokens: Int32Array) => string,
): string[] {
  if (lengths.length !== sampleCount)
    throw new DialecticError(
      'PROTOCOL',
      `a sampler sent ${lengths.length} completions, expected ${sampleCount}`,
    );
  let end = 0;
  return Array.from(lengths, (length) => {
    end += length;
    return decode(Int32Array.from([...prefixTokens, ...tokens.subarray(end - length, end)]));
  });
}

/** Continuations with their steps, endings and rewards. Errors: SCORER where a completion was not scored. */
export function scoreContinuations(
  { sampleCount }: Pick<ContinuationRequest, 'sampleCount'>,
  { tokens, lengths, logProbs, supportLogMass, stopped }: SampledArrays,
  texts: readonly string[],
  { names, values, scored }: Rewards,
  { decode, readAnswer, rules }: ReadingOptions,
): ScoredContinuation[] {
  const unscored = scored.reduce((sum, flag) => sum + (flag === 1 ? 0 : 1), 0);
  if (unscored > 0)
    throw new DialecticError('SCORER', `${unscored} of ${sampleCount} completions were not scored`);
  let end = 0;
  return texts.map((text, i) => {
    const start = end;
    end += lengths[i]!;
    const cut = <T extends Int32Array | Float32Array>(array: T): T => array.slice(start, end) as T;
    const sampled = { tokens: cut(tokens), logProbs: cut(logProbs), supportLogMass: cut(supportLogMass) };
    const answer = readAnswer(text)?.trim() || null;
    const rewards = names.map((_, k) => values[k * sampleCount + i]!);
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
export function guideOf(
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
