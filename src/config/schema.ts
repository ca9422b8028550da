/**
 * One schema of a run: every knob with its default, unit and reason.
 *
 * Invariants:
 * - an unknown key is an error, never ignored;
 * - combinations that cannot work, or would silently do nothing, are refused with the reason;
 * - the defaults alone are a run that works on two cores.
 */
import { z } from 'zod';
import {
  BAD_ROW_RULES,
  DATA_FORMATS,
  DEVICES,
  DOMAINS,
  KL_ESTIMATORS,
  LOSSES,
  REWARD_SCALES,
  RUN_STRATEGIES,
  SCHEDULES,
  SELECTION_FORMULAS,
} from '../protocol/names.js';
import { nearest } from './suggest.js';

// ---- kinds of values; the error text is what the user reads after "expected" ------------------------------

function integer(low: number, high: number) {
  const error = `an integer from ${low} to ${high}`;
  return z.int({ error }).min(low, { error }).max(high, { error });
}

/** A finite number between two bounds, each included (`min`, `max`) or not (`above`, `below`). */
function real(bounds: { min?: number; above?: number; max?: number; below?: number }) {
  const lower = bounds.above !== undefined ? `above ${bounds.above}` : `of at least ${bounds.min}`;
  const upper = bounds.below !== undefined ? ` and below ${bounds.below}` : ` and at most ${bounds.max}`;
  const hasUpper = bounds.below !== undefined || bounds.max !== undefined;
  const error = `a number ${lower}${hasUpper ? upper : ''}`;
  let schema = z.number({ error });
  if (bounds.min !== undefined) schema = schema.min(bounds.min, { error });
  if (bounds.above !== undefined) schema = schema.gt(bounds.above, { error });
  if (bounds.max !== undefined) schema = schema.max(bounds.max, { error });
  if (bounds.below !== undefined) schema = schema.lt(bounds.below, { error });
  return schema;
}

/** One of a list of words; `refused` says why a word that a user may know is not taken. */
function oneOf<const T extends readonly [string, ...string[]]>(
  values: T,
  refused: Readonly<Record<string, string>> = {},
) {
  return z.enum(values, {
    error: ({ input }) => {
      const listed = `one of ${values.join(', ')}`;
      if (typeof input !== 'string') return listed;
      if (Object.hasOwn(refused, input)) return `${listed}: ${refused[input]}`;
      const near = nearest(input, values);
      return near === undefined ? listed : `${listed} (did you mean ${near}?)`;
    },
  });
}

const flag = z.boolean({ error: 'true or false' });
const text = z.string({ error: 'text' }).min(1, { error: 'text that is not empty' });

// ---- sections ---------------------------------------------------------------------------------------------

const actors = z.strictObject({
  forward: integer(1, 64)
    .default(4)
    .describe('actors that reason from the question to an answer; more keep the samplers busier'),
  backward: integer(1, 64)
    .default(4)
    .describe('actors that suppose an answer and test it; used by strategy backward, debate and anneal'),
  skeptic: integer(1, 64)
    .default(2)
    .describe('actors that check the answers of a debate; used by strategy debate and anneal'),
  synthesizer: integer(1, 64)
    .default(2)
    .describe('actors that settle a debate; used by strategy debate and anneal'),
  moderator: integer(1, 64)
    .default(4)
    .describe('actors that each lead one debate after another; used by strategy debate and anneal'),
  searcher: integer(1, 64)
    .default(4)
    .describe('actors that each search one tree after another; used by strategy tree and anneal'),
  sampler: integer(1, 64)
    .default(2)
    .describe('threads that decode; a small policy gains from a second sampler, not from a wider one'),
  scorer: integer(0, 64)
    .default(1)
    .describe("threads that compute rewards; 0 = scored in the role's own thread"),
});

