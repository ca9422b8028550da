/**
 * What all summaries share: the request, the limits and the trace around a source.
 *
 * Invariants: the source stands in the question and in the constraints; the longest summary that is allowed is 1.3 times the
 * model one, rounded up to fives.
 */
import type { Random } from '../../../random.js';
import type { Written } from '../example.js';
import { closing, wordCount } from '../writing.js';

/** A text with its summary. */
export interface Source {
  readonly text: string;
  readonly summary: string;
  readonly required: readonly string[];
  readonly plan: readonly string[];
  /** The facts of the summary, in its order. */
  readonly work: readonly string[];
}

/** The example that asks for the summary of a source in one of the ways of `asks`. */
export function finish(
  wording: Random,
  source: Source,
  asks: readonly string[],
  keywords: readonly string[],
): Written {
  const most = Math.ceil((wordCount(source.summary) * 1.3) / 5) * 5;
  const least = Math.floor((wordCount(source.summary) * 0.5) / 5) * 5;
  const question = `${wording.pick(asks)} Use ${least} to ${most} words and keep the facts "${source.required.join('", "')}".${closing(wording)}\n\n${source.text}`;
  return {
    question,
    answer: source.summary,
    steps: [
      `Read the whole text once for its purpose before marking anything. It has ${wordCount(source.text)} words, and the summary may have ${most} at most, so most sentences must go and the others must be joined.`,
      ...source.plan,
      `Check the result against the source: every number and name stands there in the same sense, nothing was added, and no judgement of my own slipped in. With ${wordCount(source.summary)} words it keeps the limit.`,
    ],
    work: source.work,
    keywords,
    constraints: {
      required_keywords: source.required,
      min_words: least,
      max_words: most,
      source_text: source.text,
    },
  };
}
