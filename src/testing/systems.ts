/** Actor systems on a manual clock, alone or linked, for tests without threads. */
import { type MemoryLink, memoryLinks } from '../actors/kernel/memory.js';
import { ActorSystem } from '../actors/kernel/system.js';
import { ManualClock } from '../clock.js';
import type { Event, Message } from '../protocol/index.js';

/** Events that a test may leave unread. */
const MAX_EVENTS = 10_000;

/** A system on a manual clock, with its events in a list. */
export function makeSystem(name = 'main'): {
  readonly clock: ManualClock;
  readonly system: ActorSystem;
  readonly events: Event[];
} {
  const clock = new ManualClock();
  const system = new ActorSystem({ name, clock });
  const events: Event[] = [];
  system.events.subscribe((event) => void events.push(event), MAX_EVENTS);
  return { clock, system, events };
}

/** Two systems, `main` and `far`, that share a clock and a link which copies and moves as between threads. */
export function makePair(): {
  readonly clock: ManualClock;
  readonly system: ActorSystem;
  readonly events: Event[];
  readonly far: ActorSystem;
  readonly link: MemoryLink;
  readonly farLink: MemoryLink;
} {
  const near = makeSystem('main');
  const far = new ActorSystem({ name: 'far', clock: near.clock });
  const [link, farLink] = memoryLinks('main', 'far');
  near.system.connect(link);
  far.connect(farLink);
  return { ...near, far, link, farLink };
}

/** Spawns an actor that keeps what it is told, in the order it came; `watched` are paths whose end it is told of. */
export function spawnProbe(system: ActorSystem, path: string, watched: readonly string[] = []): Message[] {
  const seen: Message[] = [];
  system.spawn(path, (context) => {
    for (const target of watched) context.watch(target);
    return (message) => void seen.push(message);
  });
  return seen;
}
