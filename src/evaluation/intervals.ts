/**
 * Intervals of 95 % for shares and means.
 *
 * Invariants: a share's interval stays inside [0, 1]; the draws of the bootstrap are keyed, so that an interval repeats.
 */
import { Random } from '../random.js';

/** Quantile of the normal distribution for a two-sided 95 % interval. */
const Z = 1.959963984540054;

/** Wilson's 95 % score interval of a share (E. B. Wilson, 1927); [0, 1] without observations. */
export function wilsonInterval(successes: number, trials: number): [number, number] {
  if (trials === 0) return [0, 1];
  const share = successes / trials;
  const scale = 1 / (1 + Z ** 2 / trials);
  const center = scale * (share + Z ** 2 / (2 * trials));
  const half = scale * Z * Math.sqrt((share * (1 - share)) / trials + Z ** 2 / (4 * trials ** 2));
  return [Math.max(0, center - half), Math.min(1, center + half)];
}

const RESAMPLES = 1000;

/** 95 % percentile interval of a mean, by drawing whole clusters with replacement. */
export function clusterBootstrap(
  values: readonly number[],
  clusters: readonly string[],
  resamples = RESAMPLES,
): [number, number] {
  const sums = new Map<string, { sum: number; count: number }>();
  values.forEach((value, i) => {
    const cluster = sums.get(clusters[i]!) ?? { sum: 0, count: 0 };
    sums.set(clusters[i]!, { sum: cluster.sum + value, count: cluster.count + 1 });
  });
  const groups = [...sums.values()];
  if (groups.length === 0) return [0, 1];
  const random = new Random('cluster-bootstrap', values.length, groups.length);
  const means = Array.from({ length: resamples }, () => {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < groups.length; i++) {
      const group = random.pick(groups);
      sum += group.sum;
      count += group.count;
    }
    return sum / count;
  }).sort((a, b) => a - b);
  const at = (share: number): number => means[Math.min(resamples - 1, Math.floor(share * resamples))]!;
  return [at(0.025), at(0.975)];
}
