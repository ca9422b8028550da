/**
 * The exact optimum of a categorical problem where enumeration can reach it: the certificate that a plan is compared with.
 *
 * Invariants: the answer is exact or null, never a guess; parts that no edge joins are looked at apart, and parts whose variables are
 * all alike by counts alone.
 */
import type { Solution } from './anneal.js';
import { type CategoricalProblem, categoricalEnergy, createCategorical, type Edge } from './categorical.js';
import { countEnergies, countSums, leastByCounts } from './exact-counts.js';
import { CategoricalReplicas } from './replicas.js';

export const MAX_ENUMERATED_STATES = 2 ** 20;

/** An assignment of least energy, or null where the connected parts together have more than `maxStates` states to visit. */
export function exactOptimum(
  problem: CategoricalProblem,
  maxStates = MAX_ENUMERATED_STATES,
): Solution | null {
  const parts = connectedParts(problem).map((part) => ({ ...part, counted: countEnergies(part.own) }));
  const statesOf = (own: CategoricalProblem) => own.states ** own.variables;
  const visited = parts.reduce(
    (sum, { own, counted }) => sum + (counted ? countSums(own) : statesOf(own)),
    0,
  );
  if (visited > maxStates) return null;
  const assignment = new Uint8Array(problem.variables);
  for (const { variables, own, counted } of parts) {
    const best = counted ? leastByCounts(counted, own) : enumerate(own);
    variables.forEach((variable, index) => {
      assignment[variable] = best[index]!;
    });
  }
  return { assignment, energy: categoricalEnergy(problem, assignment) };
}

/** Visits every assignment, each one change away from the one before (reflected mixed-radix Gray code; Knuth, 7.2.1.1, algorithm H). */
function enumerate(problem: CategoricalProblem): Uint8Array {
  const { variables, states } = problem;
  const replica = new CategoricalReplicas(problem, 1, new Uint8Array(variables));
  const best = replica.assignment.slice();
  if (states < 2) return best;
  let least = replica.energies[0]!;
  const focus = Int32Array.from({ length: variables + 1 }, (_, i) => i);
  const direction = new Int8Array(variables).fill(1);
  for (;;) {
    const variable = focus[0]!;
    focus[0] = 0;
    if (variable === variables) return best;
    const to = replica.assignment[variable]! + direction[variable]!;
    replica.move(0, variable, to, replica.delta(0, variable, to));
    if (to === 0 || to === states - 1) {
      direction[variable] = -direction[variable]!;
      focus[variable] = focus[variable + 1]!;
      focus[variable + 1] = variable + 1;
    }
    if (replica.energies[0]! < least) {
      least = replica.energies[0]!;
      best.set(replica.assignment);
    }
  }
}

/** Variables that edges join, directly or through others (ascending), and the problem of them alone. */
function connectedParts(problem: CategoricalProblem): { variables: number[]; own: CategoricalProblem }[] {
  const { variables, states, fields, edges, starts, neighbours } = problem;
  const parts: { variables: number[]; edges: Edge[] }[] = [];
  const partOf = new Int32Array(variables).fill(-1);
  for (let first = 0; first < variables; first++) {
    if (partOf[first] !== -1) continue;
    const part = [first];
    partOf[first] = parts.length;
    for (let index = 0; index < part.length; index++) {
      const variable = part[index]!;
      for (let entry = starts[variable]!; entry < starts[variable + 1]!; entry++) {
        const other = neighbours[entry]!;
        if (partOf[other] !== -1) continue;
        partOf[other] = parts.length;
        part.push(other);
      }
    }
    parts.push({ variables: part.sort((a, b) => a - b), edges: [] });
  }
  const positions = new Int32Array(variables);
  for (const part of parts)
    part.variables.forEach((variable, index) => {
      positions[variable] = index;
    });
  for (const edge of edges)
    parts[partOf[edge.i]!]!.edges.push({ ...edge, i: positions[edge.i]!, j: positions[edge.j]! });
  return parts.map((part) => {
    const ownFields = part.variables.flatMap((variable) => [
      ...fields.subarray(variable * states, (variable + 1) * states),
    ]);
    return { variables: part.variables, own: createCategorical(states, ownFields, part.edges) };
  });
}
