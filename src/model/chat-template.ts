/**
 * Renders a conversation the way the checkpoint's authors trained it: with the Jinja template shipped beside the tokenizer.
 *
 * Invariants: rendering depends on the messages alone; a template that asks for the date always gets the same one.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from '@huggingface/jinja';
import { isJsonObject, type JsonFields, modelFileError } from './json-fields.js';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

interface ChatOptions {
  /** Ends with the opening of the assistant's turn, so that a completion continues it. */
  readonly addGenerationPrompt: boolean;
}

export type RenderChat = (messages: readonly ChatMessage[], options: ChatOptions) => string;

const TEMPLATE_FILE = 'chat_template.jinja';

/** Prompts must be the same every day; this is the date that Llama's templates assume where none is given. */
const FIXED_DATE = '26 Jul 2024';

/** The library declares a clock of its own, which only a `set` inside the template can replace. */
const FIX_CLOCK = "{%- set strftime_now = fixed_clock -%}{{- '' }}";

/**
 * Compiles the template of `directory`: chat_template.jinja, else `chat_template` of tokenizer_config.json.
 * `specialTokens` are the template's variables, as in `bos_token`. Errors: MODEL_FILE for a template that does not parse; at rendering,
 * for a folder without a template, and for messages that the template refuses.
 */
export function loadChatTemplate(
  directory: string,
  tokenizerConfig: JsonFields,
  specialTokens: Readonly<Record<string, string>>,
): RenderChat {
  const found = findTemplate(directory, tokenizerConfig);
  if (found === null) {
    return () => {
      throw modelFileError(
        directory,
        `has no chat template; expected ${TEMPLATE_FILE}, or chat_template in tokenizer_config.json`,
      );
    };
  }
  const { source, path } = found;
  let template: Template;
  try {
    template = new Template(FIX_CLOCK + source);
  } catch (cause) {
    throw modelFileError(
      path,
      `holds a chat template that does not parse (${(cause as Error).message})`,
      cause,
    );
  }
  return (messages, { addGenerationPrompt }) => {
    try {
      return template.render({
        ...specialTokens,
        fixed_clock: () => FIXED_DATE,
        messages,
        add_generation_prompt: addGenerationPrompt,
      });
    } catch (cause) {
      const roles = messages.map(({ role }) => role).join(', ');
      const problem = `the chat template refuses messages of ${roles || 'no one'} (${(cause as Error).message})`;
      throw modelFileError(path, problem, cause);
    }
  };
}

function findTemplate(directory: string, config: JsonFields): { source: string; path: string } | null {
  const path = join(directory, TEMPLATE_FILE);
  if (existsSync(path)) return { source: readFileSync(path, 'utf8'), path };
  const value = config.raw('chat_template') ?? null;
  if (value === null) return null;
  if (typeof value === 'string') return { source: value, path: config.path };
  // Several named templates; tools and retrieval have their own, plain conversations use `default`.
  const named: unknown = Array.isArray(value)
    ? value.find((each) => isJsonObject(each) && each.name === 'default')
    : undefined;
  if (isJsonObject(named) && typeof named.template === 'string') {
    return { source: named.template, path: config.path };
  }
  return config.refuse('chat_template', 'a template, or a list that holds one named "default"');
}
