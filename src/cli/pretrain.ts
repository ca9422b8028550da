/**
 * `pretrain`: makes a nano policy from nothing, by supervised training on generated traces, and says how good it is.
 *
 * Invariants: the folder it writes is a function of (seed, tokens); it appears only when complete.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { configSchema } from '../config/schema.js';
import { TAGS } from '../data/prompt.js';
import { buildNanoTokenizer } from '../data/tokenizer-builder.js';
import { STAGES, type Stage, WarmStart } from '../data/warm-start.js';
import { DialecticError } from '../errors.js';
import { judgeCompletion } from '../evaluation/judge-completion.js';
import { heldOutProblems } from '../evaluation/problems.js';
import { type EvaluationTally, totalOf } from '../evaluation/summary.js';
import { tally } from '../evaluation/tally.js';
import { type PretrainProgress, pretrain } from '../learner/pretrain.js';
import { parseDecoderConfig } from '../model/config.js';
import { huggingFaceConfigText } from '../model/hugging-face-config.js';
import { nanoConfig } from '../model/nano.js';
import { parameterLayout } from '../model/parameters.js';
import { type Policy, readPolicy, writeNewPolicy, writePolicy } from '../model/policy-files.js';
import { loadTokenizer } from '../model/tokenizer.js';
import { createWeights, initializeWeights } from '../model/weights.js';
import { Random } from '../random.js';
import { complete } from '../sampling/complete.js';
import { createPolicyText, type PolicyText } from '../sampling/policy-text.js';
import { Sampler } from '../sampling/sampler.js';
import { openRuntime } from '../tensor/device.js';
import type { Runtime } from '../tensor/runtime.js';
import { modelCard } from '../training/model-card.js';
import type { PretrainOptions } from './arguments.js';
import { clock } from './views/progress.js';

const DEFAULTS = { seed: 1, tokens: 46_000_000, threads: 2 };
/** Share of the tokens and peak learning rate of each stage; a second, lower cosine adds skill where a longer first one adds less. */
const STAGE_PLANS = {
  skills: { share: 36 / 46, learningRate: 3e-3 },
  'head-room': { share: 10 / 46, learningRate: 1.5e-3 },
} as const;
const SCHEDULE = { warmupUpdates: 100, schedule: 'cosine', finalLearningRateFraction: 0.05 } as const;
const ADAM = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.05, maxGradNorm: 1 };
const TOKENS_PER_UPDATE = 3600;
const INITIAL_DEVIATION = 0.05;
const EVALUATION_PROBLEMS = 600;
/** A training of seconds is not evaluated for minutes. */
const TOKENS_PER_EVALUATION_PROBLEM = 1000;
const EVALUATION_SLOTS = 128;
const PROGRESS_UPDATES = 100;
/** How a worked trace begins. */
const FORCED_WORK = `${TAGS[0]}Work`;

