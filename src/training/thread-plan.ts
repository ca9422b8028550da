/**
 * Which actors a run needs for its strategy, and which thread carries which.
 *
 * Invariants: a path is unique; a kind that no strategy of the run uses has no actors.
 */
import type { Config } from '../config/schema.js';
import { ACTOR_KINDS, type ActorKind, ROLES, STRATEGIES, type Strategy } from '../protocol/index.js';

/** The kind that takes the tasks of a strategy. */
export const TASK_TAKERS: Readonly<Record<Strategy, ActorKind>> = {
  forward: 'forward',
  backward: 'backward',
  debate: 'moderator',
  tree: 'searcher',
};

/** The kinds that a strategy needs. */
const KINDS_OF: Readonly<Record<Strategy, readonly ActorKind[]>> = {
  forward: ['forward'],
  backward: ['backward'],
  debate: ['moderator', ...ROLES],
  tree: ['searcher'],
};

/** The strategies that problems of a run may get. Open problems have no answers to compare, so that nobody debates them. */
export function strategiesOf({ strategy }: Config): readonly Strategy[] {
  if (strategy === 'anneal') return STRATEGIES;
  return strategy === 'debate' ? ['debate', 'forward'] : [strategy];
}

interface ThreadPlan {
  readonly name: string;
  /** Paths of its actors by kind. */
  readonly actors: Readonly<Record<ActorKind, string[]>>;
  scorers: number;
}

/** Actors and scorers dealt to rollout threads one by one; a thread without actors is not started. */
export function planThreads(config: Config): ThreadPlan[] {
  const kinds = ACTOR_KINDS.filter((kind) =>
    strategiesOf(config).some((strategy) => KINDS_OF[strategy].includes(kind)),
  );
  const all = kinds.flatMap((kind) =>
    Array.from({ length: config.actors[kind] }, (_, i) => ({ kind, name: `${kind}-${i}` })),
  );
  const plans = Array.from({ length: Math.min(config.threads, all.length) }, (_, i): ThreadPlan => {
    const none = ACTOR_KINDS.map((kind) => [kind, [] as string[]]);
    return { name: `rollout-${i}`, actors: Object.fromEntries(none), scorers: 0 };
  });
  for (const [i, { kind, name }] of all.entries()) {
    const plan = plans[i % plans.length]!;
    plan.actors[kind].push(`${plan.name}/${name}`);
  }
  for (let i = 0; i < config.actors.scorer; i++) plans[i % plans.length]!.scorers++;
  return plans;
}

/** Paths of all actors by kind, in the order of their numbers. */
export function actorsOf(plans: readonly ThreadPlan[]): Record<ActorKind, string[]> {
  const numberOf = (path: string): number => Number(path.slice(path.lastIndexOf('-') + 1));
  const all = ACTOR_KINDS.map((kind) => [
    kind,
    plans.flatMap(({ actors }) => actors[kind]).sort((a, b) => numberOf(a) - numberOf(b)),
  ]);
  return Object.fromEntries(all);
}
