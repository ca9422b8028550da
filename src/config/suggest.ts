/**
 * "Did you mean": the valid name nearest to a mistyped one.
 *
 * Invariants: case, dashes and underscores never count as mistakes (`learning_rate` finds `learningRate`).
 */

/** Spelling without what people write differently: case, dashes, underscores. */
function normalized(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '');
}

/** Optimal string alignment distance: insertions, deletions, substitutions, swaps of neighbours. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(row[j - 1]! + 1, last[j]! + 1, substitution);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, beforeLast[j - 2]! + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

/** Last part of a dotted key. */
function lastPart(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1);
}

/**
 * The candidate nearest to `name`, or undefined when none is near enough to be a typing mistake.
 * Dotted candidates also match by their last part, so `beta` finds `learner.beta`.
 */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const typed = normalized(name.slice(0, 100));
  const typedLast = lastPart(typed);
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const whole = normalized(candidate);
    const last = lastPart(whole);
    const distance = Math.min(
      nearEnough(editDistance(typed, whole), typed),
      // A match of the last part alone ranks behind an equally good match of the whole key.
      nearEnough(editDistance(typedLast, last), typedLast) + 0.5,
    );
    if (distance < bestDistance) {
      bestDistance = distance;
      best = candidate;
    }
  }
  return best;
}

/** The distance, or infinity when more than a third of the letters would have to change. */
function nearEnough(distance: number, typed: string): number {
  return distance <= Math.max(1, Math.floor(typed.length / 3)) ? distance : Number.POSITIVE_INFINITY;
}
