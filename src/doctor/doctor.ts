/**
 * Checks what a run needs on this machine, and says what is wrong, why and what to do.
 *
 * Invariants: a check that throws has failed, the others still run; nothing is left on the disk.
 */
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join, resolve } from 'node:path';
import { resolveModelPath } from '../config/resolve.js';
import { DialecticError, toDialecticError } from '../errors.js';
import { heldOutProblems } from '../evaluation/problems.js';
import { type Policy, readPolicy } from '../model/policy-files.js';
import { loadTokenizer, type Tokenizer } from '../model/tokenizer.js';
import { createPolicyText } from '../sampling/policy-text.js';
import { openRuntime } from '../tensor/device.js';
import type { Runtime } from '../tensor/runtime.js';
import { compareRuntimes } from './conformance.js';
import { samplerLearnerParity } from './parity.js';
import { testRewards } from './reward-self-test.js';

/** What one check found. */
export interface CheckResult {
  readonly name: string;
  /** `skip`: what it needs was not found by an earlier check. */
  readonly status: 'pass' | 'warn' | 'fail' | 'skip';
  /** What was found. */
  readonly detail: string;
  /** What to do about it. */
  readonly fix?: string;
}

interface ExamineOptions {
  /** Folder of a policy, looked up in the working directory, then in the package. */
  readonly model: string;
  readonly workingDirectory: string;
  readonly packageRoot: string;
  /** Such as `20.19.0`. */
  readonly nodeVersion: string;
}

const OLDEST_NODE = 20;
const MAX_DIFFERENCE = 1e-5;
/** Above the first the sampler's log-probabilities are worth a look, above the second they are those of another policy. */
const PARITY_WARNING = 1e-4;
const PARITY_FAILURE = 1e-2;
const SELF_TEST_PROBLEMS = 300;
const PARITY_PROMPTS = 4;
/** Texts that a tokenizer must give back; the second kind only with a warning, because some normalise it. */
const PLAIN_TEXTS = [
  'What is 15% of 240?',
  'x**2 + [1, 2]\n  return "a"',
  '<reasoning>12 * 3 = 36.</reasoning>',
];
const OTHER_TEXTS = ['naïve café – 日本語 🙂'];

type Finding = Omit<CheckResult, 'name'>;

const pass = (detail: string): Finding => ({ status: 'pass', detail });
const warn = (detail: string, fix: string): Finding => ({ status: 'warn', detail, fix });
const fail = (detail: string, fix: string): Finding => ({ status: 'fail', detail, fix });

/** All checks, in order. */
export async function examine(options: ExamineOptions): Promise<CheckResult[]> {
  const { model, workingDirectory, packageRoot, nodeVersion } = options;
  const results: CheckResult[] = [];
  const check = async (name: string, fix: string, run: () => Finding | Promise<Finding>): Promise<void> => {
    try {
      results.push({ name, ...(await run()) });
    } catch (error) {
      results.push({ name, ...fail(toDialecticError(error).message, fix) });
    }
  };
  const state: { runtime?: Runtime; policy?: Policy; tokenizer?: Tokenizer } = {};
  const needs = <T>(value: T | undefined, what: string): T => {
    if (value === undefined) throw new SkipError(what);
    return value;
  };

  await check('node', '', () => checkNode(nodeVersion));
  await check('native library', 'run npm ci again; --set device=tfjs works without it', async () => {
    state.runtime = await openRuntime('auto', 1);
    const { name } = state.runtime;
    if (name.startsWith('onnxruntime')) return pass(name);
    return warn(
      `ONNX Runtime does not load here, ${name} is used`,
      'run npm ci again on a supported platform',
    );
  });
  await check('policy', 'use --model with a Hugging Face folder that holds safetensors', () => {
    const directory = resolveModelPath(model, workingDirectory, packageRoot);
    state.policy = readPolicy(directory);
    const { config, weights } = state.policy;
    const size = weights.layout.count.toLocaleString('en');
    return pass(`${directory}: ${size} parameters, ${config.maxPositions} positions`);
  });
  await check('tokenizer', 'take tokenizer.json from the folder that the weights came from', () => {
    const { config } = needs(state.policy, 'no policy');
    const tokenizer = loadTokenizer(resolveModelPath(model, workingDirectory, packageRoot));
    state.tokenizer = tokenizer;
    return checkTokenizer(tokenizer, config.vocabSize);
  });
  await check('chat template', 'check chat_template.jinja, or chat_template in tokenizer_config.json', () =>
    checkTemplate(needs(state.tokenizer, 'no tokenizer'), needs(state.policy, 'no policy')),
  );
  await check('run directory', 'start from a folder you may write to, or set runDir', () =>
    checkWritable(workingDirectory),
  );
  await check(
    'operators',
    'reinstall; if it stays, set device=tfjs and report it with this output',
    async () => {
      const runtime = needs(state.runtime, 'no runtime');
      const { createTensorflowRuntime } = await import('../tensor/tfjs.js');
      const { operators, difference, worst } = await compareRuntimes(
        runtime,
        await createTensorflowRuntime({ backend: 'cpu' }),
      );
      const found = `${operators.length} operators differ by at most ${difference.toExponential(1)} from TensorFlow.js`;
      if (difference <= MAX_DIFFERENCE) return pass(found);
      return fail(
        `${found} (${worst}), expected ${MAX_DIFFERENCE}`,
        'set device=tfjs and report it with this output',
      );
    },
  );
  await check('sampler and learner', 'report it with this output: the two must agree', () => {
    const policy = needs(state.policy, 'no policy');
    return checkParity(needs(state.runtime, 'no runtime'), policy, needs(state.tokenizer, 'no tokenizer'));
  });
  await check('rewards', 'report it with this output', () => {
    const { problems, failures } = testRewards(SELF_TEST_PROBLEMS);
    if (failures.length === 0)
      return pass(`${problems} gold answers score full marks, ${problems} perturbed ones score none`);
    return fail(`${failures.length} of ${2 * problems}: ${failures.slice(0, 3).join('; ')}`, 'report it');
  });
  return results.map((result) =>
    result.detail.startsWith(SKIPPED) ? { name: result.name, status: 'skip', detail: result.detail } : result,
  );
}

