/**
 * Rollout through the actors, with scoring, against bare samplers that decode the same prompts in as many threads.
 *
 * Both sides decode the groups of the same updates with the shipped policy (the learning rate is next to nothing, so it stays what it
 * is), two samplers of one thread each; each update waits for its slowest sequence on both sides.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { configSchema } from '../dist/config/schema.js';
import { TrainingOrder } from '../dist/data/problem-set.js';
import { openProblems } from '../dist/evaluation/problems.js';
import { readPolicy } from '../dist/model/policy-files.js';
import { loadTokenizer } from '../dist/model/tokenizer.js';
import { createPolicyText } from '../dist/sampling/policy-text.js';
import { Sampler } from '../dist/sampling/sampler.js';
import { createOnnxRuntime } from '../dist/tensor/onnxruntime.js';
import { median, provenance } from './kit.mjs';
import { ROOT, trainingRun } from './runs.mjs';

const MODEL = join(ROOT, 'models', 'nano');
const [SEED, UPDATES, PROMPTS, GROUP_SIZE, SAMPLERS, SLOTS] = [42, 24, 16, 8, 2, 64];
const WARM_UP = 4;

export async function benchRollout() {
  const through = measureActors();
  const bare = await measureBare();
  return {
    ...provenance('npm run bench -- rollout'),
    benchmark: 'rollout',
    samplers: SAMPLERS,
    completionsPerUpdate: PROMPTS * GROUP_SIZE,
    actorsTokensPerSecond: through,
    bareTokensPerSecond: bare,
    ratioToBare: through / bare,
    targetRatio: 0.6,
  };
}

/** Median tokens per second of the rollout part of each update of a real run. */
function measureActors() {
  const settings = {
    'learner.learningRate': 1e-12,
    'data.evaluationProblems': 12,
    'checkpoint.onExit': false,
  };
  const { metrics } = trainingRun(settings, ['--updates', String(UPDATES), '--seed', String(SEED)]);
  return median(metrics.slice(WARM_UP).map((row) => row['tokens_per_second/rollout']));
}

/** The same updates by samplers that do nothing else. */
async function measureBare() {
  const workers = Array.from(
    { length: SAMPLERS },
    (_, index) => new Worker(new URL(import.meta.url), { workerData: { bareSampler: index }, execArgv: [] }),
  );
  const reply = async (worker) => (await once(worker, 'message'))[0];
  await Promise.all(workers.map(reply));
  const rates = [];
  for (let update = 0; update < UPDATES; update++) {
    const start = performance.now();
    const replies = workers.map(reply);
    for (const worker of workers) worker.postMessage(update);
    const tokens = (await Promise.all(replies)).reduce((sum, count) => sum + count, 0);
    if (update >= WARM_UP) rates.push(tokens / ((performance.now() - start) / 1000));
  }
  await Promise.all(workers.map((worker) => worker.terminate()));
  return median(rates);
}

async function startBareSampler(index) {
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
  parentPort.on('message', (update) => {
    const before = sampler.counters.tokens;
    for (let promptIndex = index; promptIndex < PROMPTS; promptIndex += SAMPLERS) {
      const { question } = training[order.at(update * PROMPTS + promptIndex)];
      const sampling = { sampleCount: GROUP_SIZE, maxTokens, temperature: 1, topK: 0, topP: 1 };
      const key = { requestId: `${update}-${promptIndex}`, seed: SEED, update, promptIndex, stream: 0 };
      sampler.submit({ ...key, ...sampling, promptTokens: encodePrompt(question) });
    }
    while (sampler.load > 0) sampler.step();
    parentPort.postMessage(sampler.counters.tokens - before);
  });
  parentPort.postMessage('ready');
}

if (!isMainThread && workerData?.bareSampler !== undefined) await startBareSampler(workerData.bareSampler);
