/** Judges one completion in every way that an evaluation reports, and keeps what each reward says of it. */

import { answersMatch } from '../rewards/answers/answer.js';
import {
  checkAnswer,
  checkNumbers,
  isPartiallyRight,
  matchFormatApproximately,
  matchFormatExactly,
} from '../rewards/formats.js';
import { isOpen, openScore } from '../rewards/open/open-answer.js';
import { parseCompletion } from '../rewards/parse.js';
import { reasoningQuality } from '../rewards/quality.js';
import { builtInRewards, scoreBatch } from '../rewards/rewards.js';
import type { JudgedSample } from './evaluation-report.js';
import type { EvaluationItem } from './items.js';

/** Greedy takes the likeliest token, sampled draws one. */
export type DecodingMode = 'greedy' | 'sampled';

/** What a sampler gave; `text` is null where a prompt was too long to be completed. */
export interface GivenCompletion {
  readonly item: number;
  readonly sample: number;
  readonly text: string | null;
  readonly tokens: number;
  readonly stopped: boolean;
}

/** One row of completions.jsonl. */
export interface CompletionRow extends JudgedSample {
  readonly id: string;
  readonly domain: string;
  readonly mode: DecodingMode;
  readonly sample: number;
  readonly question: string;
  readonly completion: string | null;
  /** The text between the answer tags, beside the right one. */
  readonly answer: string | null;
  readonly gold: string;
  readonly tokens: number;
  readonly stopped: boolean;
  readonly rewards: Readonly<Record<string, number>>;
}

const REWARDS = builtInRewards(['answer', 'format', 'quality']);

export function judgeCompletion(
  item: EvaluationItem,
  given: GivenCompletion,
  mode: DecodingMode,
): CompletionRow {
  const { text, ...counts } = given;
  const completion = text ?? '';
  const { wellFormed, answer } = parseCompletion(completion);
  const { names, values } = scoreBatch([{ ...item, completion }], REWARDS);
  const open = isOpen(item);
  return {
    id: item.id,
    type: item.type,
    difficulty: item.difficulty,
    domain: item.domain,
    lineage: item.lineage ?? item.id,
    mode,
    ...counts,
    question: item.question,
    completion: text,
    answer,
    gold: item.answer,
    isFormatted: wellFormed,
    isCorrect: open
      ? null
      : wellFormed && answer !== null && answersMatch(item.answer, answer, item.type, item.unordered),
    isPartial: open ? null : isPartiallyRight(completion, item.answer),
    quality: reasoningQuality(completion, item.type, open).score,
    rubric: open ? (answer === null ? 0 : openScore(answer, item)) : null,
    rewards: {
      ...Object.fromEntries(names.map((name, k) => [name, values[k]!])),
      match_format_exactly: matchFormatExactly(completion),
      match_format_approximately: matchFormatApproximately(completion),
      check_answer: checkAnswer(completion, item.answer),
      check_numbers: checkNumbers(completion, item.answer),
      check_answer_mended: checkAnswer(completion, item.answer, true),
      check_numbers_mended: checkNumbers(completion, item.answer, true),
    },
  };
}
