/**
 * The exact optimum of a categorical problem where enumeration can reach it: the certificate that a plan is compared with.
 *
 * Invariants: the answer is exact or null, never a guess; parts that no edge joins are enumerated apart, so that the reach is the
 * size of the largest part.
 */
import type { Solution } from './anneal.js';
import { type CategoricalProblem, categoricalEnergy, createCategorical, type Edge } from './categorical.js';
import { CategoricalReplicas } from './replicas.js';

export const MAX_ENUMERATED_STATES = 2 ** 20;

/** An assignment of least energy, or null where the connected parts together have more than `maxStates` states to visit. */
export function exactOptimum(
  problem: CategoricalProblem,
  maxStates = MAX_ENUMERATED_STATES,
): Solution | null {
  const parts = connectedParts(problem);
  const visited = parts.reduce((sum, part) => sum + problem.states ** part.length, 0);
  if (visited > maxStates) return null;
  const assignment = new Uint8Array(problem.variables);
  for (const part of parts) {
    const best = enumerate(restrict(problem, part));
    part.forEach((variable, index) => {
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

/** Variables that edges join, directly or through others; each list ascending. */
function connectedParts({ variables, starts, neighbours }: CategoricalProblem): number[][] {
  const isSeen = new Uint8Array(variables);
  const parts: number[][] = [];
  for (let first = 0; first < variables; first++) {
    if (isSeen[first]) continue;
    const part = [first];
    isSeen[first] = 1;
    for (let index = 0; index < part.length; index++) {
      const variable = part[index]!;
      for (let entry = starts[variable]!; entry < starts[variable + 1]!; entry++) {
        const other = neighbours[entry]!;
        if (isSeen[other]) continue;
        isSeen[other] = 1;
        part.push(other);
      }
    }
    parts.push(part.sort((a, b) => a - b));
  }
  return parts;
}

/** The problem of some variables alone; `part` holds whole connected parts. */
function restrict(
  { states, fields, edges }: CategoricalProblem,
  part: readonly number[],
): CategoricalProblem {
  const positions = new Map(part.map((variable, index) => [variable, index]));
  const own = part.flatMap((variable) => [...fields.subarray(variable * states, (variable + 1) * states)]);
  const inside: Edge[] = edges.flatMap((edge) => {
    const [i, j] = [positions.get(edge.i), positions.get(edge.j)];
    return i === undefined || j === undefined ? [] : [{ ...edge, i, j }];
  });
  return createCategorical(states, own, inside);
}
