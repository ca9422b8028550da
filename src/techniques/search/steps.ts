/**
 * Cuts a completion into reasoning steps, so that a search can branch between them.
 *
 * A step ends after a line, after a sentence (". "), and before `Step k:`, `</reasoning>` and `<answer>`; it has at most
 * `maxStepTokens` tokens.
 *
 * Invariants:
 * - a cut never splits a token: where a boundary falls inside one, the step ends before that token;
 * - the steps' tokens, one after another, are the completion's, and so are their texts;
 * - no step but a sole one is blank: white space and reasoning tags join the step after them, at the end the one before.
 */
import type { Step } from './tree.js';

const MAX_STEP_TOKENS = 64;

/** One sampled completion, stop token included. */
export interface SampledTokens {
  readonly tokens: Int32Array; // [T]
  readonly logProbs: Float32Array; // [T]
  readonly supportLogMass: Float32Array; // [T]
}

/** Where the text may be cut: after a line, after a sentence, before a step's name and before the closing tags. */
const BOUNDARY = /\n\s*|[.!?]\s+|(?=step \d+ ?:)|(?=<\/reasoning>)|(?=<answer>)/gi;

/** Tokens decoded at once while measuring where each ends in the text. */
const WINDOW = 32;

/** Steps of a completion; none for a completion without tokens. */
export function splitSteps(
  sampled: SampledTokens,
  decode: (tokens: Int32Array) => string,
  maxStepTokens = MAX_STEP_TOKENS,
): Step[] {
  const { tokens, logProbs, supportLogMass } = sampled;
  if (tokens.length === 0) return [];
  const text = decode(tokens);
  const ends = characterEnds(tokens, text.length, decode);
  const steps: Step[] = [];
  let start = 0;
  for (const end of cutPlaces(text, ends, maxStepTokens)) {
    steps.push({
      text: text.slice(
        start === 0 ? 0 : ends[start - 1],
        end === tokens.length ? text.length : ends[end - 1],
      ),
      tokens: tokens.slice(start, end),
      logProbs: logProbs.slice(start, end),
      supportLogMass: supportLogMass.slice(start, end),
    });
    start = end;
  }
  return steps;
}

const saysNothing = (text: string): boolean => text.replace(/<\/?reasoning>/g, '').trim() === '';

/** Token counts at which steps end, ascending; the last is T. */
function cutPlaces(text: string, ends: readonly number[], maxStepTokens: number): number[] {
  const places: number[] = [];
  let start = 0;
  const isBlank = (from: number, to: number): boolean =>
    saysNothing(text.slice(from === 0 ? 0 : ends[from - 1], ends[to - 1]));
  const cutAt = (place: number): void => {
    while (place - start > maxStepTokens) {
      start += maxStepTokens;
      places.push(start);
    }
    if (place > start && !isBlank(start, place)) {
      places.push(place);
      start = place;
    }
  };
  let token = 0;
  for (const match of text.matchAll(BOUNDARY)) {
    const character = match.index + match[0].length;
    while (token < ends.length && ends[token]! < character) token++;
    // `token` is the first that reaches the boundary: it belongs to the step only if it ends there.
    cutAt(ends[token] === character ? token + 1 : token);
  }
  cutAt(ends.length);
  // What is left says nothing, perhaps a stop token: it belongs to the step before.
  if (start < ends.length) {
    if (places.length > 0) places[places.length - 1] = ends.length;
    else places.push(ends.length);
  }
  return places;
}

/**
 * Where each token ends in the decoded text. Decodes in windows that begin with a token already measured: decoders treat the first
 * token of a text differently, and a character may need several tokens.
 */
function characterEnds(tokens: Int32Array, length: number, decode: (tokens: Int32Array) => string): number[] {
  const ends: number[] = [];
  let anchor = 0;
  let base = 0;
  let anchorLength = 0;
  for (let i = 0; i < tokens.length; i++) {
    const window = decode(tokens.slice(anchor, i + 1));
    const isPartial = window.endsWith('\ufffd');
    const whole = base + window.replace(/\ufffd+$/, '').length - anchorLength;
    ends.push(Math.min(length, Math.max(whole, ends[i - 1] ?? 0)));
    if (i - anchor >= WINDOW && !isPartial) {
      anchor = i;
      base = ends[i]!;
      anchorLength = decode(tokens.slice(i, i + 1)).length;
    }
  }
  return ends;
}
