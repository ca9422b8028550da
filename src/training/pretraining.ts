/**
 * Makes a nano policy from nothing, by supervised training on generated traces, and evaluates it.
 *
 * Invariants: the weights are a function of (seed, tokens); the folder appears only when complete.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../clock.js';
import { configSchema } from '../config/schema.js';
import { TAGS } from '../data/prompt.js';
import { STAGES, type Stage, WarmStart } from '../data/warm-start.js';
import { completeProblems } from '../evaluation/complete-problems.js';
import { judgeCompletion } from '../evaluation/judge-completion.js';
import { heldOutProblems } from '../evaluation/problems.js';
import { type EvaluationTally, totalOf } from '../evaluation/summary.js';
import { tally } from '../evaluation/tally.js';
import { type PretrainProgress, pretrain } from '../learner/pretrain.js';
import { type Policy, writePolicy } from '../model/policy-files.js';
import { loadTokenizer } from '../model/tokenizer.js';
import { createPolicyText, type PolicyText } from '../sampling/policy-text.js';
import { Sampler } from '../sampling/sampler.js';
import { openRuntime } from '../tensor/device.js';
import type { Runtime } from '../tensor/runtime.js';
import { modelCard } from './model-card.js';
import { createNanoPolicy } from './nano-policy.js';

interface PretrainingOptions {
  /** The folder of the policy, which must not exist yet. */
  readonly directory: string;
  readonly seed: number;
  /** Tokens to train on, prompts included. */
  readonly tokenBudget: number;
  /** Threads inside one operator. */
  readonly threads: number;
  readonly onEvent?: (event: PretrainingEvent) => void;
  readonly clock?: Clock;
}

/** How the training goes: now and then its progress, and each update that was skipped. */
export type PretrainingEvent =
  | ({
      readonly type: 'pretrain.progress';
      readonly stage: Stage;
      /** Since the training began. */
      readonly seconds: number;
    } & PretrainProgress)
  | {
      readonly type: 'pretrain.warning';
      readonly stage: Stage;
      readonly update: number;
      /** In all stages so far. */
      readonly skippedUpdates: number;
    };

interface PretrainingSummary {
  readonly tokens: number;
  readonly seconds: number;
  /** Held out, greedy; NaN where no problem has a right answer. */
  readonly accuracy: number;
  readonly formatCompliance: number;
  readonly skippedUpdates: number;
}

/** Share of the tokens and peak learning rate of each stage; a second, lower cosine adds skill where a longer first one adds less. */
const STAGE_PLANS = {
  skills: { share: 36 / 46, learningRate: 3e-3 },
  'head-room': { share: 10 / 46, learningRate: 1.5e-3 },
} as const;
const SCHEDULE = { warmupUpdates: 100, schedule: 'cosine', finalLearningRateFraction: 0.05 } as const;
const ADAM = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.05, maxGradNorm: 1 };
const TOKENS_PER_UPDATE = 3600;
const EVALUATION_PROBLEMS = 600;
/** A training of seconds is not evaluated for minutes. */
const TOKENS_PER_EVALUATION_PROBLEM = 1000;
const EVALUATION_SLOTS = 128;
const PROGRESS_UPDATES = 100;
/** How a worked trace begins. */
const FORCED_WORK = `${TAGS[0]}Work`;

/** Trains, evaluates, and writes the folder with a README. */
export async function pretrainNano(options: PretrainingOptions): Promise<PretrainingSummary> {
  const { directory, seed, tokenBudget, threads, clock = systemClock } = options;
  const runtime = await openRuntime('auto', threads);
  const staging = `${directory}.untrained`;
  rmSync(staging, { recursive: true, force: true }); // of a training that was cut short
  const policy = createNanoPolicy(staging, seed);
  const text = createPolicyText(loadTokenizer(staging));
  const { tokens, loss, skippedUpdates, seconds } = train(runtime, policy, text, { ...options, clock });

  const count = Math.min(EVALUATION_PROBLEMS, Math.ceil(tokenBudget / TOKENS_PER_EVALUATION_PROBLEM));
  const greedy = await evaluatePolicy(runtime, policy, text, '', count);
  const worked = await evaluatePolicy(runtime, policy, text, FORCED_WORK, count);
  writePolicy(directory, policy.weights, staging);
  rmSync(staging, { recursive: true });
  const { count: parameterCount, nonEmbeddingCount } = policy.weights.layout;
  const made = { seed, tokenBudget, tokens, seconds, finalLoss: loss };
  const card = modelCard(
    { ...made, greedy, worked, parameterCount, nonEmbeddingCount },
    new Date(clock.now()),
  );
  writeFileSync(join(directory, 'README.md'), card);
  const { problems, open, correct, formatted } = totalOf(greedy);
  const [accuracy, formatCompliance] = [correct / (problems - open), formatted / problems];
  return { tokens, seconds, accuracy, formatCompliance, skippedUpdates };
}

