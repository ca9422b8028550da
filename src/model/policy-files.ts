/**
 * A policy on disk in Hugging Face layout: configuration, weights and tokenizer, read with checks and written whole.
 *
 * Invariants: a folder appears under its final name only when every file in it is complete; files that this project does not
 * change (tokenizer, generation settings) are copied byte for byte.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DialecticError } from '../errors.js';
import { type DecoderConfig, parseDecoderConfig } from './config.js';
import { readModelWeights } from './model-weights.js';
import { parameterLayout } from './parameters.js';
import { writeSafetensors } from './safetensors.js';
import { createWeights, exportWeights, importWeights, type Weights } from './weights.js';

export interface Policy {
  readonly config: DecoderConfig;
  readonly weights: Weights;
}

const COPIED_FILES = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
];

/** Reads config.json and the weights of a folder. Errors: MODEL_FILE naming the file and what was expected. */
export function readPolicy(directory: string): Policy {
  const path = join(directory, 'config.json');
  if (!existsSync(path)) {
    throw new DialecticError(
      'MODEL_FILE',
      `${path} is missing, expected a model folder in Hugging Face layout`,
    );
  }
  const config = parseDecoderConfig(parseJson(path), path);
  const weights = createWeights(parameterLayout(config));
  importWeights(weights, readModelWeights(directory), directory);
  return { config, weights };
}

/** Writes weights as a policy folder, with everything else copied from the folder they were read from. */
export function writePolicy(directory: string, weights: Weights, sourceDirectory: string): void {
  const files = COPIED_FILES.filter((name) => existsSync(join(sourceDirectory, name)));
  writeFolder(directory, weights, (temporary) => {
    for (const name of files) copyFileSync(join(sourceDirectory, name), join(temporary, name));
  });
}

/** Writes weights as a policy folder with the given files beside them. */
export function writeNewPolicy(
  directory: string,
  weights: Weights,
  files: Readonly<Record<string, string>>,
): void {
  writeFolder(directory, weights, (temporary) => {
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(temporary, name), content);
    }
  });
}

function writeFolder(directory: string, weights: Weights, writeRest: (temporary: string) => void): void {
  const temporary = `${directory}.partial`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  writeSafetensors(join(temporary, 'model.safetensors'), exportWeights(weights), { format: 'pt' });
  writeRest(temporary);
  renameSync(temporary, directory);
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DialecticError('MODEL_FILE', `${path} is not valid JSON: ${reason}`, { cause: error });
  }
}
