/** Problems that a program hands over as objects, in the place of a file of them. */
import { DialecticError } from '../../errors.js';
import type { Domain } from '../../protocol/index.js';
import type { Constraints, Example, ExampleDifficulty } from './example.js';
import { convert } from './formats.js';
import { exampleOf } from './read-examples.js';

/** One problem with its right answer. Rows of dataset files, which have `metadata`, are taken as well. */
export interface ProblemRow {
  /** Not empty. */
  readonly question: string;
  /** What the answer between the answer tags is compared with; of an open problem an example of a good answer. */
  readonly answer: string | number;
  /** How answers are compared (default: `math`). */
  readonly type?: Domain;
  /** Default: `medium`. */
  readonly difficulty?: ExampleDifficulty;
  /** Anything, for the figures by domain (default: `general`). */
  readonly domain?: string;
  /** Name of the problem in samples and events (default: its lineage). */
  readonly id?: string;
  /** Problems of one lineage are never split between training and evaluation (default: the question's wording). */
  readonly lineage?: string;
  /** What a good open answer speaks of. */
  readonly keywords?: readonly string[];
  /** As in a dataset file: the form of docs/data.md, checked as there. */
  readonly metadata?: Readonly<Record<string, unknown>> & { readonly constraints?: Constraints };
}

/** Our fields under their own names. */
const OWN_NAMES = Object.fromEntries(
  ['type', 'difficulty', 'domain', 'id', 'lineage', 'keywords'].map((name) => [name, name]),
);

/** Rows as examples, in order. `name` of the list for messages. Errors: DATA naming row and field. */
export function examplesOfRows(rows: readonly ProblemRow[], name: string): Example[] {
  if (!Array.isArray(rows)) throw new DialecticError('DATA', `${name}: expected a list of problems.`);
  return rows.map((row, i) => {
    const isOwn = Object(row).metadata !== undefined;
    const map = { question: 'question', answer: 'answer', ...OWN_NAMES };
    const converted = convert(isOwn ? { kind: 'own' } : { kind: 'fields', map }, row);
    const checked = 'row' in converted ? exampleOf(converted.row) : converted;
    if ('value' in checked) return checked.value;
    throw new DialecticError(
      'DATA',
      `${name}[${i}]: ${checked.field} ${checked.problem}. Expected a question, an answer, and the fields of docs/data.md.`,
    );
  });
}
