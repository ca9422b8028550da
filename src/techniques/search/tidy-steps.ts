/**
 * Makes the steps of one completion fit for a tree: no blank step, no endless cycle, no more steps than there is room for.
 *
 * Invariants: no token is lost or added; whatever has no step of its own is joined to a neighbour.
 */
import { normalizeStep } from './step-text.js';
import type { Step } from './tree.js';

/** A block of at most `MAX_PERIOD` steps that comes this often in a row is a cycle. */
const CYCLE_REPEATS = 3;
const MAX_PERIOD = 8;

interface TidySteps {
  readonly steps: Step[];
  /** Blank steps that were joined to a neighbour. */
  readonly blank: number;
  /** The same steps came three times in a row: everything from the third time on is one last step. */
  readonly isCycle: boolean;
  /** Steps that had no room and became part of the last one. */
  readonly joined: number;
}

/** `before`: texts of the path that the steps continue; `room`: steps that the tree can take, at least 1. */
export function tidySteps(steps: readonly Step[], before: readonly string[], room: number): TidySteps {
  const said: Step[] = [];
  let lead: Step | null = null;
  for (const step of steps) {
    if (step.text.trim() !== '') {
      said.push(lead ? joinSteps([lead, step]) : step);
      lead = null;
    } else lead = lead ? joinSteps([lead, step]) : step;
  }
  const blank = steps.length - said.length;
  if (lead) said.push(joinSteps([...said.splice(-1), lead]));

  const keys = [...before, ...said.map(({ text }) => text)].map(normalizeStep);
  const cycleStart = Math.max(0, startOfCycle(keys) - before.length);
  const isCycle = cycleStart < said.length - 1;
  const kept = Math.min(isCycle ? cycleStart + 1 : said.length, Math.max(1, room));
  const isJoined = kept < said.length;
  return {
    steps: isJoined ? [...said.slice(0, kept - 1), joinSteps(said.slice(kept - 1))] : said,
    blank,
    isCycle,
    joined: said.length - kept,
  };
}

/** Where the third repetition of the first cycle starts; Infinity without a cycle. */
function startOfCycle(keys: readonly string[]): number {
  for (let end = CYCLE_REPEATS; end <= keys.length; end++) {
    for (let period = 1; period <= MAX_PERIOD && period * CYCLE_REPEATS <= end; period++) {
      const isSame = (i: number): boolean => keys[end - 1 - i] === keys[end - 1 - i - period];
      let matched = 0;
      while (matched < period * (CYCLE_REPEATS - 1) && isSame(matched)) matched++;
      if (matched === period * (CYCLE_REPEATS - 1)) return end - period;
    }
  }
  return Number.POSITIVE_INFINITY;
}

/** Several steps as one; with none, a step without text. */
export function joinSteps(steps: readonly Step[]): Step {
  return {
    text: steps.map(({ text }) => text).join(''),
    tokens: Int32Array.from(steps.flatMap(({ tokens }) => [...tokens])),
    logProbs: Float32Array.from(steps.flatMap(({ logProbs }) => [...logProbs])),
    supportLogMass: Float32Array.from(steps.flatMap(({ supportLogMass }) => [...supportLogMass])),
  };
}
