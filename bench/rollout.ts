/**
 * Rollout through the actors, with scoring, against bare samplers that decode the same prompts in as many threads.
 *
 * Both sides decode the groups of the same updates with the shipped policy (the learning rate is next to nothing, so it stays what it
 * is), two samplers of one thread each; each update waits for its slowest sequence on both sides.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads';
import { configSchema } from '../src/config/schema.js';
import { TrainingOrder } from '../src/data/problem-set.js';
import { openProblems } from '../src/evaluation/problems.js';
import { readPolicy } from '../src/model/policy-files.js';
import { loadTokenizer } from '../src/model/tokenizer.js';
import { packageRoot } from '../src/package-info.js';
import { createPolicyText } from '../src/sampling/policy-text.js';
import { Sampler } from '../src/sampling/sampler.js';
import { createOnnxRuntime } from '../src/tensor/onnxruntime.js';
import { median, provenance } from './kit.js';
import { trainingRun } from './runs.js';

const MODEL = join(packageRoot, 'models', 'nano');
const [SEED, GROUP_SIZE, SAMPLERS, SLOTS] = [42, 8, 2, 64];

export interface RolloutBench {
  readonly prompts: number;
  readonly updates: number;
  /** Updates that are not counted. */
  readonly warmUp: number;
}

const DEFAULTS: RolloutBench = { prompts: 16, updates: 24, warmUp: 4 };

export async function main(options: Partial<RolloutBench> = {}) {
  const sizes = { ...DEFAULTS, ...options };
  const through = measureActors(sizes);
  const bare = await measureBare(sizes);
  return {
    ...provenance('npm run bench -- rollout'),
    benchmark: 'rollout',
    samplers: SAMPLERS,
    completionsPerUpdate: sizes.prompts * GROUP_SIZE,
    actorsTokensPerSecond: through,
    bareTokensPerSecond: bare,
    ratioToBare: through / bare,
    targetRatio: 0.6,
  };
}

/** Median tokens per second of the rollout part of each update of a real run. */
function measureActors({ prompts, updates, warmUp }: RolloutBench): number {
  const settings = {
    'learner.learningRate': 1e-12,
    'data.evaluationProblems': 12,
    'checkpoint.onExit': false,
    'sampling.promptsPerUpdate': prompts,
  };
  const { metrics } = trainingRun(settings, ['--updates', String(updates), '--seed', String(SEED)]);
  return median(metrics.slice(warmUp).map((row) => row['tokens_per_second/rollout']!));
}

/** The same updates by samplers that do nothing else. */
async function measureBare({ prompts, updates, warmUp }: RolloutBench): Promise<number> {
  const workers = Array.from(
    { length: SAMPLERS },
    (_, index) =>
      new Worker(new URL(import.meta.url), { workerData: { bareSampler: index, prompts }, execArgv: [] }),
  );
  const reply = async (worker: Worker): Promise<number> => (await once(worker, 'message'))[0] as number;
  await Promise.all(workers.map(reply));
  const rates: number[] = [];
  for (let update = 0; update < updates; update++) {
    const start = performance.now();
    const replies = workers.map(reply);
    for (const worker of workers) worker.postMessage(update);
    const tokens = (await Promise.all(replies)).reduce((sum, count) => sum + count, 0);
    if (update >= warmUp) rates.push(tokens / ((performance.now() - start) / 1000));
  }
  await Promise.all(workers.map((worker) => worker.terminate()));
  return median(rates);
}

async function startBareSampler(index: number, prompts: number, port: MessagePort): Promise<void> {
  const policy = readPolicy(MODEL);
  const tokenizer = loadTokenizer(MODEL);
  const { encodePrompt } = createPolicyText(tokenizer);
  const config = configSchema.parse({ seed: SEED });
  const { maxPromptTokens, maxCompletionTokens: maxTokens } = config.sampling;
  const { training } = await openProblems(config);
  const order = new TrainingOrder(SEED, training.length);
  const runtime = createOnnxRuntime({ threads: 1 });
  const sampler = new Sampler({
    runtime,
    ...policy,
    slots: SLOTS,
    capacity: maxPromptTokens + maxTokens,
    stopTokens: tokenizer.eosIds,
  });
  port.on('message', (update: number) => {
    const before = sampler.counters.tokens;
    for (let promptIndex = index; promptIndex < prompts; promptIndex += SAMPLERS) {
      const { question } = training[order.at(update * prompts + promptIndex)]!;
      const sampling = { sampleCount: GROUP_SIZE, maxTokens, temperature: 1, topK: 0, topP: 1 };
      const key = { requestId: `${update}-${promptIndex}`, seed: SEED, update, promptIndex, stream: 0 };
      sampler.submit({ ...key, ...sampling, promptTokens: encodePrompt(question) });
    }
    while (sampler.load > 0) sampler.step();
    port.postMessage(sampler.counters.tokens - before);
  });
  port.postMessage('ready');
}

if (parentPort && workerData?.bareSampler !== undefined)
  await startBareSampler(workerData.bareSampler as number, workerData.prompts as number, parentPort);
