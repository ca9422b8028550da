/**
 * GRPO on one page: ask the policy several times, score the answers, prefer what beat its siblings, and ask again.
 *
 *   npm run build && npx tsc -p test/tsconfig.json && node build-test/examples/grpo.js 20
 *
 * No actors, no threads, no files: this is what a run computes, to the bit, without what makes it fast and keeps it alive. The
 * settings are those of a run without flags, but for a smaller batch and a learning rate that stays the same.
 */
import { pathToFileURL } from 'node:url';
import { generateDataset } from '../src/data/dataset/generate.js';
import { problemOf, TrainingOrder } from '../src/data/problem-set.js';
import { AdamW } from '../src/learner/optimizer.js';
import { packGroups } from '../src/learner/packing.js';
import { PolicyGraph } from '../src/learner/policy-graph.js';
import { chunkCount } from '../src/learner/token-log-probs.js';
import { readPolicy } from '../src/model/policy-files.js';
import { loadTokenizer } from '../src/model/tokenizer.js';
import { createWeights } from '../src/model/weights.js';
import { packageRoot } from '../src/package-info.js';
import { groupAdvantages } from '../src/rewards/advantages.js';
import { scoreBatch } from '../src/rewards/rewards.js';
import { createPolicyText } from '../src/sampling/policy-text.js';
import { Sampler } from '../src/sampling/sampler.js';
import { openRuntime } from '../src/tensor/device.js';

const PACKED_TOKENS = 2048; // of one forward and backward pass
const FREELY = { maxTokens: 280, temperature: 1, topK: 0, topP: 1 };
// The ratio to the policy that sampled is clipped wider above than below: what was unlikely must be able to grow (DAPO).
const CLIP = { loss: 'dapo', epsilonLow: 0.2, epsilonHigh: 0.28, delta: null } as const;
const NO_KL = { beta: 0, klEstimator: 'unbiased', cispoEpsilonMax: 5 } as const;
const ADAM = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 1 };
const DEFAULTS = { updates: 20, seed: 42, promptCount: 8, groupSize: 8, learningRate: 1e-4 };

/** A completion's tokens [T], how likely the sampler found each of them [T], and how much better it is than its siblings. */
type Trajectory = { tokens: Int32Array; logProbs: Float32Array; advantage: number };

