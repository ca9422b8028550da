/**
 * The one annealing loop: Metropolis sweeps over coupled or independent replicas, of which path-integral and simulated annealing
 * are two schedules.
 *
 * Invariants: the same replicas, schedule and stream give the same bits; no number becomes NaN, at any temperature or field;
 * the energies reported are direct sums.
 */
import type { Replicas } from './replicas.js';
import type { UniformStream } from './uniform-stream.js';

/** What holds during one sweep. */
export interface SweepSettings {
  /** Factor of the energy of one replica in the exponent: β/P for slices of a path integral, β for independent replicas. */
  readonly beta: number;
  /** K_k between neighbouring replicas on a ring; 0 leaves them independent. */
  readonly coupling: number;
}

export interface AnnealSchedule {
  readonly sweeps: number;
  /** Settings of sweep 0 to sweeps − 1. */
  readonly settingsAt: (sweep: number) => SweepSettings;
  /** After each sweep also tries to move each variable in all replicas at once. */
  readonly worldlineMoves?: boolean;
}

export interface Solution {
  readonly assignment: Uint8Array; // [variables]
  readonly energy: number;
}

export interface AnnealResult {
  /** The lowest energy at the end of any sweep, in any replica. It hides what the schedule did: see `final`. */
  readonly best: Solution;
  /** The best replica after the last sweep. */
  readonly final: Solution;
  /** Energy of each replica after the last sweep. */
  readonly finalEnergies: Float64Array; // [replicas]
  /** Moves tried: what "equal cost" counts. */
  readonly spinUpdates: number;
}

/** Above this no uniform number of the stream (least 2^-33) is accepted: saves the exponential. */
const NEVER_ACCEPTED = 33 * Math.LN2;
/** Stands for an infinite β: times 0 it is 0, where Infinity would give NaN. */
const LARGEST_BETA = 1e300;

/** Runs the schedule; the replicas are left in their final state. */
export function anneal(replicas: Replicas, schedule: AnnealSchedule, uniforms: UniformStream): AnnealResult {
  const { variables, count, assignment, energies } = replicas;
  const { sweeps, settingsAt, worldlineMoves = false } = schedule;
  const replicaAt = (p: number) => assignment.slice(p * variables, (p + 1) * variables);
  let lowest = lowestOf(energies);
  let [bestEnergy, best] = [energies[lowest]!, replicaAt(lowest)];
  for (let s = 0; s < sweeps; s++) {
    const settings = settingsAt(s);
    sweep(replicas, settings, uniforms);
    if (worldlineMoves) worldlineSweep(replicas, settings.beta, uniforms);
    lowest = lowestOf(energies);
    if (energies[lowest]! < bestEnergy) [bestEnergy, best] = [energies[lowest]!, replicaAt(lowest)];
  }
  const finalEnergies = energies.map((_, p) => replicas.energyOf(replicaAt(p)));
  lowest = lowestOf(finalEnergies);
  return {
    best: { assignment: best, energy: replicas.energyOf(best) },
    final: { assignment: replicaAt(lowest), energy: finalEnergies[lowest]! },
    finalEnergies,
    spinUpdates: sweeps * variables * (count + (worldlineMoves ? count : 0)),
  };
}

/**
 * One Metropolis sweep, replica by replica and variable by variable: x_i^p: a → b with b uniform over the other states and
 * ΔS = beta·ΔE + K_k·(δ(up, a) + δ(down, a) − δ(up, b) − δ(down, b)), accepted with probability min(1, e^−ΔS).
 */
export function sweep(replicas: Replicas, settings: SweepSettings, uniforms: UniformStream): void {
  const { variables, states, count, assignment } = replicas;
  if (states < 2) return;
  const beta = Math.min(settings.beta, LARGEST_BETA);
  const coupling = count > 1 ? settings.coupling : 0;
  for (let p = 0; p < count; p++) {
    const own = p * variables;
    const up = (p + 1 === count ? 0 : p + 1) * variables;
    const down = (p === 0 ? count - 1 : p - 1) * variables;
    for (let i = 0; i < variables; i++) {
      const from = assignment[own + i]!;
      const to = otherState(from, states, uniforms);
      const delta = replicas.delta(p, i, to);
      let action = beta * delta;
      if (coupling !== 0) {
        const [above, below] = [assignment[up + i]!, assignment[down + i]!];
        if (above === from) action += coupling;
        else if (above === to) action -= coupling;
        if (below === from) action += coupling;
        else if (below === to) action -= coupling;
      }
      if (isAccepted(action, uniforms)) replicas.move(p, i, to, delta);
    }
  }
}

/**
 * Tries to shift each variable by the same number of states in every replica: a move along imaginary time, during which the coupling
 * between replicas does not change, so that ΔS = beta · Σ_p ΔE_p (Martoňák, Santoro and Tosatti, 2002, for two states).
 */
export function worldlineSweep(replicas: Replicas, beta: number, uniforms: UniformStream): void {
  const { variables, states, count, assignment } = replicas;
  if (states < 2) return;
  const bounded = Math.min(beta, LARGEST_BETA);
  const deltas = new Float64Array(count);
  for (let i = 0; i < variables; i++) {
    const shift = otherState(0, states, uniforms);
    const shifted = (p: number) => (assignment[p * variables + i]! + shift) % states;
    let total = 0;
    for (let p = 0; p < count; p++) {
      deltas[p] = replicas.delta(p, i, shifted(p));
      total += deltas[p]!;
    }
    if (!isAccepted(bounded * total, uniforms)) continue;
    for (let p = 0; p < count; p++) replicas.move(p, i, shifted(p), deltas[p]!);
  }
}

function otherState(state: number, states: number, uniforms: UniformStream): number {
  if (states === 2) return 1 - state;
  const draw = Math.floor(uniforms.next() * (states - 1));
  return draw < state ? draw : draw + 1;
}

function isAccepted(action: number, uniforms: UniformStream): boolean {
  return action <= 0 || (action < NEVER_ACCEPTED && uniforms.next() < Math.exp(-action));
}

function lowestOf(energies: Float64Array): number {
  let lowest = 0;
  for (let p = 1; p < energies.length; p++) if (energies[p]! < energies[lowest]!) lowest = p;
  return lowest;
}
