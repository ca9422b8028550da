/**
 * `solve`: answers one question with a policy, and shows the reasoning, the debate or the tree.
 *
 * Invariants: the same policy, options and seed give the same completions and the same answer; no more than --budget tokens are
 * sampled, and none after an interruption; nothing is written but to --out, and nothing there is overwritten.
 */
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { resolveModelPath } from '../config/resolve.js';
import { DialecticError, EXIT } from '../errors.js';
import { readPolicy } from '../model/policy-files.js';
import { loadTokenizer } from '../model/tokenizer.js';
import { escapeJson, sanitizeLine } from '../observe/sanitize.js';
import { packageRoot, versions } from '../package-info.js';
import { parseCompletion } from '../rewards/parse.js';
import { createPolicyText, type PolicyText } from '../sampling/policy-text.js';
import { Sampler } from '../sampling/sampler.js';
import { DebatePlan } from '../solve/debate-plan.js';
import { DrawnTokens, drive } from '../solve/drive.js';
import { MIN_COMPLETION_TOKENS, type Plan } from '../solve/plan.js';
import type { Solution } from '../solve/solution.js';
import { TreePlan } from '../solve/tree-plan.js';
import { VotePlan } from '../solve/vote-plan.js';
import { openRuntime } from '../tensor/device.js';
import type { SolveOptions } from './arguments.js';
import { Interruption } from './interruption.js';
import { noAnswerText } from './views/solution-text.js';
import { createView } from './views/solve-view.js';

const DEFAULTS = {
  model: 'models/nano',
  strategy: 'forward',
  budget: 2000,
  maxTokens: 256,
  seed: 42,
} as const;
const DEFAULT_ROLLOUTS = 64;
const MAX_ROUNDS = 2;
/** The same for every strategy, since bits depend on it. */
const SLOTS = 8;
const THREADS = 2;
const CAPACITY_STEP = 16;
/** Room for what a role of a debate is told of the others. */
const HEARD_TOKENS = 512;

/**
 * Gives the exit code: 0 with an answer, 4 without, 130 if interrupted. Errors: CONFIG for a question or folder that cannot be used,
 * MODEL_FILE.
 */
export async function runSolve(options: SolveOptions): Promise<number> {
  const given = { ...DEFAULTS, ...options };
  const isAlone = given.strategy === 'forward' || given.strategy === 'backward';
  const samples = given.samples ?? (given.strategy === 'tree' ? DEFAULT_ROLLOUTS : 1);
  const temperature = given.temperature ?? (isAlone && samples === 1 ? 0 : 1);
  const directory = resolveModelPath(given.model, process.cwd(), packageRoot);
  const policy = readPolicy(directory);
  const tokenizer = loadTokenizer(directory);
  const text = createPolicyText(tokenizer);
  const setting = { ...given, samples, ...roomFor(given, text, policy.config.maxPositions) };
  const plan = createPlan(setting, text);
  if (given.out !== undefined) claimFolder(given.out);

  const { stdout, stderr, env } = process;
  const isLive = isAlone && !given.json && !given.quiet;
  const { budget } = given;
  const view = createView(given, { stdout, stderr, env, decode: text.decode, samples, budget, isLive });
  const drawn = new DrawnTokens(tokenizer.eosIds);
  const sampler = new Sampler({
    ...{ runtime: await openRuntime('auto', THREADS), ...policy, slots: SLOTS },
    ...{ capacity: setting.capacity, stopTokens: tokenizer.eosIds },
    onToken: (requestId, sample, token) => {
      drawn.draw(Number(requestId), sample, token);
      view.token(Number(requestId), token);
    },
  });
  // From here on there is something to lose: until now a signal ends the process at once.
  const interruption = new Interruption();
  const unlisten = interruption.listen(() => {});
  const start = performance.now();
  await drive({
    ...{ plan, sampler, drawn, temperature, seed: given.seed, decode: text.decode },
    isInterrupted: () => interruption.requested,
    onEvent: (event) => view.event(event),
  });
  const seconds = (performance.now() - start) / 1000;
  sampler.release();

  // ---- what came of it ---------------------------------------------------------------------------------------------
  const { details, ...outcome } = plan.outcome()!;
  const { tokens } = sampler.counters;
  const interrupted = outcome.stop === 'interrupted';
  const solution = {
    ...{ type: 'solution', strategy: given.strategy, question: given.question, answer: outcome.answer },
    reasoning: parseCompletion(outcome.completion ?? '').reasoning?.trim() ?? null,
    ...{ ...outcome, interrupted, tokens, unfinishedTokens: tokens - outcome.tokens },
    ...{ budget, seconds, maxTokens: setting.maxTokens, samples, temperature, seed: given.seed },
    ...{ ...details, model: directory, versions },
  } satisfies Solution & Record<string, unknown>;
  if (given.out !== undefined) {
    const { name, content } = plan.artifact();
    writeJson(join(given.out, name), content);
    writeJson(join(given.out, 'solution.json'), solution);
  }
  view.end(solution, plan instanceof TreePlan ? plan.render((line) => sanitizeLine(line, 100)) : '');
  unlisten();
  const hasAnswer = outcome.answer !== null;
  const leastTokens = Math.min(MIN_COMPLETION_TOKENS, given.maxTokens);
  if (!hasAnswer) stderr.write(`${noAnswerText(solution, leastTokens)}\n`);
  if (interrupted) return EXIT.interrupted;
  return hasAnswer ? EXIT.done : EXIT.noAnswer;
}

