/**
 * Path-integral annealing: a quantum system with a transverse field is sampled as P classical slices on a ring in imaginary time,
 * while the field that lets it tunnel is turned down.
 *
 * Invariants: the coupling between slices is finite for every field, also 0; two states give Ising's rule; `coupled: false` is the same
 * run without tunnelling (K = 0), and nothing else.
 *
 * Suzuki–Trotter: weight exp[ −(Aβ/P) Σ_p E(x^p) + K_k Σ_{p,i} δ(x_i^p, x_i^{p+1}) ] with K_k of `tunnellingCoupling`.
 */
import type { AnnealSchedule, SweepSettings } from './anneal.js';

interface PathIntegralOptions {
  /** P: how finely imaginary time is cut. The error falls as (β/P)². */
  readonly slices: number;
  readonly sweeps: number;
  /** β of the quantum system; one slice sees β/P. */
  readonly beta: number;
  /** Γ of the first sweep. */
  readonly gammaStart: number;
  /** Γ of the last sweep; 0 is allowed. */
  readonly gammaEnd: number;
  /** A: how many times stronger the problem's energy is in the last sweep than in the first; default 1. Above 1, slices settle. */
  readonly finalStrength?: number;
  /** `linear`: Γ falls linearly. `smooth`: by 1 − u⁴(35 − 84u + 70u² − 20u³), flat at both ends (Morita and Nishimori). */
  readonly shape?: 'linear' | 'smooth';
  /** false: slices do not see each other. The ablation that tells tunnelling from having P tries. */
  readonly coupled?: boolean;
  readonly worldlineMoves?: boolean;
}

/** βΓ/P is never taken below this: K stays finite (about 27.6) and slices can still follow each other. */
const LEAST_ANGLE = 1e-12;

/**
 * K_k = ln[(e^{kθ} + k − 1) / (e^{kθ} − 1)], θ = βΓ/P: the log-ratio of the diagonal and off-diagonal entries of exp(θ·M), where
 * the driver M = [a ≠ b] on k states tunnels between any two of them. k = 2 gives ln coth θ, twice Ising's K = ½ ln coth θ.
 */
export function tunnellingCoupling(states: number, angle: number): number {
  return Math.log1p(states / Math.expm1(states * Math.max(angle, LEAST_ANGLE)));
}

/** Settings of a sweep at transverse field Γ. */
export function pathIntegralSettings(
  states: number,
  slices: number,
  beta: number,
  gamma: number,
): SweepSettings {
  // A β that is infinite must not meet a Γ of 0.
  const angle = gamma > 0 ? (beta * gamma) / slices : 0;
  return { beta: beta / slices, coupling: tunnellingCoupling(states, angle) };
}

/** The annealing schedule for a problem with this many states; the replicas must be `slices` in number. */
export function pathIntegralSchedule(states: number, options: PathIntegralOptions): AnnealSchedule {
  const { slices, sweeps, beta, gammaStart, gammaEnd, shape = 'linear' } = options;
  const { coupled = true, worldlineMoves = false, finalStrength = 1 } = options;
  const settingsAt = (sweep: number): SweepSettings => {
    const u = sweeps > 1 ? sweep / (sweeps - 1) : 1;
    const progress = shape === 'linear' ? u : u ** 4 * (35 - 84 * u + 70 * u ** 2 - 20 * u ** 3);
    const gamma = gammaStart + (gammaEnd - gammaStart) * progress;
    const settings = pathIntegralSettings(states, slices, beta, gamma);
    const strength = 1 + (finalStrength - 1) * progress;
    return { beta: strength * settings.beta, coupling: coupled ? settings.coupling : 0 };
  };
  return { sweeps, settingsAt, worldlineMoves };
}