interface Trained {
  readonly tokens: number;
  readonly loss: number;
  readonly skippedUpdates: number;
  readonly seconds: number;
}

/** Trains the policy's weights in place, stage by stage. */
function train(
  runtime: Runtime,
  policy: Policy,
  text: PolicyText,
  { seed, tokenBudget, onEvent, clock }: PretrainingOptions & { readonly clock: Clock },
): Trained {
  const start = clock.now();
  const seconds = (): number => (clock.now() - start) / 1000;
  let before = { tokens: 0, loss: Number.NaN, skippedUpdates: 0 };
  let skipped = 0;
  const report = (stage: Stage, progress: PretrainProgress): void => {
    const skippedUpdates = before.skippedUpdates + progress.skippedUpdates;
    if (skippedUpdates > skipped)
      onEvent?.({ type: 'pretrain.warning', stage, update: progress.update, skippedUpdates });
    skipped = skippedUpdates;
    if (progress.update % PROGRESS_UPDATES !== 0) return;
    const tokens = before.tokens + progress.tokens;
    onEvent?.({ type: 'pretrain.progress', stage, ...progress, tokens, seconds: seconds() });
  };
  for (const stage of STAGES) {
    const warmStart = new WarmStart(seed, stage);
    const { share, learningRate } = STAGE_PLANS[stage];
    const { tokens, loss, skippedUpdates } = pretrain({
      runtime,
      ...policy,
      example: (index) => {
        const { question, role, turns, completion } = warmStart.example(index);
        return {
          promptTokens: text.encodePrompt(question, role, turns),
          completionTokens: text.encodeCompletion(completion),
        };
      },
      tokenBudget: Math.round(share * tokenBudget),
      tokensPerUpdate: TOKENS_PER_UPDATE,
      schedule: { ...SCHEDULE, learningRate },
      adam: ADAM,
      onUpdate: (progress) => report(stage, progress),
    });
    before = {
      tokens: before.tokens + tokens,
      loss,
      skippedUpdates: before.skippedUpdates + skippedUpdates,
    };
  }
  return { ...before, seconds: seconds() };
}

/**
 * Greedy completions of the first `count` held-out problems by a sampler in this thread, counted by topic: as long as a run's are
 * by default. `prefix` is put in the policy's mouth.
 */
async function evaluatePolicy(
  runtime: Runtime,
  { config, weights }: Policy,
  text: PolicyText,
  prefix: string,
  count: number,
): Promise<EvaluationTally> {
  const problems = heldOutProblems(count);
  const maxTokens = configSchema.parse({}).evaluation.maxCompletionTokens;
  const capacity = config.maxPositions;
  const slots = EVALUATION_SLOTS;
  const sampler = new Sampler({ runtime, config, weights, slots, capacity, stopTokens: config.eosTokenIds });
  const forced = text.encode(prefix);
  const prompts = problems.map(({ question }) =>
    Int32Array.from([...text.encodePrompt(question), ...forced]),
  );
  const greedy = { capacity, temperature: 0, sampleCount: 1, seed: 0, maxTokens, decode: text.decode };
  const completions = await completeProblems(sampler, prompts, greedy);
  sampler.release();
  const judged = completions.map((each) => {
    const completion = { ...each, text: each.text === null ? null : prefix + each.text };
    return judgeCompletion(problems[each.item]!, completion, 'greedy');
  });
  const familyOf = new Map(problems.map(({ id, family }) => [id, family]));
  return tally(judged, ({ id }) => familyOf.get(id)!);
}
