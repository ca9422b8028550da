/**
 * How much a group of rollouts can teach: the expected variance of its rewards, as a function of each rollout's chance of success.
 *
 * Invariants: the two parts add up to the whole; all chances in [0, 1] give values in [0, 1].
 *
 * For independent Bernoulli rewards with chances p_1 … p_G the unbiased variance S² has expectation
 * E[S²] = 1/(G(G−1)) Σ_{g<h} (p_g + p_h − 2 p_g p_h) = (1/G) Σ p_g (1 − p_g) + 1/(G(G−1)) Σ_{g<h} (p_g − p_h)².
 * The first part is variance within a strategy, which teaches the policy; the second lies between strategies. Where the
 * strategy is part of the prompt, the policy did not choose it: the second part then is noise that a baseline per strategy removes.
 */

/** E[S²] of a group; 0 for fewer than two rollouts. */
export function expectedVariance(chances: ArrayLike<number>): number {
  const size = chances.length;
  if (size < 2) return 0;
  let sum = 0;
  for (let g = 0; g < size; g++)
    for (let h = g + 1; h < size; h++) sum += chances[g]! + chances[h]! - 2 * chances[g]! * chances[h]!;
  return sum / (size * (size - 1));
}

/** The two parts of E[S²]. */
export function varianceParts(chances: ArrayLike<number>): { within: number; between: number } {
  const size = chances.length;
  let [within, between] = [0, 0];
  if (size < 2) return { within, between };
  for (let g = 0; g < size; g++) {
    within += (chances[g]! * (1 - chances[g]!)) / size;
    for (let h = g + 1; h < size; h++) between += (chances[g]! - chances[h]!) ** 2 / (size * (size - 1));
  }
  return { within, between };
}

/** P(all succeed) + P(all fail): the chance that the group is dead. */
export function deadGroupChance(chances: ArrayLike<number>): number {
  let [all, none] = [1, 1];
  for (let g = 0; g < chances.length; g++) {
    all *= chances[g]!;
    none *= 1 - chances[g]!;
  }
  return chances.length === 0 ? 1 : all + none;
}