const data = z.strictObject({
  path: text
    .nullable()
    .default(null)
    .describe(
      'file of examples (.jsonl, .jsonl.gz, .parquet; a tenth is held out); null = the generated dataset',
    ),
  onBadRow: oneOf(BAD_ROW_RULES)
    .default('fail')
    .describe('what a bad row of data.path does: end the program, or be left out and counted'),
  format: oneOf(DATA_FORMATS).default('own').describe('how the rows of data.path are laid out'),
  seed: integer(0, 0xffff_ffff)
    .default(42)
    .describe(
      'key of the generated dataset; the shipped policy was kept away from the held-out problems of 42',
    ),
  augment: flag
    .default(true)
    .describe('train and evaluate on the variants of the 1,000 examples as well, 3,000 in all'),
  domains: z
    .array(oneOf(DOMAINS), {
      error: `a JSON list of ${DOMAINS.map((name) => JSON.stringify(name)).join(', ')}`,
    })
    .min(1, { error: 'a list with at least one domain' })
    .refine((list) => new Set(list).size === list.length, { error: 'a list without repetitions' })
    .default([...DOMAINS])
    .describe('domains that training and evaluation problems come from'),
  evaluationProblems: integer(1, 100_000)
    .default(500)
    .describe('held-out problems, at most; 500 give a 95 % interval of about ±4 points'),
});

const debate = z.strictObject({
  maxRounds: integer(1, 16)
    .default(1)
    .describe('rounds of a debate at most; it ends sooner by consensus, or when no answer changes'),
});

const search = z.strictObject({
  formula: oneOf(SELECTION_FORMULAS)
    .default('ucb1')
    .describe('how a tree chooses where to go on; puct also weighs how likely the policy finds a step'),
  exploration: real({ min: 0 })
    .default(Math.SQRT2)
    .describe('C of the formula: how much a step that was tried seldom is worth trying'),
  width: integer(2, 64).default(3).describe('steps that may follow one step of a tree'),
  workers: integer(1, 64).default(4).describe('continuations of one tree that are sampled at once'),
});

const sampling = z.strictObject({
  groupSize: integer(1, 1024)
    .default(8)
    .describe('completions per prompt (G); the advantage compares them with each other'),
  promptsPerUpdate: integer(1, 4096).default(16).describe('groups in the batch of one update'),
  temperature: real({ above: 0, max: 10 })
    .default(1)
    .describe('divides the logits; the log-probabilities are those of the tempered distribution'),
  topK: integer(0, 1_000_000)
    .default(0)
    .describe('most likely tokens kept before sampling; 0 = off, all are kept'),
  topP: real({ above: 0, max: 1 })
    .default(1)
    .describe('probability mass of the most likely tokens kept before sampling; 1 = off'),
  maxPromptTokens: integer(1, 131_072)
    .default(232)
    .describe('tokens of the longest prompt; a longer one is an error, never cut'),
  maxCompletionTokens: integer(1, 131_072)
    .default(280)
    .describe('tokens after which a completion counts as truncated'),
  slotsPerSampler: integer(1, 4096)
    .default(64)
    .describe(
      'sequences that one sampler decodes together; memory grows with it, and other numbers round otherwise',
    ),
});

