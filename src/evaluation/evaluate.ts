/**
 * Evaluates a policy: completes problems greedily and by sampling, and says how good it is, with every completion.
 *
 * Invariants: the same policy, problems and options give the same report; a problem whose prompt is too long counts as wrong, and
 * is counted; nothing is written.
 */

import { type Clock, systemClock } from '../clock.js';
import { DialecticError } from '../errors.js';
import { type Policy, readPolicy } from '../model/policy-files.js';
import { loadTokenizer, type Tokenizer } from '../model/tokenizer.js';
import type { Device } from '../protocol/index.js';
import { checkRewardFunctions } from '../rewards/reward-functions.js';
import { slotCapacity } from '../sampling/capacity.js';
import { checkNumbers, withoutUndefined } from '../sampling/given-options.js';
import { createPolicyText } from '../sampling/policy-text.js';
import { Sampler } from '../sampling/sampler.js';
import { openRuntime } from '../tensor/device.js';
import { completeProblems } from './complete-problems.js';
import { type EvaluationReport, evaluationReport } from './evaluation-report.js';
import { type EvaluationItem, UNKNOWN } from './items.js';
import {
  type CompletionRow,
  type DecodingMode,
  type GivenCompletion,
  judgeCompletion,
} from './judge-completion.js';
import { heldOutProblems } from './problems.js';
import { type EvaluationReward, scoreWith, type UserScores } from './user-scores.js';

/** A policy in memory, with the tokenizer that its prompts need. */
export interface LoadedPolicy extends Policy {
  readonly tokenizer: Tokenizer;
}

/** A problem to evaluate on; only question and answer are needed. */
export type EvaluationProblem = Pick<EvaluationItem, 'question' | 'answer'> & Partial<EvaluationItem>;