const SKIPPED = 'not checked: ';

/** Thrown by a check that lacks what an earlier one should have found. */
class SkipError extends DialecticError {
  constructor(what: string) {
    super('INTERNAL', `${SKIPPED}${what}`);
  }
}

function checkNode(version: string): Finding {
  if (Number(version.split('.')[0]) >= OLDEST_NODE) return pass(`Node ${version} on ${platform()} ${arch()}`);
  return fail(`Node ${version}, expected ${OLDEST_NODE} or newer`, 'install a newer Node');
}

function checkTokenizer(tokenizer: Tokenizer, vocabSize: number): Finding {
  const fix = 'take tokenizer.json from the folder that the weights came from';
  if (tokenizer.vocabSize > vocabSize) {
    return fail(`${tokenizer.vocabSize} tokens, the policy has ${vocabSize} (vocab_size)`, fix);
  }
  const lost = (texts: readonly string[]): string | undefined =>
    texts.find((text) => tokenizer.decode(tokenizer.encode(text)).trim() !== text.trim());
  const plain = lost(PLAIN_TEXTS);
  if (plain !== undefined) {
    const back = tokenizer.decode(tokenizer.encode(plain));
    return fail(`${JSON.stringify(plain)} comes back as ${JSON.stringify(back)}`, fix);
  }
  const other = lost(OTHER_TEXTS);
  if (other !== undefined)
    return warn(`${JSON.stringify(other)} does not come back whole`, 'fine for plain English');
  return pass(`${tokenizer.vocabSize} tokens; texts come back as they went in`);
}

function checkTemplate(tokenizer: Tokenizer, { config }: Policy): Finding {
  const [item] = heldOutProblems(1);
  const rendered = tokenizer.renderChat([{ role: 'user', content: item!.question }], {
    addGenerationPrompt: true,
  });
  if (!rendered.includes(item!.question)) {
    return fail('the rendered prompt does not hold the question', 'check chat_template.jinja');
  }
  const { length } = createPolicyText(tokenizer).encodePrompt(item!.question);
  if (length < config.maxPositions) return pass(`renders; a prompt has ${length} tokens`);
  return fail(
    `a prompt has ${length} tokens, the policy ${config.maxPositions} positions`,
    'use a larger policy',
  );
}

function checkWritable(workingDirectory: string): Finding {
  const runs = resolve(workingDirectory, 'runs');
  const made = mkdirSync(runs, { recursive: true });
  const folder = mkdtempSync(join(runs, '.doctor-'));
  writeFileSync(join(folder, 'file'), 'x');
  rmSync(folder, { recursive: true });
  if (made !== undefined) rmdirSync(runs);
  return pass(runs);
}

async function checkParity(runtime: Runtime, policy: Policy, tokenizer: Tokenizer): Promise<Finding> {
  const text = createPolicyText(tokenizer);
  const prompts = heldOutProblems(PARITY_PROMPTS).map(({ question }) => text.encodePrompt(question));
  const { difference, tokens } = await samplerLearnerParity(runtime, policy, prompts, tokenizer.eosIds);
  const found = `log-probabilities of ${tokens} tokens differ by at most ${difference.toExponential(1)}`;
  if (difference <= PARITY_WARNING) return pass(found);
  const status = difference <= PARITY_FAILURE ? warn : fail;
  return status(`${found}, expected ${PARITY_WARNING}`, 'report it with this output: the two must agree');
}
