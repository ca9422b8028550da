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

/** How the trajectories through a completion, or through a segment of a tree, weigh on its tokens. */
interface TrajectoryLoad {
  /** Sum of their weights. */
  readonly weight: number;
  /** Harmonic mean of their lengths by weight, so that weight / length is the sum over them; tokens. */
  readonly length: number;
}

/** The loads of a group's completions or segments, in order, from its trajectories. */
export function loadsOf(
  { lengths, parents, pathWeights }: Pick<GroupCompleted, 'lengths' | 'parents' | 'pathWeights'>,
  trajectories: readonly CountedTrajectory[],
): readonly TrajectoryLoad[] {
  if (!parents || !pathWeights) return Array.from(lengths, (length) => ({ weight: 1, length }));
  const inverse = new Float64Array(lengths.length); // Σ weight / length
  for (const { index, length, weight } of trajectories) inverse[index] = weight / length;
  for (let i = lengths.length - 1; i >= 0; i--) if (parents[i]! >= 0) inverse[parents[i]!]! += inverse[i]!;
  return Array.from(lengths, (ownLength, i) => {
    const weight = pathWeights[i]! * trajectories.length;
    return { weight, length: inverse[i]! > 0 ? weight / inverse[i]! : ownLength };
  });
}