/** What `evaluate` takes. What is left out has the default in parentheses. */
export interface EvaluateOptions {
  /** Folder of the policy in Hugging Face layout, or the policy itself. */
  readonly policy: string | LoadedPolicy;
  /** Problems, or how many of the held-out ones of the generated dataset (300). */
  readonly problems?: number | readonly EvaluationProblem[] | undefined;
  /** Completions of each problem that are sampled, beside the greedy one; 1 samples none (1). */
  readonly samples?: number | undefined;
  /** Divides the logits of sampled completions; 0 is greedy (1). */
  readonly temperature?: number | undefined;
  /** Key of the sampled completions, 0 to 2³² − 1; greedy ones know no seed (42). */
  readonly seed?: number | undefined;
  /** Tokens of one completion, at most (256). */
  readonly maxTokens?: number | undefined;
  /** Rewards beside the built-in ones: each gets the completions of one problem at a time, and 2 seconds for them (none). */
  readonly rewards?: readonly EvaluationReward[] | undefined;
  /** Runtime that executes the policy ('auto'). */
  readonly device?: Device | undefined;
  /** Threads inside one operator, and for rewards of modules (2). */
  readonly threads?: number | undefined;
  /** Called when a problem has its completions of one mode. */
  readonly onProgress?: ((progress: EvaluationProgress) => void) | undefined;
  /** Stops the evaluation between two decode steps, or between two rewards. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/** How far the completions of one mode are. */
export interface EvaluationProgress {
  readonly mode: DecodingMode;
  /** Problems. */
  readonly done: number;
  readonly total: number;
}

/** What an evaluation came to. */
export interface Evaluation {
  readonly problems: number;
  /** Problems whose prompts leave no room for a completion; they count as wrong. */
  readonly promptsTooLong: number;
  readonly samples: number;
  readonly temperature: number;
  readonly seed: number;
  readonly maxTokens: number;
  /** Of decoding. */
  readonly seconds: number;
  readonly greedy: EvaluationReport;
  /** Only where more than one completion of each problem was sampled. */
  readonly sampled?: EvaluationReport;
  /** All greedy completions in the order of their problems, then all sampled ones. */
  readonly completions: readonly CompletionRow[];
}

const DEFAULTS = {
  problems: 300,
  samples: 1,
  temperature: 1,
  seed: 42,
  maxTokens: 256,
  rewards: [],
  device: 'auto',
  threads: 2,
  clock: systemClock,
} as const;
/** Sequences that are decoded together; part of the shape of a step, on which bits depend. */
const SLOTS = 64;

/** Reads a policy and its tokenizer. Errors: MODEL_FILE naming the file and what is wrong with it. */
export function loadPolicy(directory: string): LoadedPolicy {
  return { ...readPolicy(directory), tokenizer: loadTokenizer(directory) };
}

/**
 * Evaluates a policy on problems: greedily, and by sampling if `samples` is above 1.
 *
 * Rejects with a DialecticError: CONFIG for an option out of range or a reward that cannot be used, DATA for no problem or one
 * without question or answer, MODEL_FILE for a folder that is no policy, ENGINE where the runtime cannot execute it; or with the
 * reason of the signal.
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const given = { ...DEFAULTS, ...withoutUndefined(options) };
  const { samples, temperature, seed, maxTokens, rewards, threads, clock, signal, onProgress } = given;
  checkNumbers({ samples, temperature, seed, maxTokens, threads });
  checkRewardFunctions(
    rewards.filter((reward) => 'score' in reward),
    rewards.flatMap((reward) => ('score' in reward ? [] : [reward.name])),
  );
  const items = itemsOf(given.problems);
  const { config, weights, tokenizer } =
    typeof given.policy === 'string' ? loadPolicy(given.policy) : given.policy;
  const text = createPolicyText(tokenizer);
  const prompts = items.map(({ question }) => text.encodePrompt(question));

  // ---- completions -------------------------------------------------------------------------------------------------
  const longest = prompts.reduce((most, { length }) => Math.max(most, length), 0);
  const capacity = slotCapacity(longest + maxTokens, config.maxPositions);
  const runtime = await openRuntime(given.device, threads);
  const sampler = new Sampler({
    runtime,
    config,
    weights,
    slots: SLOTS,
    capacity,
    stopTokens: tokenizer.eosIds,
  });
  const start = clock.now();
  const modes: { readonly mode: DecodingMode; readonly completions: readonly GivenCompletion[] }[] = [];
  const decode = async (mode: DecodingMode, temperature: number, sampleCount: number): Promise<void> => {
    const decoding = { capacity, temperature, sampleCount, seed, maxTokens, decode: text.decode };
    const total = prompts.length;
    const listeners = { signal, onProgress: (done: number) => onProgress?.({ mode, done, total }) };
    modes.push({ mode, completions: await completeProblems(sampler, prompts, decoding, listeners) });
  };
  try {
    await decode('greedy', 0, 1);
    if (samples > 1) await decode('sampled', temperature, samples);
  } finally {
    sampler.release();
  }
  const seconds = (clock.now() - start) / 1000;

  // ---- what they are worth -----------------------------------------------------------------------------------------
  const reports: Partial<Record<DecodingMode, EvaluationReport>> = {};
  const rows: CompletionRow[] = [];
  for (const { mode, completions } of modes) {
    const judged = completions.map((each) => judgeCompletion(items[each.item]!, each, mode));
    const batch = judged.map(({ item, completion }) => ({ ...items[item]!, completion: completion ?? '' }));
    const places = judged.map(({ item }) => item);
    const scores: Record<string, UserScores> = {};
    for (const reward of rewards) {
      signal?.throwIfAborted();
      scores[reward.name] = await scoreWith(reward, batch, places, threads);
    }
    for (const [i, row] of judged.entries()) {
      const own = Object.entries(scores).map(([name, values]) => [name, values[i]]);
      rows.push({ ...row, rewards: { ...row.rewards, ...Object.fromEntries(own) } });
    }
    reports[mode] = evaluationReport(judged, scores);
  }
  return {
    problems: items.length,
    promptsTooLong: modes[0]!.completions.filter((each) => each.text === null).length,
    samples,
    temperature,
    seed,
    maxTokens,
    seconds,
    greedy: reports.greedy!,
    ...(reports.sampled ? { sampled: reports.sampled } : {}),
    completions: rows,
  };
}

function itemsOf(problems: number | readonly EvaluationProblem[]): readonly EvaluationItem[] {
  if (typeof problems === 'number') {
    checkNumbers({ problems });
    return heldOutProblems(problems);
  }
  if (problems.length === 0) throw new DialecticError('DATA', 'problems is empty; give at least one.');
  return problems.map((problem, i) => {
    for (const field of ['question', 'answer'] as const) {
      const text: unknown = problem[field];
      if (typeof text === 'string' && text.trim() !== '') continue;
      throw new DialecticError('DATA', `problems[${i}].${field} is wrong; expected text that is not empty.`);
    }
    return { id: `problem ${i + 1}`, ...UNKNOWN, lineage: null, ...problem };
  });
}
