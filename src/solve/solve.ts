/**
 * Answers one question with a policy: alone, by debate, or by a tree.
 *
 * Invariants: the same policy, options and seed give the same completions and the same answer; no more than `budget` tokens are
 * sampled, which a plan of one's own sees to itself, and none after the signal; nothing is written.
 */
import { DialecticError } from '../errors.js';
import { type Policy, readPolicy } from '../model/policy-files.js';
import { loadTokenizer } from '../model/tokenizer.js';
import { type Role, STRATEGIES, type Strategy } from '../protocol/index.js';
import { parseCompletion } from '../rewards/parse.js';
import { readAnswer, sameAnswer } from '../rollout/answers.js';
import { DrawnTokens, drive } from '../rollout/local-driver.js';
import type { EncodePrompt, MakePlan, Plan } from '../rollout/plan.js';
import type { PlanEvent } from '../rollout/plan-events.js';
import { MIN_COMPLETION_TOKENS, SamplesPlan } from '../rollout/samples-plan.js';
import { slotCapacity } from '../sampling/capacity.js';
import { checkNumbers, withoutUndefined } from '../sampling/given-options.js';
import { createPolicyText, type PolicyText } from '../sampling/policy-text.js';
import { Sampler } from '../sampling/sampler.js';
import { DebatePlan } from '../techniques/debate/debate-plan.js';
import { TreePlan } from '../techniques/search/tree-plan.js';
import { openRuntime } from '../tensor/device.js';
import type { Solution } from './solution.js';

/** How a question is answered; what is left out is `SOLVE_DEFAULTS`. */
export interface SolveSettings {
  readonly strategy?: Strategy;
  /** Tokens that may be sampled, all roles and rollouts together. */
  readonly budget?: number;
  /** Completions (of each turn of a debate); rollouts of a tree. */
  readonly samples?: number;
  /** 0 is greedy. */
  readonly temperature?: number;
  /** Tokens of one completion, at most. */
  readonly maxTokens?: number;
  readonly seed?: number;
  /** A technique of one's own, in the place of `strategy`. */
  readonly plan?: MakePlan;
}

/** While a question is worked on. */
export interface SolveListeners {
  readonly onEvent?: (event: PlanEvent) => void;
  /** A token was drawn for a completion of a request. */
  readonly onToken?: (stream: number, token: number) => void;
  /** Once aborted, no token is sampled any more; the answer is the best one so far. */
  readonly signal?: AbortSignal;
}

/** A solution, and what to keep or draw beside it. */
export interface Solved {
  readonly solution: Solution & Readonly<Record<string, unknown>>;
  /** Every completion, turn or node, as a file. */
  readonly artifact: { readonly name: string; readonly content: object };
  /** The tree for people, where there is one; `show` makes a line of model text safe to print. */
  drawing(show: (line: string) => string): string;
}

export const SOLVE_DEFAULTS = { strategy: 'forward', budget: 2000, maxTokens: 256, seed: 42 } as const;
const DEFAULT_ROLLOUTS = 64;
const MAX_ROUNDS = 2;
/** The same for every strategy, since bits depend on it. */
const SLOTS = 8;
const THREADS = 2;
/** Room for what a role of a debate is told of the others. */
const HEARD_TOKENS = 512;
/** Of a tree: children of a node, and continuations under way at once. */
const TREE_WIDTH = 4;
const TREE_WORKERS = 4;

type Setting = Required<Omit<SolveSettings, 'plan'>> & {
  readonly plan?: MakePlan;
  readonly question: string;
  readonly capacity: number;
};

/** A policy that answers questions. */
export class Solver {
  readonly #policy: Policy;
  readonly #text: PolicyText;
  readonly #stopTokens: readonly number[];

  /** Reads the policy of a folder in Hugging Face layout. Errors: MODEL_FILE. */
  constructor(private readonly directory: string) {
    const tokenizer = loadTokenizer(directory);
    this.#policy = readPolicy(directory);
    this.#text = createPolicyText(tokenizer);
    this.#stopTokens = tokenizer.eosIds;
  }

  /** The text of tokens, end token left out. */
  get decode(): (tokens: Int32Array) => string {
    return this.#text.decode;
  }

