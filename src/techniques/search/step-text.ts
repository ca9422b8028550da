/**
 * When two steps say the same: the key under which siblings are merged and cycles are found.
 *
 * Invariants: time is linear in the length of the text; a number or a word never becomes another one.
 */

/** A step without its number, case, white space around signs and final stop. */
export function normalizeStep(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^step \d+ ?[:.)] ?/, '')
    .replace(/ ?([=+*/(),:;<>×÷-]) ?/g, '$1')
    .replace(/[.;,]+$/, '')
    .trim();
}

/**
 * Key of a step that ends a path. The answer alone decides where there is one: two ways to write `<answer>36</answer>` after the same
 * steps are one leaf. `answerClass` is the answer's canonical text, as whoever scores it understands equality.
 */
export function endingKey(text: string, answerClass: string | null): string {
  return answerClass === null ? `end:text:${normalizeStep(text)}` : `end:answer:${answerClass}`;
}

/** Key of a step that others may follow. */
export function stepKey(text: string): string {
  return `step:${normalizeStep(text)}`;
}
