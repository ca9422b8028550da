/**
 * The training loop: evaluate, train with GRPO, evaluate again.
 *
 * Invariants:
 * - what happens leaves it as events, and as completions for the run's folder; it knows of no terminal and no process;
 * - updates count from 1 in whatever leaves it; inside, from 0, the key of their randomness;
 * - told to stop it finishes the update in hand, writes a checkpoint and evaluates no more.
 */
import type { ActorSystem } from '../actors/kernel/system.js';
import { withDeadline } from '../clock.js';
import { DialecticError } from '../errors.js';
import { judgeCompletion } from '../evaluation/judge-completion.js';
import { type EvaluationTally, type RunResult, totalOf } from '../evaluation/summary.js';
import { tally } from '../evaluation/tally.js';
import type { RunDirectory } from '../observe/run-directory.js';
import type { UpdateCompleted } from '../protocol/index.js';
import type { Engine } from './engine.js';
import type { Prepared } from './preflight.js';

/** An update that takes longer has lost a message or a thread. */
const UPDATE_TIMEOUT_MS = 30 * 60_000;
/** Between two events of the progress of an evaluation. */
const PROGRESS_MS = 200;

interface TrainingOptions {
  readonly prepared: Prepared;
  readonly system: ActorSystem;
  readonly directory: RunDirectory;
  /** Asks the loop to stop. */
  readonly signal: AbortSignal;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Throws where the run's files could not be written, which ends the run. */
  readonly checkFiles: () => void;
}

/** What is known at the end of the loop; what was lost is known when the threads have ended. */
export type TrainingResult = Omit<RunResult, 'lost'>;

export class Training {
  readonly #options: TrainingOptions;
  readonly #rollout = { tokens: 0, seconds: 0 };
  readonly #learner = { tokens: 0, seconds: 0 };
  /** Resolves when the loop is asked to stop. */
  readonly #stopped: Promise<undefined>;
  readonly #startedAt: number;
  /** Updates made. */
  #update = 0;
  #progressAt = Number.NEGATIVE_INFINITY;

  constructor(options: TrainingOptions) {
    this.#options = options;
    this.#startedAt = options.now();
    const { signal } = options;
    this.#stopped = new Promise((resolve) => {
      if (signal.aborted) resolve(undefined);
      else signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
  }

  /** Whether the loop was asked to stop before its end. */
  get isStopped(): boolean {
    return this.#options.signal.aborted;
  }

  /** How many held-out problems of the evaluation under way are done: the engine tells. */
  showProgress(done: number, total: number): void {
    const { system, now } = this.#options;
    if (done > 0 && done < total && now() - this.#progressAt < PROGRESS_MS) return;
    this.#progressAt = now();
    system.emit({ type: 'evaluation.progress', update: this.#update, done, total });
  }

  async run(engine: Engine): Promise<TrainingResult> {
    const { prepared, directory, now } = this.#options;
    const { updates, seed, evaluation, checkpoint } = prepared.config;
    const before = await this.#evaluate(engine);
    while (this.#update < updates && !this.isStopped) {
      await this.#makeUpdate(engine);
      const isDue = evaluation.everyUpdates > 0 && this.#update % evaluation.everyUpdates === 0;
      if (isDue && this.#update < updates) await this.#evaluate(engine);
    }
    if (checkpoint.onExit && this.#update > 0) await this.#saveCheckpoint(engine);
    let after: EvaluationTally | undefined;
    if (!this.isStopped) after = this.#update === 0 ? before : await this.#evaluate(engine);
    return {
      updates: this.#update,
      seed,
      wallSeconds: (now() - this.#startedAt) / 1000,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      tokensPerSecond: { rollout: rate(this.#rollout), learner: rate(this.#learner) },
      runDirectory: directory.path,
    };
  }

  async #makeUpdate(engine: Engine): Promise<void> {
    const { now, checkFiles } = this.#options;
    const start = now();
    const running = engine.dispatcher.run(this.#update);
    const completed = await withDeadline(running, UPDATE_TIMEOUT_MS, late(`update ${this.#update + 1}`));
    this.#update++;
    this.#emitRow(completed, (now() - start) / 1000);
    checkFiles();
  }

  /** Emits the row of an update: what the learner measured, behind the times that only this thread knows. */
  #emitRow({ metrics, groups, policyVersion }: UpdateCompleted, stepSeconds: number): void {
    const learnerSeconds = metrics['time/learner'] ?? 0;
    const rolloutSeconds = stepSeconds - learnerSeconds;
    const sampled = groups.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
    this.#rollout.tokens += sampled;
    this.#rollout.seconds += rolloutSeconds;
    this.#learner.tokens += (metrics['tokens_per_second/learner'] ?? 0) * learnerSeconds;
    this.#learner.seconds += learnerSeconds;
    const row = {
      step_time: stepSeconds,
      'time/rollout': rolloutSeconds,
      'tokens_per_second/rollout': sampled / rolloutSeconds,
      ...metrics,
    };
    this.#options.system.emit({
      type: 'update.completed',
      update: this.#update,
      policyVersion,
      metrics: row,
    });
  }

  /** Undefined when the run was stopped meanwhile: an evaluation is not worth waiting for. */
  async #evaluate(engine: Engine): Promise<EvaluationTally | undefined> {
    const { prepared, system, directory } = this.#options;
    const { problems, prompts, text, stopTokens } = prepared;
    const update = this.#update;
    const answers = Promise.race([engine.evaluator.complete(prompts), this.#stopped]);
    const completions = await withDeadline(answers, UPDATE_TIMEOUT_MS, late('evaluation'));
    if (completions === undefined) return undefined;
    const missing = completions.filter((tokens) => tokens === null).length;
    if (missing > 0) system.warn(`${missing} held-out problems got no completion; they count as wrong`);
    const judged = problems.map((problem, item) => {
      const tokens = completions[item] ?? null;
      const completion = {
        text: tokens && text.decode(tokens),
        tokens: tokens?.length ?? 0,
        stopped: stopTokens.includes(tokens?.at(-1) ?? -1),
      };
      return judgeCompletion(problem, { item, sample: 0, ...completion }, 'greedy');
    });
    directory.writeEvaluation(update, judged);
    const counts = tally(judged);
    const total = totalOf(counts);
    const metrics = {
      ...(total.problems > total.open ? { accuracy: total.correct / (total.problems - total.open) } : {}),
      ...(total.open > 0 ? { rubric: total.rubric / total.open } : {}),
      formatCompliance: total.formatted / total.problems,
      reasoningQuality: total.quality / total.problems,
    };
    system.emit({ type: 'evaluation.completed', update, metrics });
    return counts;
  }

  async #saveCheckpoint(engine: Engine): Promise<void> {
    const { directory, system } = this.#options;
    const folder = directory.checkpointPath(this.#update);
    await engine.checkpoint(folder);
    system.emit({ type: 'checkpoint.saved', update: this.#update, folder });
  }
}

function rate({ tokens, seconds }: { tokens: number; seconds: number }): number {
  return seconds === 0 ? 0 : tokens / seconds;
}

function late(what: string): () => DialecticError {
  const minutes = UPDATE_TIMEOUT_MS / 60_000;
  return () => new DialecticError('TRAINING_STOPPED', `${what} did not finish within ${minutes} minutes`);
}
