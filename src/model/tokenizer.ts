/**
 * Turns text into the token ids of a checkpoint and back, from the Hugging Face files in its folder.
 *
 * Invariants:
 * - `encode` adds nothing: a beginning-of-text token is there only if the text, or the chat template, writes it;
 * - every end token that generation_config.json lists ends a completion, not only the tokenizer's own;
 * - every special id is below `vocabSize`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { loadChatTemplate, type RenderChat } from './chat-template.js';
import { isJsonObject, type JsonFields, modelFileError, preview, readJsonObject } from './json-fields.js';

export interface Tokenizer {
  encode(text: string): Int32Array;
  /**
   * Text of token ids, without special tokens unless asked for. Bytes that are no whole character become U+FFFD; the whole
   * characters around them stay, where the Rust library gives up a whole run of byte tokens. Ids outside the vocabulary,
   * which a padded output layer can produce, become nothing, as in transformers.
   */
  decode(ids: Iterable<number>, options?: { readonly keepSpecial?: boolean }): string;
  /** One more than the largest id; a model's vocabulary may be padded beyond it, never smaller. */
  readonly vocabSize: number;
  readonly bosId: number | null;
  /** Not empty, without repetition. */
  readonly eosIds: readonly number[];
  /** The pad token, or the first end token where a checkpoint has none. */
  readonly padId: number;
  readonly renderChat: RenderChat;
}

const SPECIAL_KEYS = ['bos_token', 'eos_token', 'pad_token', 'unk_token'] as const;
const MAX_VOCABULARY = 4_000_000; // the largest published ones have 256,000
type SpecialKey = (typeof SPECIAL_KEYS)[number];

/** Reads the tokenizer of a checkpoint folder. Errors: MODEL_FILE, naming the file and what was expected. */
export function loadTokenizer(directory: string): Tokenizer {
  const definition = readJsonObject(join(directory, 'tokenizer.json'), 'a Hugging Face tokenizer');
  const config = readJsonObject(
    join(directory, 'tokenizer_config.json'),
    'settings of a Hugging Face tokenizer',
  );
  const vocabSize = vocabularySize(definition);
  const inner = createTokenizer(definition, config);

  const names = specialTokens(directory, config);
  const idOf = (key: SpecialKey): number | null => {
    const name = names[key];
    if (name === undefined) return null;
    return inner.token_to_id(name) ?? config.refuse(key, `a token of ${definition.path}`);
  };
  const eosIds = endTokens(directory, idOf('eos_token'), vocabSize);

  return {
    encode: (text) => Int32Array.from(inner.encode(text, { add_special_tokens: false }).ids),
    decode(ids, { keepSpecial = false } = {}) {
      const known = Array.from(ids).filter((id) => inner.id_to_token(id) !== undefined);
      if (known.length === 0) return '';
      return inner.decode(known, { skip_special_tokens: !keepSpecial, clean_up_tokenization_spaces: false });
    },
    vocabSize,
    bosId: idOf('bos_token'),
    eosIds,
    padId: idOf('pad_token') ?? eosIds[0]!,
    renderChat: loadChatTemplate(directory, config, names),
  };
}

function createTokenizer(definition: JsonFields, config: JsonFields): HuggingFaceTokenizer {
  try {
    return new HuggingFaceTokenizer(definition.json, config.json);
  } catch (cause) {
    const expected = 'expected a tokenizer that @huggingface/tokenizers supports';
    throw modelFileError(definition.path, `cannot be used (${(cause as Error).message}); ${expected}`, cause);
  }
}

/** Checks every id before the library sizes its arrays by them; gives one more than the largest. */
function vocabularySize(definition: JsonFields): number {
  const model = definition.object('model');
  if (model === null) return definition.refuse('model', 'an object with a vocabulary');
  const vocabulary = model.raw('vocab');
  let largest = -1;
  const admit = (token: string, id: unknown): void => {
    if (!Number.isSafeInteger(id) || (id as number) < 0 || (id as number) >= MAX_VOCABULARY) {
      const expected = `an integer from 0 to ${MAX_VOCABULARY - 1}`;
      throw modelFileError(
        definition.path,
        `gives token ${preview(token)} the id ${preview(id)}; expected ${expected}`,
      );
    }
    largest = Math.max(largest, id as number);
  };
  if (Array.isArray(vocabulary)) largest = vocabulary.length - 1;
  else if (isJsonObject(vocabulary)) for (const [token, id] of Object.entries(vocabulary)) admit(token, id);
  else model.refuse('vocab', 'a vocabulary');
  const added: unknown = definition.raw('added_tokens') ?? [];
  if (!Array.isArray(added)) return definition.refuse('added_tokens', 'a list of tokens');
  for (const token of added) {
    if (!isJsonObject(token) || typeof token.content !== 'string') {
      definition.refuse('added_tokens', 'a list of tokens with id and content');
    } else admit(token.content, token.id);
  }
  if (largest < 0) model.refuse('vocab', 'a vocabulary with at least one token');
  return largest + 1;
}

/** Texts of the special tokens; tokenizer_config.json first, then the older special_tokens_map.json. */
function specialTokens(directory: string, config: JsonFields): Partial<Record<SpecialKey, string>> {
  const olderPath = join(directory, 'special_tokens_map.json');
  const older = existsSync(olderPath) ? readJsonObject(olderPath, 'a map of special tokens') : null;
  const names: Partial<Record<SpecialKey, string>> = {};
  for (const key of SPECIAL_KEYS) {
    const source = config.has(key) || older === null ? config : older;
    const value = source.raw(key) ?? null;
    if (value === null) continue;
    const text: unknown = isJsonObject(value) ? value.content : value;
    names[key] = typeof text === 'string' ? text : source.refuse(key, 'the text of a token');
  }
  return names;
}

/** End tokens: those of generation_config.json, or of config.json where that file is missing, and the tokenizer's own. */
function endTokens(directory: string, own: number | null, vocabSize: number): number[] {
  const ids: number[] = [];
  const path = ['generation_config.json', 'config.json']
    .map((name) => join(directory, name))
    .find(existsSync);
  if (path !== undefined) {
    const fields = readJsonObject(path, 'settings of a Hugging Face model');
    ids.push(...fields.tokenIds('eos_token_id'));
    if (ids.some((id) => id >= vocabSize)) {
      fields.refuse('eos_token_id', `token ids below ${vocabSize}, the size of the tokenizer's vocabulary`);
    }
  }
  if (own !== null) ids.push(own);
  if (ids.length > 0) return [...new Set(ids)];
  const expected = 'expected eos_token in tokenizer_config.json or eos_token_id in generation_config.json';
  throw modelFileError(directory, `names no end token, so no completion would end; ${expected}`);
}
