/** `train`, the default command: evaluate, train with GRPO, evaluate again, and leave a run directory behind. */
import { join } from 'node:path';
import { observe } from '../actors/system/observe.js';
import { ActorSystem } from '../actors/system/system.js';
import type { TrainOptions } from '../cli/arguments.js';
import { configRecord, renderConfigTable } from '../cli/dry-run.js';
import { packageRoot, versions } from '../cli/package-info.js';
import { type ResolvedConfig, resolveConfig, resolveModelPath } from '../config/resolve.js';
import type { Config } from '../config.js';
import type { Problem } from '../data/problem.js';
import { type Policy, readPolicy } from '../model/policy-files.js';
import { loadTokenizer } from '../model/tokenizer.js';
import { EventLog } from '../observe/event-log.js';
import { JsonLines } from '../observe/json-lines.js';
import { JsonlSink } from '../observe/jsonl.js';
import { createRunDirectory, type RunDirectory } from '../observe/run-directory.js';
import {
  type EvaluationTally,
  type RunOutcome,
  renderSummary,
  summaryLine,
  totalOf,
} from '../observe/summary.js';
import { hasColor, TerminalView } from '../observe/terminal.js';
import { DialecticError, EXIT } from '../protocol/errors.js';
import { type Engine, startEngine } from './engine.js';
import { heldOutProblems, judge, tally } from './evaluate.js';
import { Interruption } from './interruption.js';
import { createPolicyText, type PolicyText } from './policy-text.js';

/** An update that takes longer has lost a message or a thread. */
const UPDATE_TIMEOUT_MS = 30 * 60_000;

/** Runs the command; gives the exit code. */
export async function runTrain(options: TrainOptions, argv: readonly string[]): Promise<number> {
  const resolved = resolveConfig(options);
  const color = hasColor({ stream: process.stdout, env: process.env, color: options.color });
  if (options.dryRun) {
    const text = options.json ? JSON.stringify(configRecord(resolved)) : renderConfigTable(resolved, color);
    process.stdout.write(`${text}\n`);
    return EXIT.done;
  }
  // ---- everything that can be wrong is read before anything is written --------------------------------------------------
  const { config } = resolved;
  const modelDirectory = resolveModelPath(config.model, process.cwd(), packageRoot);
  const policy = readPolicy(modelDirectory);
  const tokenizer = loadTokenizer(modelDirectory);
  if (tokenizer.vocabSize > policy.config.vocabSize) {
    throw new DialecticError(
      'MODEL_FILE',
      `${join(modelDirectory, 'tokenizer.json')} has ${tokenizer.vocabSize} tokens, expected at most the ${policy.config.vocabSize} of config.json (vocab_size)`,
    );
  }
  const run = createRun(resolved, argv);
  const view = new TerminalView({
    stream: process.stderr,
    env: process.env,
    color: options.color,
    quiet: options.quiet || options.json,
    now: () => performance.now(),
  });
  const lines = options.json ? new JsonLines(process.stdout) : null;
  const training = new Training(run, config, view, lines);
  const outcome = await training.run(modelDirectory, policy, createPolicyText(tokenizer), tokenizer.eosIds);
  run.writeJson('summary.json', summaryLine(outcome));
  run.close();
  view.finish();
  if (lines) lines.write(summaryLine(outcome));
  else process.stdout.write(`${renderSummary(outcome, color)}\n`);
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
    private readonly config: Config,
    private readonly view: TerminalView,
    private readonly lines: JsonLines | null,
  ) {}

  get interrupted(): boolean {
    return this.#interruption.requested;
  }

  async run(
    modelDirectory: string,
    policy: Policy,
    text: PolicyText,
    stopTokens: readonly number[],
  ): Promise<RunOutcome> {
    const { config, directory } = this;
    const start = performance.now();
    const system = new ActorSystem({ name: 'main', seed: config.seed });
    const log = new EventLog(observe(system.events), directory.events, (event) => {
      this.lines?.write(event);
      if (event.type === 'warning') this.view.warn(event.detail);
    });
    const release = this.#interruption.listen(() =>
      this.view.note('stopping after this update; interrupt again to quit now'),
    );
    const engine = await startEngine({
      system,
      config,
      modelDirectory,
      policy,
      stopTokens,
      samplesPath: directory.samplesPath,
      onEvaluationProgress: (done, total) =>
        this.view.show({ phase: 'evaluation', label: this.#label, done, total }),
    });
    try {
      const problems = heldOutProblems(config.data.evaluationProblems, config.data.domains);
      const evaluate = (update: number) => this.#evaluate(engine, system, text, problems, update);
      const before = await evaluate(0);
      const updates = await this.#train(engine, async (update) => {
        this.#label = `update ${update}`;
        await evaluate(update);
      });
      if (config.checkpoint.onExit && updates > 0) await this.#checkpoint(engine, system, updates);
      this.#label = 'after';
      const after = this.interrupted ? undefined : await evaluate(updates);
      return {
        updates,
        seed: config.seed,
        wallSeconds: (performance.now() - start) / 1000,
        before,
        ...(after === undefined ? {} : { after }),
        tokensPerSecond: { rollout: rate(this.#rollout), learner: rate(this.#learner) },
        runDirectory: directory.path,
      };
    } finally {
      await engine.stop();
      log.close();
      release();
    }
  }

  /** The training loop; gives the number of updates done. */
  async #train(engine: Engine, evaluate: (update: number) => Promise<void>): Promise<number> {
    const { updates, evaluation } = this.config;
    for (let update = 0; update < updates; update++) {
      if (this.interrupted) return update;
      const start = performance.now();
      const { metrics } = await withDeadline(
        engine.dispatcher.run(update),
        UPDATE_TIMEOUT_MS,
        `update ${update + 1}`,
      );
      const seconds = (performance.now() - start) / 1000;
      this.#record(update + 1, metrics, seconds);
      const isLast = update + 1 === updates;
      if (evaluation.everyUpdates > 0 && (update + 1) % evaluation.everyUpdates === 0 && !isLast) {
        await evaluate(update + 1);
      }
    }
    return updates;
  }

  #record(update: number, metrics: Record<string, number>, stepSeconds: number): void {
    const learnerSeconds = metrics['time/learner'] ?? 0;
    const rolloutSeconds = stepSeconds - learnerSeconds;
    const { groupSize, promptsPerUpdate } = this.config.sampling;
    const sampled = (metrics['completions/mean_length'] ?? 0) * groupSize * promptsPerUpdate;
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
      updates: this.config.updates,
      rewards: this.#rewards,
      accuracy: metrics['rewards/answer/mean'] ?? 0,
      tokensPerSecond: sampled / rolloutSeconds,
      stepSeconds: this.#stepSeconds,
    });
  }

  async #evaluate(
    engine: Engine,
    system: ActorSystem,
    text: PolicyText,
    problems: readonly Problem[],
    update: number,
  ): Promise<EvaluationTally> {
    const completions = await withDeadline(
      engine.evaluator.complete(problems.map(({ question }) => text.encodePrompt(question))),
      UPDATE_TIMEOUT_MS,
      'evaluation',
    );
    const judged = problems.map((problem, i) =>
      judge(problem, completions[i] ? text.decode(completions[i]) : null),
    );
    const file = join(this.directory.samplesPath, `evaluation-${String(update).padStart(6, '0')}.jsonl`);
    const sink = new JsonlSink(file);
    for (const each of judged) sink.write(each);
    sink.close();
    const counts = tally(judged);
    const total = totalOf(counts);
    const metrics = {
      accuracy: total.correct / total.problems,
      formatCompliance: total.formatted / total.problems,
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
