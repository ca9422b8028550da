/**
 * The exact optimum where all variables are alike, as the problems of one kind in a batch are: only how many of them are in each state
 * matters, so that large batches have a certificate too.
 *
 * Invariants: the answer is exact; nothing is assumed about signs.
 *
 * With equal fields f, and one diagonal table T of weight w between every two of m variables, E = Σ_a g_a(n_a) with
 * g_a(n) = n f_a + w T_aa n (n − 1) / 2. Dynamic programming over a finds the counts n_a, Σ n_a = m, of least energy.
 */
import type { CategoricalProblem } from './categorical.js';

/** g_a(n), [states, variables + 1], or null where the variables are not alike. */
export function countEnergies(problem: CategoricalProblem): Float64Array | null {
  if (!isAlike(problem)) return null;
  const { variables, states, fields, edges } = problem;
  const { weight = 0, table } = edges[0] ?? {};
  return new Float64Array(states * (variables + 1)).map((_, index) => {
    const [a, n] = [Math.floor(index / (variables + 1)), index % (variables + 1)];
    return n * fields[a]! + (weight * (table?.[a * states + a] ?? 1) * n * (n - 1)) / 2;
  });
}

/** Sums that `leastByCounts` looks at: what "states visited" means here. */
export function countSums({ variables, states }: CategoricalProblem): number {
  return (states * (variables + 1) * (variables + 2)) / 2;
}

/** An assignment of least Σ_a g_a(n_a). */
export function leastByCounts(energies: Float64Array, { variables, states }: CategoricalProblem): Uint8Array {
  const row = variables + 1;
  let least = new Float64Array(row).fill(Number.POSITIVE_INFINITY); // of n variables in the states so far
  least[0] = 0;
  const counts = new Int32Array(states * row); // of them, those in the last of these states
  for (let a = 0; a < states; a++) {
    const next = new Float64Array(row).fill(Number.POSITIVE_INFINITY);
    for (let n = 0; n < row; n++) {
      for (let count = 0; count <= n; count++) {
        const sum = least[n - count]! + energies[a * row + count]!;
        if (sum >= next[n]!) continue;
        next[n] = sum;
        counts[a * row + n] = count;
      }
    }
    least = next;
  }
  const assignment = new Uint8Array(variables);
  for (let [a, n] = [states - 1, variables]; a >= 0; a--) {
    const count = counts[a * row + n]!;
    assignment.fill(a, n - count, n);
    n -= count;
  }
  return assignment;
}

/** Equal fields, and one and the same diagonal edge between every two variables. */
function isAlike({ variables, states, fields, edges }: CategoricalProblem): boolean {
  if (edges.length !== (variables * (variables - 1)) / 2) return false;
  if (fields.some((field, index) => field !== fields[index % states])) return false;
  const { weight, table } = edges[0] ?? {};
  if (table?.some((value, index) => value !== 0 && index % (states + 1) !== 0)) return false;
  const isJoined = new Uint8Array(variables * variables);
  for (const edge of edges) {
    const pair = Math.min(edge.i, edge.j) * variables + Math.max(edge.i, edge.j);
    if (isJoined[pair] || edge.weight !== weight || edge.table !== table) return false;
    isJoined[pair] = 1;
  }
  return true;
}
