/** The form of a dataset row, checked when a file is read; types are those of example.ts. */

import { z } from 'zod';
import { DOMAINS } from '../../protocol/index.js';
import { AUGMENTATIONS, DIFFICULTIES, type Example } from './example.js';

const text = z.string().trim().min(1, 'is empty');

/** As much as a message may carry. */
const keywords = z.array(text.max(1000)).max(1000);

const constraints = z.object({
  required_keywords: keywords,
  min_words: z.int().min(0),
  max_words: z.int().min(1),
  source_text: text.max(1_000_000).optional(),
});

const example = z.object({
  question: text,
  answer: text,
  reasoning_trace: text.optional(),
  type: z.enum(DOMAINS),
  difficulty: z.enum(DIFFICULTIES),
  domain: text,
  metadata: z.looseObject({
    source: z.enum(['human_authored', 'synthetic']),
    verification: z.enum(['verifiable', 'non_verifiable']),
    keywords,
    lineage: text.optional(),
    id: text.optional(),
    topic: text.optional(),
    form: text.optional(),
    augmentation: z.enum(AUGMENTATIONS).optional(),
    parent: text.optional(),
    unordered: z.boolean().optional(),
    constraints: constraints.optional(),
  }),
});

/** A row as an example; `fallbackLineage` is for files that record none. Or what is wrong, by field. */
export function checkExample(
  row: unknown,
  fallbackLineage: string,
): { readonly example: Example } | { readonly field: string; readonly problem: string } {
  const result = example.safeParse(row);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    return { field: issue.path.join('.') || '(row)', problem: issue.message };
  }
  const { metadata } = result.data;
  const lineage = metadata.lineage ?? fallbackLineage;
  return { example: { ...result.data, metadata: { ...metadata, lineage } } as Example };
}
