/**
 * Exact Shapley values of the roles of a debate: an audit of who contributes what, from the worth of every coalition.
 *
 *   φ_i = Σ_{S ⊆ N∖{i}} |S|! (n − |S| − 1)! / n! · (v(S ∪ {i}) − v(S))          (Shapley, 1953)
 *
 * Invariants: Σ φ = v(N) − v(∅); who adds nothing to any coalition gets 0; who is interchangeable gets the same.
 */
import { DialecticError } from '../../src/errors.js';

/** `value` is called once for each of the 2ⁿ coalitions; n players, at most 4, differ. Errors: INTERNAL for other players. */
export function shapleyValues<P extends string>(
  players: readonly P[],
  value: (coalition: readonly P[]) => number,
): Record<P, number> {
  const n = players.length;
  if (n > 4 || new Set(players).size !== n)
    throw new DialecticError(
      'INTERNAL',
      `cannot share out among ${players.join(', ')}: expected at most 4, all different`,
    );
  const values = Array.from({ length: 2 ** n }, (_, set) => value(players.filter((_, i) => set & (1 << i))));
  const shares = players.map((player, i) => {
    let share = 0;
    for (let set = 0; set < 2 ** n; set++) {
      if (set & (1 << i)) continue;
      const size = players.filter((_, j) => set & (1 << j)).length;
      const weight = (factorial(size) * factorial(n - size - 1)) / factorial(n);
      share += weight * (values[set | (1 << i)]! - values[set]!);
    }
    return [player, share] as const;
  });
  return Object.fromEntries(shares) as Record<P, number>;
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}
