/**
 * Rows of other people's files as rows of ours: GSM8K, chat messages, and any JSON object with a map of fields.
 *
 * Invariants: a converter only moves and strips text; what is missing or wrong is left for the schema to name.
 */
import type { DataFormat } from '../../protocol/index.js';

/** A JSON object of a file. */
export type Row = Readonly<Record<string, unknown>>;

/** Our field -> the path of theirs, with dots for nested fields. `question` and `answer` are needed. */
export type FieldMap = Readonly<{ question: string; answer: string } & Record<string, string>>;

/** Fields that a map may give; those of `metadata` are named without it. */
export const MAPPED_FIELDS = [
  ...['question', 'answer', 'reasoning_trace', 'type', 'difficulty', 'domain'],
  ...['id', 'lineage', 'keywords'],
];
const METADATA_FIELDS = ['id', 'lineage', 'keywords'];
const OWN_FIELDS = [...MAPPED_FIELDS, 'metadata'];

/** How the rows of a file are laid out; fields that a format does not have come from `defaults`. */
export type Format =
  | { readonly kind: 'own' }
  | { readonly kind: 'gsm8k' }
  | { readonly kind: 'messages'; readonly defaults?: Row }
  | { readonly kind: 'fields'; readonly map: FieldMap; readonly defaults?: Row };

/** The format of a name, or of a map of fields; rows of other layouts have `defaults` where they say nothing themselves. */
export function formatOf(name: DataFormat | undefined, map?: FieldMap, defaults: Row = {}): Format {
  if (map) return { kind: 'fields', map, defaults };
  return name === 'messages' ? { kind: name, defaults } : { kind: name ?? 'own' };
}

/** The fields of a row that a format looks at, which are the columns to read of a file that has columns. */
export function columnsOf(format: Format): readonly string[] {
  switch (format.kind) {
    case 'own':
      return OWN_FIELDS;
    case 'gsm8k':
      return ['question', 'answer'];
    case 'messages':
      return ['messages'];
    case 'fields':
      return Object.values(format.map).map((path) => path.split('.')[0]!);
  }
}

const METADATA = { source: 'human_authored', verification: 'verifiable', keywords: [] };
const DEFAULTS: Row = { type: 'math', difficulty: 'medium', domain: 'general' };

/** What converting one row gave. */
export type Converted = { readonly row: unknown } | { readonly field: string; readonly problem: string };

export function convert(format: Format, row: unknown): Converted {
  if (format.kind === 'own') return { row };
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    return { field: '(row)', problem: 'is not a JSON object' };
  const object = row as Row;
  switch (format.kind) {
    case 'gsm8k':
      return convertGsm8k(object);
    case 'messages':
      return convertMessages(object, format.defaults);
    case 'fields':
      return convertFields(object, format.map, format.defaults);
  }
}

/** The answer of GSM8K is a trace with calculator marks `<<48/2=24>>`, then `#### 24`. */
function convertGsm8k(row: Row): Converted {
  const { question, answer } = row;
  if (typeof answer !== 'string') return { field: 'answer', problem: 'is not text' };
  const final = /####\s*(-?[0-9][0-9.,]*)\s*$/.exec(answer);
  if (!final) return { field: 'answer', problem: 'does not end with "#### number"' };
  const trace = answer
    .slice(0, final.index)
    .replace(/<<[^>]*>>/g, '')
    .trim();
  return {
    row: {
      ...DEFAULTS,
      question,
      answer: final[1]!.replaceAll(',', '').replace(/\.$/, ''),
      ...(trace ? { reasoning_trace: trace } : {}),
      domain: 'gsm8k',
      metadata: METADATA,
    },
  };
}

/** The last user message and the assistant's reply to it; tags of the completion form are taken apart. */
function convertMessages(row: Row, defaults: Row = {}): Converted {
  const { messages } = row;
  if (!Array.isArray(messages)) return { field: 'messages', problem: 'is not a list' };
  const contentOf = (role: string): unknown =>
    (messages as unknown[]).findLast((message) => (message as Row | null)?.role === role);
  const question = (contentOf('user') as Row | undefined)?.content;
  const reply = (contentOf('assistant') as Row | undefined)?.content;
  if (typeof question !== 'string') return { field: 'messages', problem: 'has no user message with text' };
  if (typeof reply !== 'string') return { field: 'messages', problem: 'has no assistant message with text' };
  const trace = /<reasoning>([\s\S]*?)<\/reasoning>/.exec(reply)?.[1]?.trim();
  const answer = /<answer>([\s\S]*?)<\/answer>/.exec(reply)?.[1] ?? reply;
  return {
    row: {
      ...DEFAULTS,
      ...defaults,
      question,
      answer: answer.trim(),
      ...(trace ? { reasoning_trace: trace } : {}),
      metadata: { ...METADATA, ...(defaults.metadata as Row | undefined) },
    },
  };
}

function convertFields(row: Row, map: FieldMap, defaults: Row = {}): Converted {
  const result: Record<string, unknown> = { ...DEFAULTS, ...defaults };
  const metadata: Record<string, unknown> = { ...METADATA, ...(defaults.metadata as Row | undefined) };
  for (const [ours, path] of Object.entries(map)) {
    let value: unknown = row;
    for (const name of path.split('.')) value = (value as Row | null | undefined)?.[name];
    if (value === undefined || value === null) {
      if (ours === 'question' || ours === 'answer') return { field: path, problem: 'is missing' };
      continue;
    }
    const target = METADATA_FIELDS.includes(ours) ? metadata : result;
    target[ours] = typeof value === 'number' ? String(value) : value;
  }
  return { row: { ...result, metadata } };
}
