/**
 * What is known of a run, as a pure function of its events so far: terminal, dashboard and reports are views of it.
 *
 * Invariants:
 * - the same events give the same state, live or read from events.jsonl; nothing else feeds it;
 * - a state is never changed: `reduce` gives a new one.
 */
import type { Event, Strategy } from '../protocol/index.js';

/** `starting`: threads start. `finishing`: all updates and evaluations are over. */
export type RunPhase = 'starting' | 'evaluating' | 'training' | 'finishing' | 'ended';

/** An actor or a thread, by what its last event says. */
export interface ActorStatus {
  readonly isAlive: boolean;
  /** How often it was started anew after an error. */
  readonly restarts: number;
  /** How it ended; null while it lives. */
  readonly reason: string | null;
}

/** One evaluation on the held-out problems. */
export interface EvaluationRecord {
  /** Updates before it. */
  readonly update: number;
  /** `accuracy`, `rubric`, `formatCompliance`, `reasoningQuality`, each in [0, 1]. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Something that a person should know of at once. */
export interface Alarm {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly text: string;
}

/** All that is known of a run from its events so far. */
export interface RunState {
  readonly phase: RunPhase;
  /** Null until the run has started. */
  readonly seed: number | null;
  readonly runDirectory: string | null;
  /** Updates that the run is to make. */
  readonly updates: number;
  /** Updates made. */
  readonly update: number;
  /** Versions of the policy published so far. */
  readonly policyVersion: number;
  /** The last row of metrics.jsonl; empty before the first update. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Mean weighted reward of each update made, oldest first. */
  readonly rewards: readonly number[]; // [update]
  /** Seconds that each update took, oldest first. */
  readonly stepSeconds: readonly number[]; // [update]
  /** Mean answer reward of the last update, in [0, 1]. */
  readonly accuracy: number;
  /** Of the last update: tokens sampled and learned from, a second. */
  readonly tokensPerSecond: { readonly rollout: number; readonly learner: number };
  /** Of the last update: the share of trajectories that ended in each way; they add up to 1. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** The evaluation under way. */
  readonly evaluation: { readonly update: number; readonly done: number; readonly total: number } | null;
  readonly evaluations: readonly EvaluationRecord[];
  /** Groups since the run began. */
  readonly groups: { readonly completed: number; readonly dropped: number };
  /** Choices of annealing. */
  readonly strategies: Readonly<Partial<Record<Strategy, number>>>;
  /** By path. */
  readonly actors: Readonly<Record<string, ActorStatus>>;
  /** Messages that nobody handled. */
  readonly deadLetters: number;
  /** The latest ones. */
  readonly alarms: readonly Alarm[];
  /** All of them. */
  readonly alarmCount: number;
  /** The latest checkpoint. */
  readonly checkpoint: { readonly update: number; readonly folder: string } | null;
  readonly ending: {
    readonly reason: 'finished' | 'stopped' | 'failed';
    readonly error: string | null;
  } | null;
}

/** Alarms that a state keeps. */
const MAX_ALARMS = 100;

/** Before the first event. */
export const initialRunState: RunState = {
  phase: 'starting',
  seed: null,
  runDirectory: null,
  updates: 0,
  update: 0,
  policyVersion: 0,
  metrics: {},
  rewards: [],
  stepSeconds: [],
  accuracy: 0,
  tokensPerSecond: { rollout: 0, learner: 0 },
  outcomes: {},
  evaluation: null,
  evaluations: [],
  groups: { completed: 0, dropped: 0 },
  strategies: {},
  actors: {},
  deadLetters: 0,
  alarms: [],
  alarmCount: 0,
  checkpoint: null,
  ending: null,
};

/** The state after one more event. */
export function reduce(state: RunState, event: Event): RunState {
  switch (event.type) {
    case 'run.started': {
      const { seed, updates, runDirectory } = event;
      return { ...state, seed, updates, runDirectory };
    }
    case 'evaluation.progress': {
      const { update, done, total } = event;
      return { ...state, phase: 'evaluating', evaluation: { update, done, total } };
    }
    case 'evaluation.completed': {
      const { update, metrics } = event;
      const phase = update < state.updates ? 'training' : 'finishing';
      return { ...state, phase, evaluation: null, evaluations: [...state.evaluations, { update, metrics }] };
    }
    case 'update.completed':
      return updated(state, event);
    case 'group.completed':
      return { ...state, groups: { ...state.groups, completed: state.groups.completed + 1 } };
    case 'group.dropped':
      return { ...state, groups: { ...state.groups, dropped: state.groups.dropped + 1 } };
    case 'strategy.chosen': {
      const count = (state.strategies[event.strategy] ?? 0) + 1;
      return { ...state, strategies: { ...state.strategies, [event.strategy]: count } };
    }
    case 'policy.published':
      return { ...state, policyVersion: event.version };
    case 'checkpoint.saved':
      return { ...state, checkpoint: { update: event.update, folder: event.folder } };
    case 'actor.spawned':
      return withActor(state, event.path, { isAlive: true, reason: null });
    case 'actor.restarted': {
      const restarts = (state.actors[event.path]?.restarts ?? 0) + 1;
      return withActor(state, event.path, { isAlive: true, reason: null, restarts });
    }
    case 'actor.terminated': {
      const { path, reason, error } = event;
      const ended = withActor(state, path, { isAlive: false, reason });
      const detail = error ? `: ${error}` : '';
      return reason === 'normal' ? ended : alarmed(ended, event, `${path} ended (${reason})${detail}`);
    }
    case 'dead.letter':
      return { ...state, deadLetters: state.deadLetters + 1 };
    case 'warning':
      return alarmed(state, event, event.detail);
    case 'run.ended':
      return { ...state, phase: 'ended', ending: { reason: event.reason, error: event.error ?? null } };
    // Of single debates, trees and samplers no view keeps anything.
    case 'debate.turn':
    case 'debate.ended':
    case 'tree.expanded':
    case 'tree.ended':
    case 'policy.loaded':
      return state;
  }
}

function updated(state: RunState, event: Extract<Event, { type: 'update.completed' }>): RunState {
  const { update, metrics } = event;
  const outcomes = Object.fromEntries(
    Object.entries(metrics).flatMap(([name, share]) =>
      name.startsWith('outcomes/') ? [[name.slice('outcomes/'.length), share]] : [],
    ),
  );
  const { cancelled = 0, scorer_error: unscored = 0 } = outcomes;
  const next: RunState = {
    ...state,
    phase: 'training',
    update,
    policyVersion: event.policyVersion,
    metrics,
    rewards: [...state.rewards, metrics.reward ?? 0],
    stepSeconds: [...state.stepSeconds, metrics.step_time ?? 0],
    accuracy: metrics['rewards/answer/mean'] ?? 0,
    tokensPerSecond: {
      rollout: metrics['tokens_per_second/rollout'] ?? 0,
      learner: metrics['tokens_per_second/learner'] ?? 0,
    },
    outcomes,
  };
  if (cancelled + unscored === 0) return next;
  const shares = `${percent(cancelled)} cancelled, ${percent(unscored)} not scored or not finite`;
  return alarmed(next, event, `update ${update}: trajectories lost (${shares}); events.jsonl says why`);
}

function alarmed(state: RunState, { time }: Event, text: string): RunState {
  const alarms = [...state.alarms, { time, text }].slice(-MAX_ALARMS);
  return { ...state, alarms, alarmCount: state.alarmCount + 1 };
}

function withActor(state: RunState, path: string, change: Partial<ActorStatus>): RunState {
  const before = state.actors[path] ?? { isAlive: true, restarts: 0, reason: null };
  return { ...state, actors: { ...state.actors, [path]: { ...before, ...change } } };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
