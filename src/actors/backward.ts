/** The backward role: supposes an answer and tests whether it follows from the question. Takes turns, and problems of its own. */
import type { ActorFactory } from './kernel/actor.js';
import { createRole, type SoloRoleOptions } from './role.js';

export function createBackwardRole(options: SoloRoleOptions): ActorFactory {
  return createRole('backward', options, options);
}
