/**
 * The simple ways to lower the same energy, which annealing has to beat at the same number of spin updates.
 *
 * Invariants: each says how many spin updates it used; none uses what another one found.
 */
import { type AnnealResult, type AnnealSchedule, anneal, type Solution } from './anneal.js';
import { type CategoricalProblem, categoricalEnergy, fieldArgmin } from './categorical.js';
import { CategoricalReplicas, type Replicas } from './replicas.js';
import type { UniformStream } from './uniform-stream.js';

/** A change must gain more than rounding, relative to the largest field, or equal states could take turns for ever. */
const LEAST_RELATIVE_GAIN = 1e-12;

interface SimulatedAnnealingOptions {
  readonly sweeps: number;
  readonly betaStart: number;
  readonly betaEnd: number;
}

/** Simulated annealing with geometric β on independent replicas: one replica is one long run, P replicas are best-of-P. */
export function simulatedAnnealingSchedule(options: SimulatedAnnealingOptions): AnnealSchedule {
  const { sweeps, betaStart, betaEnd } = options;
  const settingsAt = (sweep: number) => ({
    beta: betaStart * (betaEnd / betaStart) ** (sweeps > 1 ? sweep / (sweeps - 1) : 1),
    coupling: 0,
  });
  return { sweeps, settingsAt };
}

/** The best of as many uniform assignments as the budget pays for; drawing one costs one update per variable. */
export function randomSearch(replicas: Replicas, spinUpdates: number, uniforms: UniformStream): Solution {
  const { variables, states } = replicas;
  let best: Solution | null = null;
  for (let spent = 0; best === null || spent + variables <= spinUpdates; spent += variables) {
    const assignment = new Uint8Array(variables);
    for (let i = 0; i < variables; i++) assignment[i] = Math.floor(uniforms.next() * states);
    const energy = replicas.energyOf(assignment);
    if (best === null || energy < best.energy) best = { assignment, energy };
    if (variables === 0) break;
  }
  return best;
}

/** Best-state descent, variable by variable, until nothing changes. */
export function descend(
  problem: CategoricalProblem,
  start: Uint8Array | UniformStream,
): Solution & { spinUpdates: number } {
  const { variables, states } = problem;
  const replicas = new CategoricalReplicas(problem, 1, start);
  const largest = replicas.localFields.reduce((most, field) => Math.max(most, Math.abs(field)), 0);
  const leastGain = LEAST_RELATIVE_GAIN * Math.max(1, largest);
  let spinUpdates = 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 0; i < variables; i++) {
      let [to, least] = [replicas.assignment[i]!, -leastGain];
      for (let a = 0; a < states; a++) {
        const delta = replicas.delta(0, i, a);
        if (delta < least) [to, least] = [a, delta];
      }
      spinUpdates += states - 1;
      if (to === replicas.assignment[i]) continue;
      replicas.move(0, i, to, least);
      changed = true;
    }
  }
  const assignment = replicas.assignment;
  return { assignment, energy: categoricalEnergy(problem, assignment), spinUpdates };
}

/** Descent from the best fields, then from random starts while the budget lasts; the best end. */
export function greedyDescent(
  problem: CategoricalProblem,
  maxSpinUpdates: number,
  uniforms: UniformStream,
): Solution & { spinUpdates: number } {
  let best = descend(problem, fieldArgmin(problem));
  let spinUpdates = best.spinUpdates;
  while (spinUpdates > 0 && spinUpdates < maxSpinUpdates) {
    const next = descend(problem, uniforms);
    spinUpdates += next.spinUpdates;
    if (next.energy < best.energy) best = next;
  }
  return { ...best, spinUpdates };
}

/** Anneals fresh replicas of a categorical problem from random assignments. */
export function annealCategorical(
  problem: CategoricalProblem,
  replicas: number,
  schedule: AnnealSchedule,
  uniforms: UniformStream,
): AnnealResult {
  return anneal(new CategoricalReplicas(problem, replicas, uniforms), schedule, uniforms);
}
