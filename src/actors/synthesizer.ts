/** The synthesizer role: settles a debate with an answer. It judges what others said, so it takes turns of debates only. */
import type { ActorFactory } from './kernel/actor.js';
import { createRole, type RoleOptions } from './role.js';

export function createSynthesizerRole(options: RoleOptions): ActorFactory {
  return createRole('synthesizer', options, null);
}
