/** `train`, the default command: evaluate, train with GRPO, evaluate again, and leave a run directory behind. */
import { join } from 'node:path';
import { observe } from '../actors/kernel/observe.js';
import { ActorSystem } from '../actors/kernel/system.js';
import { type ResolvedConfig, resolveConfig } from '../config/resolve.js';
import { DialecticError, EXIT, toDialecticError } from '../errors.js';
import { judgeCompletion } from '../evaluation/judge-completion.js';
import { type EvaluationTally, type RunOutcome, summaryOf, totalOf } from '../evaluation/summary.js';
import { tally } from '../evaluation/tally.js';
import { EventLog } from '../observe/event-log.js';
import { JsonlSink, jsonLine } from '../observe/jsonl.js';
import { createRunDirectory, type RunDirectory } from '../observe/run-directory.js';
import { sanitizeLine } from '../observe/sanitize.js';
import { versions } from '../package-info.js';
import type { Event, UpdateCompleted } from '../protocol/index.js';
import type { UserReward } from '../rewards/user-rewards.js';
import { type Engine, startEngine } from '../training/engine.js';
import { type Prepared, prepare } from '../training/preflight.js';
import { readUserRewards } from '../training/reward-plan.js';
import type { TrainOptions } from './arguments.js';
import { Interruption } from './interruption.js';
import { configRecord, renderConfigTable } from './views/dry-run.js';
import { JsonLines } from './views/json-lines.js';
import { lostText, renderSummary } from './views/summary-table.js';
import { hasColor, TerminalView } from './views/terminal.js';

/** An update that takes longer has lost a message or a thread. */
const UPDATE_TIMEOUT_MS = 30 * 60_000;

/** Runs the command; gives the exit code. */
export async function runTrain(options: TrainOptions, argv: readonly string[]): Promise<number> {
  const resolved = resolveConfig(options);
  const color = hasColor({ stream: process.stdout, env: process.env, color: options.color });
  if (options.dryRun) {
    const record = configRecord(resolved);
    process.stdout.write(options.json ? jsonLine(record) : renderConfigTable(resolved, color));
    return EXIT.done;
  }
  // Everything that can be wrong is read before anything is written.
  const userRewards = await readUserRewards(resolved, process.cwd());
  const warn = (text: string): unknown => process.stderr.write(`${sanitizeLine(text, 500)}\n`);
  const prepared = { ...(await prepare(resolved.config, warn)), userRewards };
  const run = createRun(resolved, argv);
  const view = new TerminalView({
    stream: process.stderr,
    env: process.env,
    color: options.color,
    quiet: options.quiet || options.json,
    now: () => performance.now(),
  });
  const lines = options.json ? new JsonLines(process.stdout) : null;
  const training = new Training(run, prepared, view, lines);
  try {
    const outcome = await training.run();
    run.writeJson('summary.json', summaryOf(outcome));
    view.finish();
    if (lines) lines.write(summaryOf(outcome));
    else process.stdout.write(renderSummary(summaryOf(outcome), color));
  } finally {
    view.finish();
    run.close();
  }
  return training.interrupted ? EXIT.interrupted : EXIT.done;
}

function createRun({ config, sources }: ResolvedConfig, argv: readonly string[]): RunDirectory {
  const [startedAt, workingDirectory] = [new Date(), process.cwd()];
  return createRunDirectory({ config, sources, argv, versions, startedAt, workingDirectory });
}

class Training {
  readonly #rewards: number[] = [];
  readonly #stepSeconds: number[] = [];
  readonly #rollout = { tokens: 0, seconds: 0 };
  readonly #learner = { tokens: 0, seconds: 0 };
  readonly #interruption = new Interruption();
  #label = 'before';

  constructor(
    private readonly directory: RunDirectory,
    private readonly prepared: Prepared & { readonly userRewards: readonly UserReward[] },
    private readonly view: TerminalView,
    private readonly lines: JsonLines | null,
  ) {}

  get interrupted(): boolean {
    return this.#interruption.requested;
  }

