/** The moderator actor: leads one debate for each task it is given, whose turns actors of the four roles take. */
import { AskRole, type AskRoleOptions } from '../rollout/ask-role.js';
import { rolloutWorker, type TaskOptions } from '../rollout/worker.js';
import type { ActorFactory } from './kernel/actor.js';

export function createModerator(turns: AskRoleOptions, tasks: TaskOptions): ActorFactory {
  return (context) =>
    rolloutWorker(context, { completer: (carrier) => new AskRole(carrier, turns), tasks, turnsOf: null });
}
