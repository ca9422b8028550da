/** Actor systems on a manual clock, alone or linked, for tests without threads. */

import { memoryLinks } from '../../src/actors/kernel/memory.js';
import { ActorSystem } from '../../src/actors/kernel/system.js';
import { ManualClock } from '../../src/clock.js';
import type { Event, Message } from '../../src/protocol/index.js';
import { taskAssign } from './messages.js';

export function task(n: number): Message {
  return taskAssign({ promptIndex: n });
}

/** A system on a manual clock with its events in a list. */
export function makeSystem(name = 'main') {
  const clock = new ManualClock();
  const system = new ActorSystem({ name, clock });
  const events: Event[] = [];
  system.events.subscribe((event) => void events.push(event), 10_000);
  return { clock, system, events };
}

/** Two systems, `main` and `far`, that share a clock and a link. */
export function makePair() {
  const near = makeSystem('main');
  const far = new ActorSystem({ name: 'far', clock: near.clock });
  const [link, farLink] = memoryLinks('main', 'far');
  near.system.connect(link);
  far.connect(farLink);
  return { ...near, far, link, farLink };
}

/** Spawns an actor that keeps what it is told. */
export function spawnProbe(system: ActorSystem, path: string, watched: string[] = []): Message[] {
  const seen: Message[] = [];
  system.spawn(path, (context) => {
    for (const target of watched) context.watch(target);
    return (message) => void seen.push(message);
  });
  return seen;
}

export function promptIndices(messages: Message[]): number[] {
  return messages.map((message) => (message.kind === 'task.assign' ? message.promptIndex : -1));
}
