/**
 * Brings the events of every thread to the hub of the main one, without ever holding a thread up: an event without
 * credit waits in a bounded buffer, and is dropped (and counted) when that is full.
 */
import type { ActorSystem } from './system.js';

const EVENT_WINDOW = 64;

/** Publishes the events that other threads send to this system. Safe to call again. */
export function collectEvents(system: ActorSystem): void {
  const path = `${system.name}/events`;
  if (system.stateOf(path)) return;
  system.spawn(path, () => (message) => {
    if (message.kind === 'event.observed') system.events.publish(message.event);
  });
}

/** Sends this system's events to the collector of `parent`. */
export function relayEvents(system: ActorSystem, parent: string): void {
  const edge = system.openEdge({
    from: `${system.name}/events`,
    to: `${parent}/events`,
    window: EVENT_WINDOW,
  });
  system.events.subscribe(async (event) => {
    await edge.ready();
    edge.send({ kind: 'event.observed', event });
  });
}
