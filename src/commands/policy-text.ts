/** Token ids of prompts and texts of completions, for one tokenizer: the only place where text meets tokens. */
import { createPrompt } from '../data/prompt.js';
import type { Tokenizer } from '../model/tokenizer.js';

export interface PolicyText {
  /** The prompt for a question, through the chat template, as token ids. */
  readonly encodePrompt: (question: string) => Int32Array;
  /** A gold completion with its end token, for the warm start. */
  readonly encodeCompletion: (text: string) => Int32Array;
  /** The text of a completion, end token left out. */
  readonly decode: (tokens: Int32Array) => string;
}

export function createPolicyText(tokenizer: Tokenizer): PolicyText {
  const [endToken] = tokenizer.eosIds;
  return {
    encodePrompt: (question) =>
      tokenizer.encode(
        tokenizer.renderChat([{ role: 'user', content: createPrompt(question) }], {
          addGenerationPrompt: true,
        }),
      ),
    encodeCompletion: (text) =>
      Int32Array.from([...tokenizer.encode(text), ...(endToken === undefined ? [] : [endToken])]),
    decode: (tokens) => tokenizer.decode(tokens),
  };
}
