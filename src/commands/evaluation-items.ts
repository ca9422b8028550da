/**
 * The problems of an evaluation: held-out ones of the generators, or the rows of a JSONL file.
 *
 * Invariants: a bad row is an error with its file, line and field; nothing is skipped.
 */
import { readFileSync } from 'node:fs';
import { DOMAINS } from '../config.js';
import { DialecticError } from '../protocol/errors.js';
import { heldOutProblems } from './evaluate.js';

export interface EvaluationItem {
  readonly id: string;
  readonly question: string;
  readonly answer: string;
  readonly type: string;
  readonly difficulty: string;
  readonly domain: string;
  /** Null where it is not known. */
  readonly lineage: string | null;
  readonly keywords?: readonly string[];
}

/** Held-out problems, in their fixed order. */
export function heldOutItems(count: number): EvaluationItem[] {
  return heldOutProblems(count, DOMAINS).map(
    ({ id, question, answer, type, difficulty, domain, lineage }) => ({
      id,
      question,
      answer,
      type,
      difficulty,
      domain,
      lineage,
    }),
  );
}

/**
 * Rows `{question, answer, type?, difficulty?, domain?, lineage?, metadata?: {lineage?, keywords?}}` of a JSONL file, the first
 * `count` of them. Errors: DATA naming file, line and field.
 */
export function readItems(path: string, count = Number.POSITIVE_INFINITY): EvaluationItem[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DialecticError('DATA', `--data ${path}: cannot be read (${reason}); expected a JSONL file`, {
      cause,
    });
  }
  const items: EvaluationItem[] = [];
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split('\n')
    .entries()) {
    if (items.length >= count) break;
    if (line.trim() !== '') items.push(parseItem(line, `${path}:${index + 1}`));
  }
  if (items.length === 0)
    throw new DialecticError('DATA', `${path} has no rows; expected one JSON object a line`);
  return items;
}

function parseItem(line: string, place: string): EvaluationItem {
  const row = parseObject(line, place);
  const metadata = isObject(row.metadata) ? row.metadata : {};
  const refuse = (field: string, expected: string): never => {
    throw new DialecticError('DATA', `${place}: field ${field} is wrong; expected ${expected}`);
  };
  const required = (field: string): string => {
    const value = row[field];
    return typeof value === 'string' && value.trim() !== '' ? value : refuse(field, 'text that is not empty');
  };
  const optional = (field: string): string => {
    const value = row[field] ?? 'unknown';
    return typeof value === 'string' ? value : refuse(field, 'text');
  };
  const lineage = row.lineage ?? metadata.lineage ?? null;
  if (lineage !== null && typeof lineage !== 'string') refuse('lineage', 'text');
  const { keywords } = metadata;
  const isList = Array.isArray(keywords) && keywords.every((word) => typeof word === 'string');
  if (keywords !== undefined && !isList) refuse('metadata.keywords', 'a list of texts');
  return {
    id: typeof row.id === 'string' ? row.id : place,
    question: required('question'),
    answer: required('answer'),
    type: optional('type'),
    difficulty: optional('difficulty'),
    domain: optional('domain'),
    lineage: lineage as string | null,
    ...(isList ? { keywords: keywords as string[] } : {}),
  };
}

function parseObject(line: string, place: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new DialecticError('DATA', `${place}: no JSON (${(cause as Error).message}); expected an object`, {
      cause,
    });
  }
  if (isObject(value)) return value;
  throw new DialecticError('DATA', `${place}: expected a JSON object with question and answer`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
