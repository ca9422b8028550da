/**
 * One run from configuration to summary, as a handle: its events, its state, a way to stop it, and what comes of it.
 *
 * Invariants:
 * - everything that can be wrong is read before anything is written;
 * - the summary settles and the events complete, after the last event, however the run ends;
 * - runs share nothing: any number may go on in one process.
 */
import { from, type Observable, takeUntil } from 'rxjs';
import { EventHub } from '../actors/kernel/event-hub.js';
import { observe } from '../actors/kernel/observe.js';
import { ActorSystem } from '../actors/kernel/system.js';
import type { ResolvedConfig } from '../config/resolve.js';
import { DialecticError, toDialecticError } from '../errors.js';
import type { GivenProblems } from '../evaluation/problems.js';
import { type RunResult, type RunSummary, summaryOf } from '../evaluation/summary.js';
import { EventLog } from '../observe/event-log.js';
import { createRunDirectory, type RunDirectory } from '../observe/run-directory.js';
import { initialRunState, type RunState, reduce } from '../observe/run-state.js';
import { nodeVersion, versions } from '../package-info.js';
import type { Event } from '../protocol/index.js';
import { checkRewardFunctions, type RewardFunction } from '../rewards/reward-functions.js';
import { importPlan } from '../rollout/plan-module.js';
import { type Engine, type EngineOptions, startEngine } from './engine.js';
import { type Prepared, prepare } from './preflight.js';
import { type Environment, judgeKeyOf, readUserRewards } from './reward-plan.js';
import { strategiesOf } from './thread-plan.js';
import { Training, type TrainingResult } from './training.js';

/** What a run is started with. */
interface RunRequest {
  /** The checked configuration. Called once; what it throws is the error of the run. */
  readonly resolve: () => ResolvedConfig;
  /** Arguments of the command line, for run.json; empty for a program. */
  readonly argv: readonly string[];
  /** Absolute; relative paths of the configuration belong to it. */
  readonly workingDirectory: string;
  /** Where the judge's key is looked up. */
  readonly environment: Environment;
  /** Rewards that are functions of this process. */
  readonly rewards?: readonly RewardFunction[];
  /** Problems in the place of `data.path`. */
  readonly data?: GivenProblems | undefined;
  /** `file:` URL of a module whose default export makes the plans of the forward strategy. */
  readonly planModule?: string | undefined;
  /** Called with each event after the files have it; one that throws is not called again. */
  readonly onEvent?: ((event: Event) => void) | undefined;
  /** Stops the run as `stop` does. */
  readonly signal?: AbortSignal | undefined;
}

/** A run that is going on. */
export interface RunHandle {
  /**
   * Events from the moment of subscription, in order; completes after the last one, whether the run succeeds or not. A subscriber that
   * throws loses that event and harms nobody; one that is 1,000 events behind loses some.
   */
  readonly events: Observable<Event>;
  /** What the events so far say; a new object after each. */
  readonly state: RunState;
  /**
   * Asks the run to stop: the update in hand is finished, a checkpoint written where `checkpoint.onExit` is set, and an evaluation not
   * waited for. Gives the summary.
   */
  stop(): Promise<RunSummary>;
  /** What the run came to; rejects with a DialecticError. */
  readonly summary: Promise<RunSummary>;
}

/** Events that the files of a run may be behind. */
const MAX_BUFFERED = 100_000;

/** Starts a run. Never throws: what is wrong rejects its summary. */
export function startRun(request: RunRequest): RunHandle {
  return new Run(request);
}

class Run implements RunHandle {
  readonly events: Observable<Event>;
  readonly summary: Promise<RunSummary>;
  readonly #request: RunRequest;
  readonly #hub = new EventHub();
  readonly #log: EventLog;
  readonly #abort = new AbortController();
  #state = initialRunState;