  /** Checks a question before anything is sampled. Errors: CONFIG for an option out of range, or a question that leaves no room. */
  prepare(question: string, settings: SolveSettings = {}): PreparedQuestion {
    const given = { ...SOLVE_DEFAULTS, ...withoutUndefined(settings) };
    const { plan: _plan, strategy, ...numbers } = given;
    checkNumbers(numbers);
    if (!STRATEGIES.includes(strategy))
      throw new DialecticError(
        'CONFIG',
        `strategy is ${strategy}; expected one of ${STRATEGIES.join(', ')}.`,
      );
    const isAlone = given.strategy === 'forward' || given.strategy === 'backward';
    const samples = given.samples ?? (given.strategy === 'tree' ? DEFAULT_ROLLOUTS : 1);
    const temperature = given.temperature ?? (isAlone && samples === 1 ? 0 : 1);
    const room = roomFor({ ...given, question }, this.#text, this.#policy.config.maxPositions);
    const setting: Setting = { ...given, question, samples, temperature, ...room };
    return {
      samples,
      budget: setting.budget,
      leastTokens: Math.min(MIN_COMPLETION_TOKENS, given.maxTokens),
      run: (listeners = {}) => this.#solve(setting, listeners),
    };
  }

  async #solve(setting: Setting, { onEvent, onToken, signal }: SolveListeners): Promise<Solved> {
    const { question, strategy, capacity, budget, maxTokens, samples, temperature, seed } = setting;
    const { decode } = this.#text;
    const plan = createPlan(setting, this.#text);
    const drawn = new DrawnTokens(this.#stopTokens);
    const sampler = new Sampler({
      runtime: await openRuntime('auto', THREADS),
      ...this.#policy,
      slots: SLOTS,
      capacity,
      stopTokens: this.#stopTokens,
      onToken: (requestId, sample, token) => {
        const stream = drawn.draw(requestId, sample, token);
        onToken?.(stream, token);
      },
    });
    const start = performance.now();
    try {
      await drive([{ index: 0, plan }], {
        sampler,
        drawn,
        seed,
        temperature,
        decode,
        maxLoad: 1,
        isInterrupted: () => signal?.aborted ?? false,
        onEvent: (event) => onEvent?.(event),
        onEnded: () => {},
      });
    } finally {
      sampler.release();
    }
    const seconds = (performance.now() - start) / 1000;
    const { answer, completion, stop, votes, details, tokens: wholeTokens } = plan.result();
    const { tokens } = sampler.counters;
    const solution = {
      type: 'solution' as const,
      strategy,
      question,
      answer,
      reasoning: parseCompletion(completion ?? '').reasoning?.trim() ?? null,
      completion,
      stop,
      tokens,
      votes,
      interrupted: stop === 'interrupted',
      unfinishedTokens: tokens - wholeTokens,
      budget,
      seconds,
      maxTokens,
      samples,
      temperature,
      seed,
      ...details,
      model: this.directory,
    };
    const drawing: Solved['drawing'] = (show) => (plan instanceof TreePlan ? plan.render(show) : '');
    return { solution, artifact: plan.artifact(), drawing };
  }
}

/** A question that can be answered. */
export interface PreparedQuestion {
  readonly samples: number;
  readonly budget: number;
  /** A completion is not begun with fewer. */
  readonly leastTokens: number;
  run(listeners?: SolveListeners): Promise<Solved>;
}

function createPlan(setting: Setting, text: PolicyText): Plan {
  const { strategy, question, samples, budget, maxTokens, seed, capacity } = setting;
  if (setting.plan) {
    const encodePrompt: EncodePrompt = (role, turns) => text.encodePrompt(question, role, turns);
    return setting.plan({ question, samples, budget, maxTokens, seed, encodePrompt, decode: text.decode });
  }
  if (strategy === 'debate') {
    return new DebatePlan({
      encodePrompt: (role, turns) => text.encodePrompt(question, role, turns),
      readAnswer,
      equivalent: sameAnswer,
      // The first verdict that can be read counts, so that one is enough.
      samplesPerTurn: { forward: samples, backward: samples, skeptic: 1, synthesizer: samples },
      budget,
      maxTokens,
      capacity,
      maxRounds: MAX_ROUNDS,
      withCredit: false,
      outcomeWeights: {},
    });
  }
  if (strategy === 'tree') {
    return new TreePlan({
      promptTokens: text.encodePrompt(question),
      decode: text.decode,
      readAnswer,
      search: {
        seed,
        width: TREE_WIDTH,
        maxRollouts: samples,
        maxTokens: budget,
        maxCompletionTokens: maxTokens,
        minCompletionTokens: Math.min(MIN_COMPLETION_TOKENS, maxTokens),
      },
      workers: TREE_WORKERS,
      scoring: null,
    });
  }
  const promptTokens = text.encodePrompt(question, strategy);
  return new SamplesPlan({
    role: strategy,
    promptTokens,
    samples,
    samplesPerRequest: 1,
    firstStream: 0,
    budget,
    maxTokens,
    atOnce: SLOTS,
  });
}

/** Positions to decode in, and tokens of a completion that they hold. Errors: CONFIG for a question that leaves no room. */
function roomFor(
  { question, strategy, maxTokens }: Pick<Setting, 'question' | 'strategy' | 'maxTokens'>,
  text: PolicyText,
  maxPositions: number,
): { capacity: number; maxTokens: number } {
  const roles: readonly Role[] =
    strategy === 'debate'
      ? ['forward', 'backward', 'skeptic', 'synthesizer']
      : [strategy === 'backward' ? 'backward' : 'forward'];
  const longest = Math.max(...roles.map((role) => text.encodePrompt(question, role).length));
  const needed = longest + (strategy === 'debate' ? HEARD_TOKENS : 0) + maxTokens;
  const capacity = slotCapacity(needed, maxPositions);
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
