/** Trajectory groups per second from a rollout thread to this one over a credited edge, by the size of its window. */
import { ActorSystem } from '../src/actors/kernel/system.js';
import { spawnThread } from '../src/actors/kernel/threads/thread.js';
import type { ThreadHost } from '../src/actors/kernel/threads/worker.js';
import type { GroupCompleted } from '../src/protocol/index.js';
import { provenance } from './kit.js';

const [GROUP_SIZE, TOKENS] = [8, 512];

export interface MessagesBench {
  readonly groups: number;
}

export async function main({ groups = 4000 }: Partial<MessagesBench> = {}) {
  const windows: Record<number, number> = {};
  for (const window of [1, 4, 16, 64]) windows[window] = Math.round(await measure(window, groups));
  const bytes = GROUP_SIZE * TOKENS * 12 + GROUP_SIZE * 21;
  return {
    ...provenance('npm run bench -- messages'),
    benchmark: 'messages',
    groupBytes: bytes,
    groupsPerSecondByWindow: windows,
    ratioOfWindow16ToWindow1: windows[16]! / windows[1]!,
  };
}

/** Groups per second through a window of the given size. */
async function measure(window: number, groups: number): Promise<number> {
  const system = new ActorSystem({ name: 'main' });
  let received = 0;
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  system.spawn('main/sink', () => (message) => {
    if (message.kind === 'group.completed' && ++received === groups) finish();
  });
  const module = new URL(import.meta.url);
  const thread = spawnThread<SourceApi>(system, { name: 'source', module, data: { window } });
  await thread.ready;
  const start = performance.now();
  void thread.control.within(120_000).ask('send', groups);
  await finished;
  const seconds = (performance.now() - start) / 1000;
  await thread.stop();
  await system.shutdown();
  return groups / seconds;
}

function makeGroup(index: number): GroupCompleted {
  const total = GROUP_SIZE * TOKENS;
  return {
    kind: 'group.completed',
    groupId: `g${index}`,
    taskId: `g${index}`,
    update: 0,
    promptIndex: index,
    endsTask: true,
    role: 'forward',
    problemId: 'bench',
    domain: 'bench',
    policyVersion: 0,
    promptTokens: new Int32Array(32),
    tokens: new Int32Array(total),
    lengths: new Int32Array(GROUP_SIZE).fill(TOKENS),
    logProbs: new Float32Array(total),
    supportLogMass: new Float32Array(total),
    stopped: new Uint8Array(GROUP_SIZE),
    rewardNames: ['answer', 'format'],
    rewards: new Float32Array(2 * GROUP_SIZE),
    scored: new Uint8Array(GROUP_SIZE).fill(1),
  };
}

/** What the source thread can be asked. */
type SourceApi = { send(count: number): Promise<void> };

/** The source thread's module. */
export function start({ system, data }: ThreadHost<{ readonly window: number }>): SourceApi {
  const edge = system.openEdge({ from: 'source/groups', to: 'main/sink', window: data.window });
  return {
    send: async (count) => {
      for (let i = 0; i < count; i++) {
        await edge.ready();
        edge.send(makeGroup(i));
      }
    },
  };
}
