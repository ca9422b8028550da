/**
 * The problems of an evaluation: held-out ones of the generators, or the rows of a file.
 *
 * Invariants: a bad row is an error with its file, row and field, or is skipped and counted.
 */
import { type Checked, type ReadOptions, readRows, skippedText } from '../data/dataset/read-rows.js';
import { DialecticError } from '../errors.js';
import { type OpenConstraints, openConstraints } from '../protocol/index.js';

export interface EvaluationItem {
  readonly id: string;
  readonly question: string;
  readonly answer: string;
  readonly type: string;
  readonly difficulty: string;
  readonly domain: string;
  /** Null where it is not known. */
  readonly lineage: string | null;
  /** The answer is a list whose order does not matter. */
  readonly unordered?: boolean | undefined;
  readonly keywords?: readonly string[] | undefined;
  /** Of an open problem: what its question asks of any answer. */
  readonly constraints?: OpenConstraints | undefined;
}

/** What rows of other layouts are taken for where they do not say. */
export const UNKNOWN = { type: 'unknown', difficulty: 'unknown', domain: 'unknown' };

/**
 * Rows `{question, answer, type?, difficulty?, domain?, lineage?, metadata?: {lineage?, unordered?, keywords?, constraints?}}` of
 * a file, or what the format of `options` makes such rows of; the first `count` good ones. Errors: DATA naming file, row and field.
 */
export async function readItems(
  path: string,
  {
    count = Number.POSITIVE_INFINITY,
    ...options
  }: ReadOptions & { readonly count?: number | undefined } = {},
): Promise<EvaluationItem[]> {
  const items: EvaluationItem[] = [];
  for await (const item of readRows(path, options, parseItem)) {
    items.push(item);
    if (items.length >= count) break;
  }
  if (items.length > 0) return items;
  const skipped = skippedText(options.skipped ?? new Map());
  throw new DialecticError('DATA', `${path} has no ${skipped === '' ? 'rows' : `good row: ${skipped}`}.`);
}

function parseItem(row: unknown, place: string): Checked<EvaluationItem> {
  if (!isObject(row)) return { field: '(row)', problem: 'is not a JSON object' };
  const metadata = isObject(row.metadata) ? row.metadata : {};
  const texts = {
    question: row.question,
    answer: row.answer,
    type: row.type ?? UNKNOWN.type,
    difficulty: row.difficulty ?? UNKNOWN.difficulty,
    domain: row.domain ?? UNKNOWN.domain,
  };
  for (const [field, value] of Object.entries(texts)) {
    const isText =
      typeof value === 'string' && (value.trim() !== '' || !['question', 'answer'].includes(field));
    if (!isText) return { field, problem: 'is wrong; expected text that is not empty' };
  }
  const lineage = row.lineage ?? metadata.lineage ?? null;
  if (lineage !== null && typeof lineage !== 'string')
    return { field: 'lineage', problem: 'is wrong; expected text' };
  const { keywords, unordered } = metadata;
  if (unordered !== undefined && typeof unordered !== 'boolean')
    return { field: 'metadata.unordered', problem: 'is wrong; expected true or false' };
  const isList = Array.isArray(keywords) && keywords.every((word) => typeof word === 'string');
  if (keywords !== undefined && !isList)
    return { field: 'metadata.keywords', problem: 'is wrong; expected a list of texts' };
  const constraints = metadata.constraints === undefined ? null : parseConstraints(metadata.constraints);
  if (typeof constraints === 'string')
    return { field: constraints, problem: `is wrong; expected ${EXPECTED_CONSTRAINTS}` };
  const id = row.id ?? metadata.id;
  return {
    value: {
      ...(texts as Record<keyof typeof texts, string>),
      id: typeof id === 'string' ? id : place,
      lineage,
      ...(unordered ? { unordered } : {}),
      ...(isList ? { keywords: keywords as string[] } : {}),
      ...(constraints === null ? {} : { constraints }),
    },
  };
}

const EXPECTED_CONSTRAINTS =
  '{required_keywords: [text …], min_words, max_words: integers, at least min_words, source_text?: text}';

/** Names of the constraints in a dataset's rows. */
const CONSTRAINT_FIELDS = {
  required_keywords: 'requiredKeywords',
  min_words: 'minWords',
  max_words: 'maxWords',
  source_text: 'sourceText',
} as const;

/** The constraints of a row, or the name of the field that is wrong. */
function parseConstraints(value: unknown): OpenConstraints | string {
  if (!isObject(value)) return 'metadata.constraints';
  const renamed = Object.entries(CONSTRAINT_FIELDS).map(([field, name]) => [name, value[field]]);
  const result = openConstraints.safeParse(Object.fromEntries(renamed));
  if (result.success) {
    return result.data.minWords > result.data.maxWords ? 'metadata.constraints.max_words' : result.data;
  }
  const at = result.error.issues[0]?.path[0];
  const field = Object.entries(CONSTRAINT_FIELDS).find(([, name]) => name === at)?.[0];
  return field === undefined ? 'metadata.constraints' : `metadata.constraints.${field}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
