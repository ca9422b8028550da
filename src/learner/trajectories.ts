/**
 * The trajectories of a group: its completions, or, of a searched tree, its paths from the prompt to an end.
 *
 * Invariants: weights of a group add up to the number of its trajectories.
 */
import type { GroupCompleted } from '../protocol/index.js';

export interface CountedTrajectory {
  /** Its place among the completions; of a tree, that of its last segment, whose rewards are those of the whole path. */
  readonly index: number;
  /** Tokens of the whole completion. */
  readonly length: number;
  /** 1; in a tree, how often the policy itself would have sampled it, relative to the mean. */
  readonly weight: number;
}

export function trajectoriesOf({
  lengths,
  parents,
  pathWeights,
}: Pick<GroupCompleted, 'lengths' | 'parents' | 'pathWeights'>): readonly CountedTrajectory[] {
  if (!parents || !pathWeights) return Array.from(lengths, (length, index) => ({ index, length, weight: 1 }));
  const isContinued = new Set(parents);
  const pathLengths: number[] = []; // parents stand before what follows them
  lengths.forEach((length, i) => {
    pathLengths.push(length + (pathLengths[parents[i]!] ?? 0));
  });
  const ends = pathLengths.flatMap((length, index) => (isContinued.has(index) ? [] : [{ index, length }]));
  return ends.map((end) => ({ ...end, weight: pathWeights[end.index]! * ends.length }));
}
