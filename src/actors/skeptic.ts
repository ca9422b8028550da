/** The skeptic role: says which of the two answers holds. It has no answer of its own, so it takes turns of debates only. */
import type { ActorFactory } from './kernel/actor.js';
import { createRole, type RoleOptions } from './role.js';

export function createSkepticRole(options: RoleOptions): ActorFactory {
  return createRole('skeptic', options, null);
}