/** Trains the shipped policy and gives its weights [P]; `onUpdate` is called after each update. */
export async function grpo(options = DEFAULTS, onUpdate = (_: Record<string, number>) => {}) {
  const { updates, seed, promptCount, groupSize, learningRate } = options;
  const { config, weights } = readPolicy(`${packageRoot}/models/nano`);
  const tokenizer = loadTokenizer(`${packageRoot}/models/nano`);
  const { encodePrompt, decode } = createPolicyText(tokenizer);
  const problems = generateDataset(42, { augment: true }).train.map(problemOf);
  const order = new TrainingOrder(seed, problems.length);

  // Two programs over one array of weights: the sampler decodes token by token, the learner sees whole sequences at once.
  const slots = { slots: 64, capacity: config.maxPositions, stopTokens: tokenizer.eosIds };
  const sampler = new Sampler({ runtime: await openRuntime('auto', 1), config, weights, ...slots });
  const runtime = await openRuntime('auto', 2);
  const gradients = createWeights(weights.layout);
  const chunks = chunkCount(config.vocabSize, PACKED_TOKENS); // logits of all tokens never exist together
  const graph = { config, chunks, temperature: FREELY.temperature, positionCount: config.maxPositions };
  const policy = new PolicyGraph(runtime, weights, gradients, graph, { ...CLIP, ...NO_KL });
  const adam = new AdamW(runtime, weights.flat, gradients.flat, weights.layout.decayedSize, ADAM);

  for (let update = 0; update < updates; update++) {
    // 1. Ask: G completions of each prompt. Random numbers are keyed by what they are for, so that the seed decides all.
    const first = update * promptCount;
    const batch = Array.from({ length: promptCount }, (_, p) => problems[order.at(first + p)]!);
    const prompts = batch.map(({ question }) => encodePrompt(question));
    prompts.forEach((promptTokens, promptIndex) => {
      const key = { requestId: `${promptIndex}`, seed, update, promptIndex, stream: 0 };
      sampler.submit({ ...key, promptTokens, sampleCount: groupSize, ...FREELY });
    });
    const sampled = [];
    while (sampler.load > 0) sampled.push(...sampler.step());
    const groups: { promptTokens: Int32Array; completions: Int32Array[]; trajectories: Trajectory[] }[] = [];
    let [rewardSum, tokenCount, loss] = [0, 0, 0];
    for (const { requestId, stopped, ...all } of sampled.sort((a, b) => +a.requestId - +b.requestId)) {
      const [completions, logProbs] = [pieces(all.tokens, all.lengths), pieces(all.logProbs, all.lengths)];
      // 2. Score. Being right is the outcome; a tenth of a point for form shapes it.
      const { id: _id, family: _family, ...known } = batch[+requestId]!;
      const { values } = scoreBatch(completions.map((tokens) => ({ ...known, completion: decode(tokens) })));
      const right = values.subarray(0, groupSize); // values: [2, G]
      const rewards = right.map((reward, g) => reward + 0.1 * values[groupSize + g]!);
      rewardSum += rewards.reduce((sum, reward) => sum + reward, 0);

      // 3. Compare. No critic: the siblings tell what to expect of this prompt. Advantage = (reward - mean) / deviation.
      const { advantages, isDead } = groupAdvantages(rewards, right, { scale: 'group', epsilon: 1e-4 });
      const trajectories = completions.flatMap((tokens, g) => {
        const trajectory = { tokens, logProbs: logProbs[g]!, advantage: advantages[g]! };
        return stopped[g] === 1 ? [trajectory] : []; // what was cut off in mid-sentence says little
      });
      const kept = trajectories.map(({ tokens }) => tokens);
      tokenCount += kept.reduce((sum, { length }) => sum + length, 0);
      if (isDead || kept.length === 0) continue; // where all did equally well there is nothing to prefer
      groups.push({ promptTokens: prompts[+requestId]!, completions: kept, trajectories });
    }

    // 4. Learn. Make each token likelier in proportion to the advantage it had a part in; every token of the batch weighs the same.
    for (const microBatch of packGroups(groups, PACKED_TOKENS)) {
      const trajectories = microBatch.completions.map((at) => groups[at.group]!.trajectories[at.completion]!);
      const perToken = (value: (of: Trajectory, i: number) => number): Float32Array =>
        Float32Array.from(trajectories.flatMap((each) => Array.from(each.tokens, (_, i) => value(each, i)))); // [M]
      const [behaviour, advantages] = [perToken((t, i) => t.logProbs[i]!), perToken((t) => t.advantage)];
      const constants = { weights: perToken(() => 1 / tokenCount), isReal: perToken(() => 1) };
      const whole = { sequence: new Int32Array(behaviour.length), inverseLengths: Float32Array.of(1) }; // gspo only
      const nothing = { supportLogMass: perToken(() => 0), reference: null }; // no top-k or top-p, no KL
      loss += policy.run(microBatch, { behaviour, advantages, ...constants, ...whole, ...nothing }).loss;
    }
    const { gradNorm } = groups.length > 0 ? adam.step(learningRate) : { gradNorm: 0 };

    // 5. Publish. AdamW wrote into the array that the sampler reads; it only has to forget what it cached under the old weights.
    sampler.useWeights(weights);
    onUpdate({ update: update + 1, reward: rewardSum / (promptCount * groupSize), loss, gradNorm });
  }
  for (const each of [sampler, policy, adam]) each.release();
  return weights.flat;
}

/** Completions lie one behind the other; this cuts them apart. */
function pieces<T extends Int32Array | Float32Array>(all: T, lengths: Int32Array): T[] {
  const startOf = (g: number): number => lengths.subarray(0, g).reduce((sum, length) => sum + length, 0);
  return Array.from(lengths, (length, g) => all.subarray(startOf(g), startOf(g) + length) as T);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const updates = Number(process.argv[2] ?? DEFAULTS.updates);
  await grpo({ ...DEFAULTS, updates }, (row) => console.log(JSON.stringify(row)));
}
