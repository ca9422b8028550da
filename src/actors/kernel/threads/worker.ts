/**
 * The entry of every worker thread: it builds the thread's actor system, imports the thread's module and lets it start.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { AskClient, type Asker, answerAsks } from '../ask.js';
import { relayEvents } from '../event-relay.js';
import { ActorSystem } from '../system.js';
import { PortLink } from './thread.js';
import type { ThreadCommand, ThreadReport, WorkerStart } from './thread-commands.js';

/** What a thread's module gets to work with. */
export interface ThreadHost<Data = unknown> {
  readonly name: string;
  /** A clone of what the spawner gave; SharedArrayBuffers are shared with it. */
  readonly data: Data;
  readonly system: ActorSystem;
  /** Asks the functions that the spawner answers with; absent where it answers none. */
  readonly parent?: Asker<Record<string, (...args: never[]) => unknown>>;
  /** Runs after the actors have stopped, latest first, to release what the thread holds. */
  onStop(release: () => void | Promise<void>): void;
}

/**
 * A module that runs on a thread. `start` spawns the thread's actors and returns the functions others may ask.
 * It must not send to other threads yet: they are linked later.
 */
export interface ThreadModule<Data, Api extends object> {
  start(host: ThreadHost<Data>): Api | Promise<Api>;
}

async function main(): Promise<void> {
  const port = parentPort;
  if (!port) throw new Error('worker.js runs only as a worker thread; see spawnThread in thread.ts');
  const start = workerData as WorkerStart<MessagePort>;
  const { name, module, data, parent, epoch, mainPort, controlPort } = start;
  const report = (message: ThreadReport) => port.postMessage(message);
  const releases: (() => void | Promise<void>)[] = [];
  let isStopping = false;
  const system = new ActorSystem({ name, epoch });
  // A port says that its peer is gone but not why: only the parent learns the reason.
  const linkTo = (peer: string, peerPort: MessagePort) =>
    system.connect(new PortLink(peer, peerPort, async () => 'killed'));

  port.on('message', async (command: ThreadCommand<MessagePort>) => {
    if (command.type === 'link') {
      linkTo(command.peer, command.port);
      report({ type: 'linked', peer: command.peer });
      return;
    }
    isStopping = true;
    const { lost } = system;
    await system.shutdown(command.deadlineMs);
    for (const release of releases.reverse()) await release();
    report({ type: 'stopped', lost });
  });

  linkTo(parent, mainPort);
  relayEvents(system, parent);
  const asks = start.parentPort
    ? { parent: new AskClient<Record<string, () => unknown>>(parent, start.parentPort, system.clock) }
    : {};
  const { start: begin } = (await import(module)) as ThreadModule<unknown, object>;
  try {
    const api = await begin({ name, data, system, ...asks, onStop: (release) => releases.push(release) });
    answerAsks(controlPort, api);
  } catch (error) {
    // Stopped while it was starting: what it could not finish is no failure.
    if (isStopping) return;
    throw error;
  }
  report({ type: 'ready' });
}

await main();
