/** A thread for tests: it counts, forwards, fails and dies on request. */
import type { ThreadHost } from '../../../src/actors/kernel/threads/worker.js';
import { DialecticError } from '../../../src/protocol/index.js';
import { completionsSampled, taskAssign } from '../../../src/testing/messages.js';

export interface PeerData {
  /** Time a counting actor takes for each message. */
  readonly busyMs?: number;
  /** Shared count of the messages that a sender has sent. */
  readonly sent?: Int32Array;
  /** Throw in start. */
  readonly failsToStart?: boolean;
  /** Never return from start. */
  readonly neverStarts?: boolean;
}

export type PeerApi = ReturnType<typeof makePeer>;

function busyFor(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

export async function start(host: ThreadHost<PeerData>): Promise<PeerApi> {
  if (host.data.failsToStart) throw new DialecticError('CONFIG', 'this thread cannot start');
  if (host.data.neverStarts) await new Promise(() => {});
  return makePeer(host);
}

function makePeer({ name, data, system, onStop }: ThreadHost<PeerData>) {
  const seen: number[] = [];
  let isInOrder = true;
  let mostInFlight = 0;
  const stopped = new Int32Array(new SharedArrayBuffer(4));
  onStop(() => void Atomics.add(stopped, 0, 1));

  system.spawn(`${name}/counter`, () => (message) => {
    if (message.kind !== 'task.assign') return;
    if (data.sent) mostInFlight = Math.max(mostInFlight, Atomics.load(data.sent, 0) - seen.length);
    busyFor(data.busyMs ?? 0);
    isInOrder &&= message.promptIndex === seen.length;
    seen.push(message.promptIndex);
  });
  system.spawn(`${name}/echo`, () => (message, context) => {
    context.tell(context.sender, message);
  });

  return {
    report: async () => ({
      count: seen.length,
      isInOrder,
      mostInFlight,
      deadLetters: [...system.deadLetters.counts],
    }),
    double: async (n: number) => 2 * n,
    fail: async (message: string) => {
      throw new DialecticError('DATA', message);
    },
    never: async () => new Promise<void>(() => {}),
    unclonable: async () => ({ run: () => 1 }),
    stopFlag: async () => stopped,
    /** Sends `count` tasks to `to` as fast as credit allows. */
    send: async (to: string, count: number, window: number) => {
      const edge = system.openEdge({ from: `${name}/sender`, to, window });
      for (let n = 0; n < count && (await edge.ready()); n++) {
        edge.send(taskAssign({ promptIndex: n }));
        if (data.sent) Atomics.store(data.sent, 0, edge.sent);
      }
      return edge.sent;
    },
    /** Sends one group of arrays and reports the lengths they have here afterwards. */
    giveAway: async (to: string) => {
      const message = completionsSampled();
      system.tell(to, message);
      return [message.tokens, message.lengths, message.logProbs, message.supportLogMass].map((a) => a.length);
    },
    /** Sends a message to nobody. */
    waste: async () => void system.tell(`${name}/nobody`, taskAssign()),
    watch: async (target: string) => {
      const reasons: string[] = [];
      system.spawn(`${name}/watcher`, (context) => {
        context.watch(target);
        return (message) => {
          if (message.kind === 'actor.terminated') reasons.push(`${message.path} ${message.reason}`);
          system.emit({ type: 'warning', source: `${name}/watcher`, detail: reasons.join() });
        };
      });
    },
    exit: async (code: number) => process.exit(code),
    crash: async () => void setImmediate(() => Promise.reject(new Error('crashed on request'))),
    spin: async () => busyFor(1e9),
    eatHeap: async () => {
      const heap: unknown[] = [];
      for (;;) heap.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
    },
  };
}
