/** The forward role: reasons from the question to an answer. Takes turns of debates, and problems of its own. */
import type { ActorFactory } from './kernel/actor.js';
import { createRole, type SoloRoleOptions } from './role.js';

export function createForwardRole(options: SoloRoleOptions): ActorFactory {
  return createRole('forward', options, options);
}
