/** The nano policy before it has learned anything: its tokenizer, its architecture and random weights, as a policy folder. */
import { buildNanoTokenizer } from '../data/tokenizer-builder.js';
import { parseDecoderConfig } from '../model/config.js';
import { huggingFaceConfigText } from '../model/hugging-face-config.js';
import { nanoConfig } from '../model/nano.js';
import { parameterLayout } from '../model/parameters.js';
import { type Policy, readPolicy, writeNewPolicy } from '../model/policy-files.js';
import { createWeights, initializeWeights } from '../model/weights.js';
import { Random } from '../random.js';

const INITIAL_DEVIATION = 0.05;

/** Writes the folder, and reads it as any policy is read. */
export function createNanoPolicy(directory: string, seed: number): Policy {
  const files = buildNanoTokenizer();
  const vocabulary = vocabularyOf(files['tokenizer.json']);
  const idOf = (token: string): number => vocabulary.indexOf(token);
  const json = nanoConfig(vocabulary.length, { bos: idOf('<bos>'), eos: idOf('<eos>'), pad: idOf('<pad>') });
  const config = parseDecoderConfig(json, 'nano');
  const weights = createWeights(parameterLayout(config));
  initializeWeights(weights, new Random(seed, 'initial-weights'), config.normOffset, INITIAL_DEVIATION);
  const texts = Object.entries(files).map(([name, content]) => [
    name,
    `${JSON.stringify(content, null, 2)}\n`,
  ]);
  writeNewPolicy(directory, weights, {
    'config.json': huggingFaceConfigText(config),
    ...Object.fromEntries(texts),
  });
  return readPolicy(directory);
}

/** Tokens in the order of their ids. */
function vocabularyOf(tokenizer: object): string[] {
  const { model } = tokenizer as { model: { vocab: Record<string, number> } };
  return Object.entries(model.vocab)
    .sort(([, a], [, b]) => a - b)
    .map(([token]) => token);
}