const learner = z.strictObject({
  loss: oneOf(LOSSES)
    .default('dapo')
    .describe('loss and its denominator; dapo averages over all tokens of the batch'),
  epsilonLow: real({ min: 0, below: 1 })
    .default(0.2)
    .describe('the importance ratio is clipped below at 1 - epsilonLow'),
  epsilonHigh: real({ min: 0 })
    .default(0.28)
    .describe('the importance ratio is clipped above at 1 + epsilonHigh; higher keeps exploration alive'),
  delta: real({ above: 1 })
    .nullable()
    .default(null)
    .describe('two-sided clip: bound of the ratio where the advantage is negative; null = off'),
  cispoEpsilonMax: real({ above: 0 })
    .default(5)
    .describe('largest importance weight of the cispo loss; other losses do not use it'),
  beta: real({ min: 0 })
    .default(0)
    .describe('weight of the KL term (nats a token) in the loss; 0 = no reference policy is loaded'),
  klEstimator: oneOf(KL_ESTIMATORS, {
    k1: 'k1 as a loss has zero expected gradient, it would do nothing but add noise',
  })
    .default('unbiased')
    .describe(
      'estimator of the KL term: unbiased and k2 have the gradient of KL(policy || reference), k3 is what TRL uses',
    ),
  learningRate: real({ above: 0, max: 1 }).default(1e-4).describe('peak learning rate of AdamW, per update'),
  warmupUpdates: integer(0, 1_000_000)
    .default(5)
    .describe('updates over which the learning rate rises linearly from 0'),
  schedule: oneOf(SCHEDULES).default('cosine').describe('learning rate after the warm-up'),
  finalLearningRateFraction: real({ min: 0, max: 1 })
    .default(0.1)
    .describe('fraction of the peak at which the cosine schedule ends'),
  adamBeta1: real({ min: 0, below: 1 })
    .default(0.9)
    .describe('decay of the running mean of the gradient, per update'),
  adamBeta2: real({ min: 0, below: 1 })
    .default(0.98)
    .describe(
      'decay of the running mean of its square, per update; below the usual 0.999 because runs are short',
    ),
  adamEpsilon: real({ above: 0, max: 1 }).default(1e-8).describe('added to the root in AdamW'),
  weightDecay: real({ min: 0, max: 1 }).default(0).describe('decoupled weight decay per unit learning rate'),
  maxGradNorm: real({ above: 0 })
    .default(1)
    .describe('the global L2 norm of the gradient is clipped to this'),
  iterations: integer(1, 64)
    .default(1)
    .describe('optimizer passes over one batch (μ); above 1 the later passes are off-policy'),
  tokensPerMicroBatch: integer(2, 16_777_216)
    .default(2048)
    .describe(
      'packed tokens of one forward and backward pass; bounds memory, changes the result by rounding only',
    ),
  scaleRewards: oneOf(REWARD_SCALES)
    .default('group')
    .describe("divide advantages by the group's standard deviation, or not (Dr. GRPO)"),
  advantageEpsilon: real({ above: 0, max: 1 })
    .default(1e-4)
    .describe('added to the standard deviation before dividing by it'),
  maskTruncated: flag
    .default(true)
    .describe('leave truncated completions out of the loss: their reward says little about them'),
  shuffleRewards: flag
    .default(false)
    .describe('control experiment: permutes the rewards inside each group, so nothing should be learned'),
  threads: integer(1, 256).default(2).describe('threads inside one operator of the learner'),
});

/** Whether a text is the base of an endpoint: http or https, no user or key in it, nothing behind the path. */
function isBaseUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  return /^https?:$/.test(protocol) && [username, password, search, hash].every((part) => part === '');
}

const BASE_URL =
  'the base of an OpenAI-compatible endpoint without user, key or query, such as http://localhost:8000/v1';
const VARIABLE = 'the name of an environment variable in capitals, such as JUDGE_KEY; never a key itself';

const judge = z.strictObject({
  url: z
    .string({ error: BASE_URL })
    .max(2000, { error: BASE_URL })
    .refine(isBaseUrl, { error: BASE_URL })
    .nullable()
    .default(null)
    .describe('base of the OpenAI-compatible endpoint that judges open answers; null = no judge'),
  model: text.max(200).nullable().default(null).describe('name of the model that the endpoint is asked for'),
  keyVariable: z
    .string({ error: VARIABLE })
    .regex(/^[A-Z][A-Z0-9_]{0,63}$/, { error: VARIABLE })
    .nullable()
    .default(null)
    .describe('environment variable that holds the key of the endpoint; null = it asks for none'),
  weight: real({ above: 0 })
    .default(0.3)
    .describe('factor of the judge in the weighted sum of rewards (shaping)'),
  deadlineMs: integer(1, 600_000)
    .default(30_000)
    .describe('milliseconds for the verdict on one answer, all tries together; a later one is not scored'),
  maxConcurrent: integer(1, 256)
    .default(4)
    .describe('answers that are with the judge at the same time, for each thread of roles; others wait'),
});

