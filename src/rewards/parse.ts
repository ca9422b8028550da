/**
 * Reads `<reasoning>…</reasoning><answer>…</answer>` out of a completion, which may be any text at all.
 *
 * Invariants: time is linear in the length of the text (substring searches, no backtracking); an answer is found only
 * where it is unambiguous, so that naming several answers never pays.
 */

/** What a completion says. */
interface ParsedCompletion {
  /**
   * Each of the four tags exactly once, in order, only white space outside them, and neither the reasoning nor the
   * answer blank.
   */
  readonly wellFormed: boolean;
  /** Text between the reasoning tags, untrimmed; null unless there is exactly one pair in order. */
  readonly reasoning: string | null;
  /** Text between the answer tags, untrimmed; null unless there is exactly one pair in order. */
  readonly answer: string | null;
}

/** Tags in the order that a completion must have. */
export const COMPLETION_TAGS = ['<reasoning>', '</reasoning>', '<answer>', '</answer>'] as const;

/** Where a tag stands if it occurs exactly once, otherwise -1. */
export function soleIndexOf(text: string, tag: string): number {
  const index = text.indexOf(tag);
  return index >= 0 && text.indexOf(tag, index + 1) < 0 ? index : -1;
}

const isBlank = (text: string): boolean => text.trim() === '';

/** Text between two tags at known places, or null where one is missing or they are in the wrong order. */
function between(text: string, open: number, openTag: string, close: number): string | null {
  if (open < 0 || close < open + openTag.length) return null;
  return text.slice(open + openTag.length, close);
}

/** Parses one completion. Never throws. */
export function parseCompletion(text: string): ParsedCompletion {
  const [openReasoning, closeReasoning, openAnswer, closeAnswer] = COMPLETION_TAGS.map((tag) =>
    soleIndexOf(text, tag),
  ) as [number, number, number, number];
  const reasoning = between(text, openReasoning, '<reasoning>', closeReasoning);
  const answer = between(text, openAnswer, '<answer>', closeAnswer);
  const wellFormed =
    reasoning !== null &&
    answer !== null &&
    closeReasoning < openAnswer &&
    !isBlank(reasoning) &&
    !isBlank(answer) &&
    isBlank(text.slice(0, openReasoning)) &&
    isBlank(text.slice(closeReasoning + '</reasoning>'.length, openAnswer)) &&
    isBlank(text.slice(closeAnswer + '</answer>'.length));
  return { wellFormed, reasoning, answer };
}