  constructor(request: RunRequest) {
    this.#request = request;
    this.#log = new EventLog(observe(this.#hub, { maxBuffered: MAX_BUFFERED }), [
      (event) => {
        this.#state = reduce(this.#state, event);
      },
      ...(request.onEvent ? [request.onEvent] : []),
    ]);
    const { signal } = request;
    const onAbort = (): void => this.#abort.abort();
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    // Whoever calls gets the handle first, and can subscribe before anything happens.
    this.summary = Promise.resolve()
      .then(() => this.#run())
      .catch((error) => Promise.reject(toDialecticError(error)))
      .finally(() => {
        this.#log.close();
        signal?.removeEventListener('abort', onAbort);
      });
    const ended = this.summary.then(
      () => true,
      () => true,
    );
    this.events = observe(this.#hub).pipe(takeUntil(from(ended)));
  }

  get state(): RunState {
    return this.#state;
  }

  stop(): Promise<RunSummary> {
    this.#abort.abort();
    return this.summary;
  }

  async #run(): Promise<RunSummary> {
    const { resolve, argv, workingDirectory, environment, rewards = [], data, planModule } = this.#request;
    const resolved = resolve();
    const { config, sources } = resolved;
    const system = new ActorSystem({ name: 'main', seed: config.seed, events: this.#hub });
    try {
      const judgeKey = judgeKeyOf(config, environment);
      const userRewards = await readUserRewards(resolved, workingDirectory);
      checkRewardFunctions(
        rewards,
        userRewards.map(({ name }) => name),
      );
      if (planModule !== undefined) {
        if (!strategiesOf(config).includes('forward'))
          throw new DialecticError(
            'CONFIG',
            `plan with strategy ${config.strategy}: it makes plans of the forward strategy only, and no problem would get one. Use strategy forward.`,
          );
        await importPlan(planModule);
      }
      const onSkipped = (text: string): void => system.warn(text);
      const prepared = await prepare(config, { workingDirectory, onSkipped, data });
      const directory = createRunDirectory({
        config,
        sources,
        argv,
        versions: { node: nodeVersion, ...versions },
        startedAt: new Date(),
        workingDirectory,
      });
      try {
        this.#log.open(directory);
        const extras = { userRewards, rewardFunctions: rewards, judgeKey, planModule };
        const summary = summaryOf(await this.#train(system, prepared, directory, extras));
        directory.writeJson('summary.json', summary);
        return summary;
      } finally {
        directory.close();
      }
    } finally {
      // Of a run that was refused, what was said of its data before.
      await this.#hub.flush();
    }
  }

  /** Threads up, the loop, threads down; what was lost is counted at the very end. */
  async #train(
    system: ActorSystem,
    prepared: Prepared,
    directory: RunDirectory,
    extras: Pick<EngineOptions, 'userRewards' | 'rewardFunctions' | 'judgeKey' | 'planModule'>,
  ): Promise<RunResult> {
    const { seed, updates } = prepared.config;
    const training = new Training({
      prepared,
      system,
      directory,
      signal: this.#abort.signal,
      now: () => performance.now(),
      checkFiles: () => {
        if (this.#log.metricsError !== undefined) throw this.#log.metricsError;
      },
    });
    const { path: runDirectory } = directory;
    const evaluationProblems = prepared.problems.length;
    system.emit({ type: 'run.started', seed, updates, evaluationProblems, runDirectory });
    let engine: Engine | null = null;
    let result: TrainingResult;
    let deadLetters = 0;
    try {
      engine = await startEngine({
        ...prepared,
        ...extras,
        system,
        samplesPath: directory.samplesPath,
        onEvaluationProgress: (done, total) => training.showProgress(done, total),
      });
      result = await training.run(engine);
      system.emit({ type: 'run.ended', reason: training.isStopped ? 'stopped' : 'finished' });
      // What stopping cuts off is not lost.
      deadLetters = system.lost.deadLetters;
    } catch (error) {
      system.emit({ type: 'run.ended', reason: 'failed', error: toDialecticError(error).message });
      throw error;
    } finally {
      await engine?.stop();
      await system.shutdown();
      const { error } = this.#log;
      if (error) system.warn(`events were lost: ${toDialecticError(error).message}`);
      await this.#hub.flush();
    }
    const lost = { events: system.lost.events + this.#log.lost, deadLetters };
    for (const thread of engine.threads.values()) {
      const { lost: its } = await thread.exited;
      lost.events += its?.events ?? 0;
      lost.deadLetters += its?.deadLetters ?? 0;
    }
    return { ...result, lost };
  }
}
