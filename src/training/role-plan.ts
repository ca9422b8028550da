/**
 * Which actors a run needs for its strategy, and which thread carries which.
 *
 * Invariants: a path is unique; a kind that no strategy of the run uses has no actors.
 */
import type { Config } from '../config/schema.js';
import { ROLE_KINDS, ROLES, type RoleKind, STRATEGIES, type Strategy } from '../protocol/index.js';

/** The kind that takes the tasks of a strategy. */
export const TASK_TAKERS: Readonly<Record<Strategy, RoleKind>> = {
  forward: 'forward',
  backward: 'backward',
  debate: 'moderator',
  tree: 'searcher',
};

/** The kinds that a strategy needs. */
const KINDS_OF: Readonly<Record<Strategy, readonly RoleKind[]>> = {
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

export interface RolePlan {
  readonly name: string;
  /** Paths of its actors by kind. */
  readonly actors: Readonly<Record<RoleKind, string[]>>;
  scorers: number;
}

/** Actors and scorers dealt to role threads one by one; a thread without actors is not started. */
export function planRoles(config: Config): RolePlan[] {
  const kinds = ROLE_KINDS.filter((kind) =>
    strategiesOf(config).some((strategy) => KINDS_OF[strategy].includes(kind)),
  );
  const all = kinds.flatMap((kind) =>
    Array.from({ length: config.actors[kind] }, (_, i) => ({ kind, name: `${kind}-${i}` })),
  );
  const plans = Array.from({ length: Math.min(config.threads, all.length) }, (_, i): RolePlan => {
    const none = ROLE_KINDS.map((kind) => [kind, [] as string[]]);
    return { name: `roles-${i}`, actors: Object.fromEntries(none), scorers: 0 };
  });
  for (const [i, { kind, name }] of all.entries()) {
    const plan = plans[i % plans.length]!;
    plan.actors[kind].push(`${plan.name}/${name}`);
  }
  for (let i = 0; i < config.actors.scorer; i++) plans[i % plans.length]!.scorers++;
  return plans;
}

/** Paths of all actors by kind, in the order of their numbers. */
export function actorsOf(plans: readonly RolePlan[]): Record<RoleKind, string[]> {
  const numberOf = (path: string): number => Number(path.slice(path.lastIndexOf('-') + 1));
  const all = ROLE_KINDS.map((kind) => [
    kind,
    plans.flatMap(({ actors }) => actors[kind]).sort((a, b) => numberOf(a) - numberOf(b)),
  ]);
  return Object.fromEntries(all);
}
