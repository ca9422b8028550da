/** A whole engine in this process, with its real threads, its events in a list and everything gone after the test. */
import { ActorSystem } from '../../src/actors/kernel/system.js';
import { configSchema } from '../../src/config/schema.js';
import type { Event } from '../../src/protocol/index.js';
import { type Engine, startEngine } from '../../src/training/engine.js';
import { type Prepared, prepare } from '../../src/training/preflight.js';
import { temporaryFolder } from './cli.js';
import { packageRoot } from './root.js';

export interface TestEngine extends Engine {
  readonly prepared: Prepared;
  readonly system: ActorSystem;
  readonly events: Event[];
  of<T extends Event['type']>(type: T): Extract<Event, { type: T }>[];
}

/** Sections of a configuration over one whose updates take a tenth of a second. */
export async function makeEngine(
  t: { teardown(release: () => unknown): void },
  changes: { readonly [section: string]: unknown } = {},
): Promise<TestEngine> {
  const config = configSchema.parse({
    ...changes,
    data: { evaluationProblems: 8 },
    sampling: { promptsPerUpdate: 4, groupSize: 4, ...(changes.sampling as object) },
    learner: { warmupUpdates: 0, ...(changes.learner as object) },
  });
  const prepared = await prepare(config, { workingDirectory: packageRoot });
  const system = new ActorSystem({ name: 'main', seed: config.seed });
  const events: Event[] = [];
  system.events.subscribe((event) => void events.push(event), 1e6);
  const samplesPath = temporaryFolder(t);
  const engine = await startEngine({ ...prepared, system, samplesPath, onEvaluationProgress: () => {} });
  t.teardown(() => engine.stop());
  const of = <T extends Event['type']>(type: T) =>
    events.filter((event): event is Extract<Event, { type: T }> => event.type === type);
  return { ...engine, prepared, system, events, of };
}
