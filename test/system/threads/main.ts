/** The main side of tests with real threads: a system, its events, and peers that end with the test. */
import { ActorSystem } from '../../../src/actors/kernel/system.js';
import { spawnThread, type ThreadOptions } from '../../../src/actors/kernel/threads/thread.js';
import type { Event } from '../../../src/protocol/index.js';
import type { PeerApi, PeerData } from './peer.js';

export const PEER_MODULE = new URL('./peer.js', import.meta.url);

export function makeMain(t: { teardown(release: () => unknown): void }) {
  const system = new ActorSystem({ name: 'main' });
  const events: Event[] = [];
  system.events.subscribe((event) => void events.push(event), 1e6);
  const spawn = async (name: string, data: PeerData = {}, options: Partial<ThreadOptions> = {}) => {
    const thread = spawnThread<PeerApi>(system, { name, module: PEER_MODULE, data, ...options });
    t.teardown(() => thread.terminate());
    await thread.ready;
    return thread;
  };
  t.teardown(() => system.shutdown());
  return { system, events, spawn };
}