const tunix = z.strictObject({
  matchFormatExactly: real({ min: 0 })
    .default(0)
    .describe("weight of Tunix's match_format_exactly (shaping); 0 = off"),
  matchFormatApproximately: real({ min: 0 })
    .default(0)
    .describe("weight of Tunix's match_format_approximately (shaping); 0 = off"),
  checkAnswer: real({ min: 0 }).default(0).describe("weight of Tunix's check_answer (outcome); 0 = off"),
  checkNumbers: real({ min: 0 }).default(0).describe("weight of Tunix's check_numbers (outcome); 0 = off"),
});

const sandbox = z.strictObject({
  weight: real({ min: 0 })
    .default(0)
    .describe('weight of running answers that are JavaScript programs (outcome); 0 = nothing is ever run'),
  timeoutMs: integer(1, 60_000).default(500).describe('milliseconds that one program may run'),
  memoryMegabytes: integer(1, 1024).default(32).describe('mebibytes of memory that one program may take'),
});

const rewards = z.strictObject({
  answer: real({ min: 0 })
    .default(1)
    .describe('weight of the answer reward (the outcome); groups that differ in format alone teach nothing'),
  format: real({ min: 0 }).default(0.1).describe('weight of the format reward (shaping)'),
  quality: real({ min: 0 })
    .default(0)
    .describe('weight of the reasoning quality (shaping); 0 = it is not worked out'),
  tunix: tunix.prefault({}),
  tunixMended: flag
    .default(true)
    .describe(
      "mend the defects of Tunix's last two (thousands separators, minus signs, a gold 0); false = as published",
    ),
  judge: judge.prefault({}),
  sandbox: sandbox.prefault({}),
  files: z
    .array(text, { error: 'a JSON list of paths of modules' })
    .max(16, { error: 'a list of at most 16 paths' })
    .default([])
    .describe('modules with rewards of your own (docs/rewards.md); looked up beside the file, then here'),
  deadlineMs: integer(1, 600_000)
    .default(2000)
    .describe('milliseconds after which scoring one group counts as a scorer error'),
});

const evaluation = z.strictObject({
  everyUpdates: integer(0, 1_000_000)
    .default(0)
    .describe('updates between evaluations; 0 = only before and after training'),
  maxCompletionTokens: integer(1, 131_072)
    .default(280)
    .describe('tokens after which a greedy completion counts as truncated'),
});

const checkpoint = z.strictObject({
  onExit: flag.default(true).describe('write a checkpoint in Hugging Face layout when the run ends'),
});

const LATER = 'webgpu and cuda come in a later version; cpu and tfjs exist today';

/** The whole configuration. Sections default to their own defaults. */
export const configSchema = z.strictObject({
  model: text
    .default('models/nano')
    .describe('folder of the policy, Hugging Face layout; looked up here, then in the package'),
  seed: integer(0, 0xffff_ffff)
    .default(42)
    .describe('key of all randomness: the same seed gives the same run, whatever the actor counts'),
  updates: integer(0, 1_000_000).default(120).describe('optimizer updates; 0 = only evaluate'),
  runDir: text
    .nullable()
    .default(null)
    .describe('folder of the run, must not exist or be empty; null = runs/<model>-seed<seed>-<counter>'),
  strategy: oneOf(RUN_STRATEGIES)
    .default('forward')
    .describe('how a problem becomes trajectories (docs/techniques.md); anneal chooses for each problem'),
  device: oneOf(DEVICES, { webgpu: LATER, cuda: LATER })
    .default('auto')
    .describe('runtime that executes the graphs; auto picks the best one that works'),
  threads: integer(1, 64).default(1).describe('worker threads that carry the rollout workers'),
  actors: actors.prefault({}),
  data: data.prefault({}),
  sampling: sampling.prefault({}),
  debate: debate.prefault({}),
  search: search.prefault({}),
  learner: learner.prefault({}),
  rewards: rewards.prefault({}),
  evaluation: evaluation.prefault({}),
  checkpoint: checkpoint.prefault({}),
});

/** A resolved configuration: every key present and checked. */
export type Config = z.infer<typeof configSchema>;

/** A configuration as a user gives it: any part of it; what is left out has its default. */
export type ConfigInput = z.input<typeof configSchema>;
