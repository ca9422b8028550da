/**
 * Rewards: plain functions from a batch of completions to numbers, and the one place that calls them.
 *
 * Invariants:
 * - a reward that throws, returns too few or too many numbers, or returns one that is not finite gives NaN there,
 *   "not scored", never 0: a broken scorer must not look like a bad completion;
 * - rewards are returned raw; their weights are applied by whoever adds them up.
 */
import type { RewardKind, Rewards, ScoringItem } from '../protocol/index.js';
import { answersMatch } from './answers/answer.js';
import { checkAnswer, checkNumbers, matchFormatApproximately, matchFormatExactly } from './formats.js';
import { isOpen, openScore } from './open/open-answer.js';
import { COMPLETION_TAGS, parseCompletion, soleIndexOf } from './parse.js';
import { reasoningQuality } from './quality.js';

/** A reward function with its place in the sum. */
export interface Reward {
  readonly name: string;
  /** Default factor in the sum. */
  readonly weight: number;
  readonly kind: RewardKind;
  /** One number for each item, in order. */
  readonly score: (batch: readonly ScoringItem[]) => readonly number[];
}

/**
 * 1 if the answer between the answer tags is the gold answer, otherwise 0; of an open problem, its rubric score in [0, 1]. Needs
 * exactly one pair of answer tags; how the rest is formed is the format reward's business.
 */
export const answerReward: Reward = {
  name: 'answer',
  weight: 1,
  kind: 'outcome',
  score: (batch) =>
    batch.map((item) => {
      const given = parseCompletion(item.completion).answer;
      if (given === null) return 0;
      if (isOpen(item)) return openScore(given, item);
      return answersMatch(item.answer, given, item.type, item.unordered) ? 1 : 0;
    }),
};

/** What each tag that occurs exactly once earns where the whole is not well-formed: at most 0.5 together. */
const PARTIAL_FORMAT = 0.125;

/** 1 for a well-formed completion; otherwise an eighth for each tag that occurs exactly once. */
export const formatReward: Reward = {
  name: 'format',
  weight: 0.1,
  kind: 'shaping',
  score: (batch) =>
    batch.map(({ completion }) => {
      if (parseCompletion(completion).wellFormed) return 1;
      return PARTIAL_FORMAT * COMPLETION_TAGS.filter((tag) => soleIndexOf(completion, tag) >= 0).length;
    }),
};

/** How well the reasoning is done, whatever the answer; in [0, 1]. */
const qualityReward: Reward = {
  name: 'quality',
  weight: 0,
  kind: 'shaping',
  score: (batch) => batch.map((item) => reasoningQuality(item.completion, item.type, isOpen(item)).score),
};

/** The rewards of every run, in the order of every `values` row. */
export const REWARDS: readonly Reward[] = [answerReward, formatReward];

/** A reward that looks at one completion at a time. */
function tunix(
  name: string,
  kind: Reward['kind'],
  scoreOne: (completion: string, answer: string) => number,
): Reward {
  const score: Reward['score'] = (batch) => batch.map((item) => scoreOne(item.completion, item.answer));
  return { name, weight: 0, kind, score };
}

/** The four functions of Tunix's GSM8K example; the last two as published and mended (formats.ts). */
const TUNIX: readonly Reward[] = [
  tunix('match_format_exactly', 'shaping', matchFormatExactly),
  tunix('match_format_approximately', 'shaping', matchFormatApproximately),
  tunix('check_answer', 'outcome', (completion, answer) => checkAnswer(completion, answer)),
  tunix('check_numbers', 'outcome', (completion, answer) => checkNumbers(completion, answer)),
  tunix('check_answer_mended', 'outcome', (completion, answer) => checkAnswer(completion, answer, true)),
  tunix('check_numbers_mended', 'outcome', (completion, answer) => checkNumbers(completion, answer, true)),
];

const BUILT_IN: readonly Reward[] = [...REWARDS, qualityReward, ...TUNIX];

/** Names that a user's reward may not have: those of the built-in ones, of the judge, and of programs run in the sandbox. */
export const BUILT_IN_NAMES: readonly string[] = [...BUILT_IN.map((reward) => reward.name), 'judge', 'code'];

/** Built-in rewards by name, in the order of the names. */
export function builtInRewards(names: readonly string[]): readonly Reward[] {
  return names.flatMap((name) => BUILT_IN.find((reward) => reward.name === name) ?? []);
}

/** What one reward function gives, or null where it fails as a whole. */
function callReward(reward: Reward, batch: readonly ScoringItem[]): readonly unknown[] | null {
  try {
    const scores: unknown = reward.score(batch);
    return Array.isArray(scores) && scores.length === batch.length ? scores : null;
  } catch {
    // The failure is not lost: all of this reward's values stay NaN, which the caller counts.
    return null;
  }
}

/** Rewards of a batch that could not be scored at all. */
export function unscored(names: readonly string[], count: number): Rewards {
  return {
    names,
    values: new Float32Array(names.length * count).fill(Number.NaN),
    scored: new Uint8Array(count),
  };
}

/** Rewards with one row more, of a reward that was worked out elsewhere; NaN is not scored. */
export function withRow(rewards: Rewards, name: string, row: readonly number[]): Rewards {
  const values = new Float32Array(rewards.values.length + row.length);
  values.set(rewards.values);
  values.set(row, rewards.values.length);
  const scored = rewards.scored.map((flag, g) => (Number.isFinite(row[g]) ? flag : 0));
  return { names: [...rewards.names, name], values, scored };
}

/** Scores a batch under every reward. Never throws. */
export function scoreBatch(batch: readonly ScoringItem[], rewards: readonly Reward[] = REWARDS): Rewards {
  const result = unscored(
    rewards.map((reward) => reward.name),
    batch.length,
  );
  rewards.forEach((reward, k) => {
    const scores = callReward(reward, batch);
    scores?.forEach((score, g) => {
      if (typeof score === 'number' && Number.isFinite(score)) result.values[k * batch.length + g] = score;
    });
  });
  for (let g = 0; g < batch.length; g++) {
    result.scored[g] = rewards.every((_, k) => !Number.isNaN(result.values[k * batch.length + g])) ? 1 : 0;
  }
  return result;
}
