/**
 * Reads and checks everything that a run needs before anything of it is written.
 *
 * Invariants: nothing is written from here; what is wrong is named with its file or its key.
 */
import { join } from 'node:path';
import { resolveModelPath } from '../config/resolve.js';
import type { Config } from '../config/schema.js';
import { DialecticError } from '../errors.js';
import type { EvaluationItem } from '../evaluation/items.js';
import { type GivenProblems, openProblems } from '../evaluation/problems.js';
import { type Policy, readPolicy } from '../model/policy-files.js';
import { loadTokenizer } from '../model/tokenizer.js';
import { packageRoot } from '../package-info.js';
import type { Problem } from '../protocol/index.js';
import { slotCapacity } from '../sampling/capacity.js';
import { createPolicyText, type PolicyText } from '../sampling/policy-text.js';

export interface Prepared {
  readonly config: Config;
  /** Absolute. */
  readonly modelDirectory: string;
  readonly policy: Policy;
  readonly text: PolicyText;
  readonly stopTokens: readonly number[];
  /** Positions of a sampler's slot. */
  readonly capacity: number;
  /** What is trained on, in no particular order. */
  readonly training: readonly Problem[];
  /** The held-out problems and their prompts, in one order. */
  readonly problems: readonly EvaluationItem[];
  readonly prompts: readonly Int32Array[];
}

interface PrepareOptions {
  /** Absolute; where the policy's folder is looked up first. */
  readonly workingDirectory: string;
  /** Called with what bad rows were left out. */
  readonly onSkipped?: (text: string) => void;
  /** Problems of the program that starts the run, in the place of `data.path`. */
  readonly data?: GivenProblems | undefined;
}

/** ONNX Runtime's rotary attention kernel takes heads of multiples of this width. */
const HEAD_STEP = 16;

/** Errors: DATA for problems that cannot be read, MODEL_FILE for files that are missing, damaged or do not fit together, CONFIG for lengths that do not fit the policy. */
export async function prepare(config: Config, options: PrepareOptions): Promise<Prepared> {
  const modelDirectory = resolveModelPath(config.model, options.workingDirectory, packageRoot);
  const policy = readPolicy(modelDirectory);
  const { headDim } = policy.config;
  if (config.device !== 'tfjs' && headDim % HEAD_STEP !== 0) {
    throw new DialecticError(
      'MODEL_FILE',
      `${join(modelDirectory, 'config.json')}: head_dim is ${headDim}, expected a multiple of ${HEAD_STEP}, which ONNX Runtime's attention kernel needs; --set device=tfjs does without`,
    );
  }
  const tokenizer = loadTokenizer(modelDirectory);
  if (tokenizer.vocabSize > policy.config.vocabSize) {
    throw new DialecticError(
      'MODEL_FILE',
      `${join(modelDirectory, 'tokenizer.json')} has ${tokenizer.vocabSize} tokens, expected at most the ${policy.config.vocabSize} of config.json (vocab_size)`,
    );
  }
  const capacity = capacityFor(config, policy);
  const text = createPolicyText(tokenizer);
  const { training, evaluation: problems } = await openProblems(config, options.onSkipped, options.data);
  const prompts = problems.map(({ question }) => text.encodePrompt(question));
  const longest = Math.max(...prompts.map((tokens) => tokens.length));
  if (longest > config.sampling.maxPromptTokens) {
    throw new DialecticError(
      'CONFIG',
      `sampling.maxPromptTokens is ${config.sampling.maxPromptTokens}, but the longest held-out prompt has ${longest} tokens; prompts are never cut, raise it`,
    );
  }
  return {
    config,
    modelDirectory,
    policy,
    text,
    stopTokens: tokenizer.eosIds,
    capacity,
    training,
    problems,
    prompts,
  };
}

/** The longest prompt and completion. Errors: CONFIG if the policy has fewer positions. */
function capacityFor({ sampling, evaluation }: Config, { config }: Policy): number {
  const [key, completion] =
    evaluation.maxCompletionTokens > sampling.maxCompletionTokens
      ? ['evaluation.maxCompletionTokens', evaluation.maxCompletionTokens]
      : ['sampling.maxCompletionTokens', sampling.maxCompletionTokens];
  const needed = sampling.maxPromptTokens + completion;
  if (needed > config.maxPositions) {
    throw new DialecticError(
      'CONFIG',
      `sampling.maxPromptTokens (${sampling.maxPromptTokens}) + ${key} (${completion}) is ${needed}, the policy has ${config.maxPositions} positions (max_position_embeddings); lower one of them`,
    );
  }
  return slotCapacity(needed, config.maxPositions);
}
