/** Token ids of prompts and texts of completions, for one tokenizer: the only place where text meets tokens. */
import { createPrompt, type Turn } from '../data/prompt.js';
import type { Tokenizer } from '../model/tokenizer.js';
import type { Role } from '../protocol/index.js';

export interface PolicyText {
  /** The prompt for a question, through the chat template, as token ids; of a role, after what others said. */
  readonly encodePrompt: (question: string, role?: Role, turns?: readonly Turn[]) => Int32Array;
  /** Any text as it stands. */
  readonly encode: (text: string) => Int32Array;
  /** A gold completion with its end token, for the warm start. */
  readonly encodeCompletion: (text: string) => Int32Array;
  /** The text of a completion, end token left out. */
  readonly decode: (tokens: Int32Array) => string;
}

export function createPolicyText(tokenizer: Tokenizer): PolicyText {
  const [endToken] = tokenizer.eosIds;
  return {
    encodePrompt: (question, role, turns) => {
      const messages = [{ role: 'user' as const, content: createPrompt(question, role, turns) }];
      return tokenizer.encode(tokenizer.renderChat(messages, { addGenerationPrompt: true }));
    },
    encode: (text) => tokenizer.encode(text),
    encodeCompletion: (text) =>
      Int32Array.from([...tokenizer.encode(text), ...(endToken === undefined ? [] : [endToken])]),
    decode: (tokens) => tokenizer.decode(tokens),
  };
}