  async run(): Promise<RunOutcome> {
    const { prepared, directory, view } = this;
    const { config } = prepared;
    const start = performance.now();
    const system = new ActorSystem({ name: 'main', seed: config.seed });
    const log = new EventLog(observe(system.events), directory.events, (event) => {
      this.lines?.write(event);
      const alarm = alarmOf(event);
      if (alarm) view.warn(alarm);
    });
    const release = this.#interruption.listen(() =>
      view.note('stopping; an update in hand is finished first, interrupt again to quit now'),
    );
    let engine: Engine | null = null;
    let outcome: Omit<RunOutcome, 'lost'>;
    let deadLetters = 0;
    try {
      engine = await startEngine({
        ...prepared,
        system,
        samplesPath: directory.samplesPath,
        onEvaluationProgress: (done, total) =>
          view.show({ phase: 'evaluation', label: this.#label, done, total }),
      });
      outcome = await this.#outcome(engine, system, start);
      // What stopping cuts off is not lost.
      deadLetters = system.lost.deadLetters;
    } finally {
      await engine?.stop();
      await system.shutdown();
      log.close();
      release();
      if (log.error) view.warn(`events were lost: ${toDialecticError(log.error).message}`);
    }
    const lost = { events: system.lost.events + log.lost, deadLetters };
    for (const thread of engine.threads.values()) {
      const { lost: its } = await thread.exited;
      lost.events += its?.events ?? 0;
      lost.deadLetters += its?.deadLetters ?? 0;
    }
    const text = lostText(lost);
    if (text) view.warn(text);
    return { ...outcome, lost };
  }

  async #outcome(engine: Engine, system: ActorSystem, start: number): Promise<Omit<RunOutcome, 'lost'>> {
    const { config } = this.prepared;
    const before = await this.#evaluate(engine, system, 0);
    const updates = await this.#train(engine, async (update) => {
      this.#label = `update ${update}`;
      await this.#evaluate(engine, system, update);
    });
    if (config.checkpoint.onExit && updates > 0) await this.#checkpoint(engine, system, updates);
    this.#label = 'after';
    let after: EvaluationTally | undefined;
    if (!this.interrupted) after = updates === 0 ? before : await this.#evaluate(engine, system, updates);
    return {
      updates,
      seed: config.seed,
      wallSeconds: (performance.now() - start) / 1000,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      tokensPerSecond: { rollout: rate(this.#rollout), learner: rate(this.#learner) },
      runDirectory: this.directory.path,
    };
  }

  /** The training loop; gives the number of updates done. */
  async #train(engine: Engine, evaluate: (update: number) => Promise<void>): Promise<number> {
    const { updates, evaluation } = this.prepared.config;
    for (let update = 0; update < updates; update++) {
      if (this.interrupted) return update;
      const start = performance.now();
      const completed = await withDeadline(
        engine.dispatcher.run(update),
        UPDATE_TIMEOUT_MS,
        `update ${update + 1}`,
      );
      const seconds = (performance.now() - start) / 1000;
      this.#record(update + 1, completed, seconds);
      const isLast = update + 1 === updates;
      if (evaluation.everyUpdates > 0 && (update + 1) % evaluation.everyUpdates === 0 && !isLast) {
        await evaluate(update + 1);
      }
    }
    return updates;
  }

  #record(update: number, { metrics, groups }: UpdateCompleted, stepSeconds: number): void {
    const learnerSeconds = metrics['time/learner'] ?? 0;
    const rolloutSeconds = stepSeconds - learnerSeconds;
    const { 'outcomes/cancelled': cancelled = 0, 'outcomes/scorer_error': unscored = 0 } = metrics;
    const sampled = groups.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
    this.#rollout.tokens += sampled;
    this.#rollout.seconds += rolloutSeconds;
    this.#learner.tokens += (metrics['tokens_per_second/learner'] ?? 0) * learnerSeconds;
    this.#learner.seconds += learnerSeconds;
    const row = {
      update,
      step_time: stepSeconds,
      'time/rollout': rolloutSeconds,
      'tokens_per_second/rollout': sampled / rolloutSeconds,
      ...metrics,
    };
    this.directory.metrics.write(row);
    this.directory.metrics.flush();
    this.#rewards.push(metrics.reward ?? 0);
    this.#stepSeconds.push(stepSeconds);
    this.view.show({
      phase: 'training',
      update,
      updates: this.prepared.config.updates,
      rewards: this.#rewards,
      accuracy: metrics['rewards/answer/mean'] ?? 0,
      tokensPerSecond: sampled / rolloutSeconds,
      stepSeconds: this.#stepSeconds,
    });
    if (cancelled + unscored > 0) {
      const shares = `${percent(cancelled)} cancelled, ${percent(unscored)} not scored or not finite`;
      this.view.warn(`update ${update}: trajectories lost (${shares}); events.jsonl says why`);
    }
  }

  /** Undefined when the run was interrupted meanwhile: an evaluation is not worth waiting for. */
  async #evaluate(engine: Engine, system: ActorSystem, update: number): Promise<EvaluationTally | undefined> {
    const { problems, prompts, text, stopTokens } = this.prepared;
    const answers = Promise.race([engine.evaluator.complete(prompts), this.#interruption.first]);
    const completions = await withDeadline(answers, UPDATE_TIMEOUT_MS, 'evaluation');
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
    const file = join(this.directory.samplesPath, `evaluation-${String(update).padStart(6, '0')}.jsonl`);
    const sink = new JsonlSink(file);
    for (const each of judged) sink.write(each);
    sink.close();
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

  async #checkpoint(engine: Engine, system: ActorSystem, updates: number): Promise<void> {
    const folder = this.directory.checkpointPath(updates);
    await engine.checkpoint(folder);
    system.emit({ type: 'checkpoint.saved', update: updates, folder });
  }
}

/** What a person should know of at once. */
function alarmOf(event: Event): string | null {
  if (event.type === 'warning') return event.detail;
  if (event.type !== 'actor.terminated' || event.reason === 'normal') return null;
  return `${event.path} ended (${event.reason})${event.error ? `: ${event.error}` : ''}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function rate({ tokens, seconds }: { tokens: number; seconds: number }): number {
  return seconds === 0 ? 0 : tokens / seconds;
}

async function withDeadline<T>(work: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const minutes = timeoutMs / 60_000;
    timer = setTimeout(
      () =>
        reject(new DialecticError('TRAINING_STOPPED', `${what} did not finish within ${minutes} minutes`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