export async function runPretrain(options: PretrainOptions): Promise<void> {
  const seed = options.seed ?? DEFAULTS.seed;
  const tokenBudget = options.tokens ?? DEFAULTS.tokens;
  const directory = resolve(options.out ?? join('runs', `pretrained-seed${seed}`));
  if (existsSync(directory)) {
    throw new DialecticError(
      'CONFIG',
      `--out ${directory} exists already; name a folder that does not, or remove it`,
    );
  }
  const runtime = await openRuntime('auto', options.threads ?? DEFAULTS.threads);
  const say = (record: object, line: string): void => {
    if (options.json) process.stdout.write(`${JSON.stringify(record)}\n`);
    else process.stderr.write(`${line}\n`);
  };

  // ---- an empty policy: tokenizer, architecture, random weights -------------------------------------------------------
  const staging = `${directory}.untrained`;
  rmSync(staging, { recursive: true, force: true }); // of a run that was cut short
  const policy = createPolicy(staging, seed);
  const text = createPolicyText(loadTokenizer(staging));

  // ---- training -------------------------------------------------------------------------------------------------------
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  let trained = { tokens: 0, loss: Number.NaN, skippedUpdates: 0 };
  let skipped = 0;
  const report = (stage: Stage, progress: PretrainProgress): void => {
    const { loss, update } = progress;
    const skippedUpdates = trained.skippedUpdates + progress.skippedUpdates;
    if (skippedUpdates > skipped) {
      skipped = skippedUpdates;
      say(
        { type: 'pretrain.warning', stage, update, skippedUpdates },
        `update ${update} of stage ${stage} was skipped: its gradient is not finite (${skippedUpdates} so far)`,
      );
    }
    if (update % PROGRESS_UPDATES !== 0) return;
    const tokens = trained.tokens + progress.tokens;
    const left = (seconds() / tokens) * (tokenBudget - tokens);
    const rate = Math.round(tokens / seconds());
    say(
      { type: 'pretrain.progress', stage, ...progress, tokens, seconds: seconds() },
      `${((100 * tokens) / tokenBudget).toFixed(0).padStart(3)} %  tokens ${tokens}  loss ${loss.toFixed(4)}  ${rate} tok/s  ETA ${clock(left)}`,
    );
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
    trained = {
      tokens: trained.tokens + tokens,
      loss,
      skippedUpdates: trained.skippedUpdates + skippedUpdates,
    };
  }
  const trainingSeconds = seconds();

  // ---- what it can do, and the folder --------------------------------------------------------------------------------
  const count = Math.min(EVALUATION_PROBLEMS, Math.ceil(tokenBudget / TOKENS_PER_EVALUATION_PROBLEM));
  const greedy = await evaluatePolicy(runtime, policy, text, '', count);
  const worked = await evaluatePolicy(runtime, policy, text, FORCED_WORK, count);
  writePolicy(directory, policy.weights, staging);
  rmSync(staging, { recursive: true });
  const card = {
    seed,
    tokenBudget,
    tokens: trained.tokens,
    seconds: trainingSeconds,
    finalLoss: trained.loss,
    greedy,
    worked,
    parameterCount: policy.weights.layout.count,
    nonEmbeddingCount: policy.weights.layout.nonEmbeddingCount,
  };
  writeFileSync(join(directory, 'README.md'), modelCard(card, new Date()));
  const { problems, open, correct, formatted } = totalOf(card.greedy);
  const accuracy = correct / (problems - open);
  say(
    {
      type: 'pretrain.summary',
      directory,
      seed,
      tokens: trained.tokens,
      seconds: trainingSeconds,
      accuracy,
      formatCompliance: formatted / problems,
      skippedUpdates: trained.skippedUpdates,
    },
    `Wrote ${directory}: ${trained.tokens} tokens in ${clock(trainingSeconds)}, held-out greedy accuracy ${(100 * accuracy).toFixed(1)} %`,
  );
}

/** Writes a folder with random weights and the tokenizer, and reads it as any policy is read. */
function createPolicy(directory: string, seed: number): Policy {
  const files = buildNanoTokenizer();
  const vocabulary = vocabularyOf(files['tokenizer.json']);
  const idOf = (token: string): number => vocabulary.indexOf(token);
  const json = nanoConfig(vocabulary.length, { bos: idOf('<bos>'), eos: idOf('<eos>'), pad: idOf('<pad>') });
  const config = parseDecoderConfig(json, 'nano');
  const weights = createWeights(parameterLayout(config));
  initializeWeights(weights, new Random(seed, 'initial-weights'), config.normOffset, INITIAL_DEVIATION);
  const texts = Object.entries(files).map(([name, content]) => [
    name,
    `${JSON.stringify(content, null, 2)}\n`,
  ]);
  writeNewPolicy(directory, weights, {
    'config.json': huggingFaceConfigText(config),
    ...Object.fromEntries(texts),
  });
  return readPolicy(directory);
}

/** Tokens in the order of their ids. */
function vocabularyOf(tokenizer: object): string[] {
  const { model } = tokenizer as { model: { vocab: Record<string, number> } };
  return Object.entries(model.vocab)
    .sort(([, a], [, b]) => a - b)
    .map(([token]) => token);
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
  const sampler = new Sampler({
    runtime,
    config,
    weights,
    slots: EVALUATION_SLOTS,
    capacity: config.maxPositions,
    stopTokens: config.eosTokenIds,
  });
  const greedy = { sampleCount: 1, maxTokens, temperature: 0, topK: 0, topP: 1 };
  const key = { seed: 0, update: 0, stream: 0 };
  const forced = text.encode(prefix);
  const sampled = await complete(
    sampler,
    problems.map(({ question }, promptIndex) => {
      const promptTokens = concat(text.encodePrompt(question), forced);
      return { ...key, ...greedy, promptIndex, promptTokens };
    }),
  );
  sampler.release();
  const judged = sampled.map(({ tokens, stopped }, item) => {
    const completion = {
      text: prefix + text.decode(tokens),
      tokens: tokens.length,
      stopped: stopped[0] === 1,
    };
    return judgeCompletion(problems[item]!, { item, sample: 0, ...completion }, 'greedy');
  });
  const familyOf = new Map(problems.map(({ id, family }) => [id, family]));
  return tally(judged, ({ id }) => familyOf.get(id)!);
}

function concat(a: Int32Array, b: Int32Array): Int32Array {
  return Int32Array.from([...a, ...b]);
}