type Setting = Pick<SolveOptions, 'question'> &
  Required<Pick<SolveOptions, 'strategy' | 'budget' | 'seed'>> & {
    readonly samples: number;
    readonly maxTokens: number;
    readonly capacity: number;
  };

function createPlan(setting: Setting, text: PolicyText): Plan {
  const { strategy, question, samples, budget, maxTokens, seed, capacity } = setting;
  if (strategy === 'debate') {
    return new DebatePlan({
      encodePrompt: (role, turns) => text.encodePrompt(question, role, turns),
      ...{ samples, budget, maxTokens, capacity, maxRounds: MAX_ROUNDS },
    });
  }
  if (strategy === 'tree') {
    const promptTokens = text.encodePrompt(question);
    return new TreePlan({ promptTokens, decode: text.decode, seed, rollouts: samples, budget, maxTokens });
  }
  const promptTokens = text.encodePrompt(question, strategy);
  return new VotePlan({ promptTokens, samples, budget, maxTokens, atOnce: SLOTS });
}

/** Positions to decode in, and tokens of a completion that they hold. Errors: CONFIG for a question that leaves no room. */
function roomFor(
  { question, strategy, maxTokens }: Pick<Setting, 'question' | 'strategy' | 'maxTokens'>,
  text: PolicyText,
  maxPositions: number,
): { capacity: number; maxTokens: number } {
  const roles =
    strategy === 'debate'
      ? (['forward', 'backward', 'skeptic', 'synthesizer'] as const)
      : ([strategy === 'backward' ? 'backward' : 'forward'] as const);
  const longest = Math.max(...roles.map((role) => text.encodePrompt(question, role).length));
  const needed = longest + (strategy === 'debate' ? HEARD_TOKENS : 0) + maxTokens;
  const capacity = Math.min(maxPositions, Math.ceil(needed / CAPACITY_STEP) * CAPACITY_STEP);
  const room = capacity - longest;
  const least = Math.min(MIN_COMPLETION_TOKENS, maxTokens);
  if (room < least) {
    throw new DialecticError(
      'CONFIG',
      `the question makes a prompt of ${longest} tokens; expected at most ${maxPositions - least}, since the policy has ${maxPositions} positions and a completion needs ${least}. Shorten it, or use another --model.`,
    );
  }
  return { capacity, maxTokens: Math.min(maxTokens, room) };
}

/** Makes the folder. Errors: CONFIG for one that holds something, or a file. */
function claimFolder(named: string): void {
  const path = resolve(named);
  if (existsSync(path) && (!statSync(path).isDirectory() || readdirSync(path).length > 0))
    throw new DialecticError('CONFIG', `--out ${path} is not empty; name a folder that is new or empty`);
  mkdirSync(path, { recursive: true });
}

function writeJson(path: string, content: object): void {
  writeFileSync(path, `${escapeJson(JSON.stringify(content, null, 2))}\n`);
}
