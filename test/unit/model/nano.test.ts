/**
 * The shipped policy against Hugging Face transformers, from its folder to its words.
 * After a change of models/nano, run test/oracle/nano_completions.py again.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { packGroups } from '../../../src/learner/packing.js';
import { decode, logitsOf, outputTable, parameterInputs } from '../../../src/model/decoder.js';
import { packedAttention } from '../../../src/model/packed-attention.js';
import { readPolicy } from '../../../src/model/policy-files.js';
import { readSafetensors } from '../../../src/model/safetensors.js';
import { loadTokenizer } from '../../../src/model/tokenizer.js';
import { createPolicyText } from '../../../src/sampling/policy-text.js';
import { Sampler } from '../../../src/sampling/sampler.js';
import { Graph } from '../../../src/tensor/graph.js';
import { digest } from '../../kit/cli.js';
import { fixture, packageRoot } from '../../kit/root.js';
import { maxDifference, runtime } from '../../kit/tiny-policies.js';

interface Example {
  readonly question: string;
  readonly promptIds: readonly number[];
  readonly completionIds: readonly number[];
  readonly text: string;
}

const NANO = join(packageRoot, 'models', 'nano');
const { modelSha256, examples } = JSON.parse(readFileSync(fixture('nano', 'completions.json'), 'utf8')) as {
  modelSha256: string;
  examples: readonly Example[];
};
const policy = readPolicy(NANO);
const tokenizer = loadTokenizer(NANO);
const text = createPolicyText(tokenizer);

t.test('the fixture was made from the shipped policy', async (t) => {
  const stale = 'models/nano has changed since: run test/oracle/nano_completions.py again, its head says how';
  t.equal(digest(NANO, 'model.safetensors'), modelSha256, stale);
  t.ok(examples.length > 3, `${examples.length} examples`);
});

t.test('prompts have the ids that transformers gives them', async (t) => {
  for (const { question, promptIds } of examples)
    t.same([...text.encodePrompt(question)], promptIds, question);
});

t.test('greedy completions are those of transformers, to the last token', async (t) => {
  const { config, weights } = policy;
  const stopTokens = tokenizer.eosIds;
  const sampler = new Sampler({ runtime, config, weights, slots: 3, capacity: 512, stopTokens });
  examples.forEach(({ promptIds }, i) => {
    const greedy = { sampleCount: 1, maxTokens: 200, temperature: 0, topK: 0, topP: 1 };
    const key = { requestId: String(i), seed: 0, update: 0, promptIndex: i, stream: 0 };
    sampler.submit({ ...greedy, ...key, promptTokens: Int32Array.from(promptIds) });
  });
  const completions = new Map<string, Int32Array>();
  while (sampler.load > 0)
    for (const { requestId, tokens } of sampler.step()) completions.set(requestId, tokens);
  sampler.release();
  examples.forEach((example, i) => {
    const tokens = completions.get(String(i))!;
    t.same([...tokens], example.completionIds, example.text);
    t.equal(text.decode(tokens), example.text);
  });
});

t.test("logits are transformers' to 1e-4", async (t) => {
  const { config, weights } = policy;
  const graph = new Graph();
  const parameter = parameterInputs(graph, weights.layout);
  const { tokenIds, attend } = packedAttention(graph, config, config.maxPositions);
  const hidden = decode(config, parameter, tokenIds, attend);
  graph.output('logits', logitsOf(config, hidden, outputTable(config, parameter)));
  const groups = examples.map(({ promptIds, completionIds }) => ({
    promptTokens: Int32Array.from(promptIds),
    completions: [Int32Array.from(completionIds)],
  }));
  const [batch] = packGroups(groups, Number.POSITIVE_INFINITY);
  const logits = runtime.compile(graph).run({ ...weights.values, ...batch!.inputs }).logits!
    .data as Float32Array;
  const row = (data: Float32Array, i: number) =>
    data.subarray(i * config.vocabSize, (i + 1) * config.vocabSize);
  const stored = readSafetensors(fixture('nano', 'logits.safetensors'));
  examples.forEach(({ question }, i) => {
    const { firstPrediction, length } = batch!.completions.find(({ group }) => group === i)!;
    for (const [name, prediction] of [
      ['first', firstPrediction],
      ['last', firstPrediction + length - 1],
    ] as const) {
      const expected = row(stored.get(name)!.data as Float32Array, i);
      const difference = maxDifference(row(logits, batch!.predictors[prediction]!), expected);
      t.ok(difference <= 1e-4, `${name} token of "${question}": logits differ by ${difference}`);
    }
  });
});
