/** Examples of the warm start with the problems that they were made of. */

import { TOPICS } from '../../src/data/dataset/catalogue.js';
import { DIFFICULTIES, type Topic, type Written } from '../../src/data/dataset/example.js';
import { drawExample } from '../../src/data/dataset/generate.js';
import { type Stage, WarmStart, type WarmStartExample } from '../../src/data/warm-start.js';
import { parseCompletion } from '../../src/rewards/parse.js';

/** The seed of the shipped policy. */
export const SEED = 1;
/** Candidates in a row that may have been passed over as twins of held-out questions. */
const MOST_TWINS = 8;
/** First index that the problems of a stage are keyed by. */
const FIRST_INDEX: Readonly<Record<Stage, number>> = { skills: 0, 'head-room': 100_000_000 };
export const topicOf = new Map(TOPICS.map((topic) => [topic.name, topic]));

/** An example with the problem that it was made of; null for a drill. */
export interface Shown extends WarmStartExample {
  readonly stage: Stage;
  readonly index: number;
  readonly source: { readonly lineage: string; readonly written: Written; readonly topic: Topic } | null;
}

/** The first `count` examples of a stage. Errors: one whose problem is not of the pretrain split. */
export function examplesOf(stage: Stage, count: number): Shown[] {
  const warmStart = new WarmStart(SEED, stage);
  return Array.from({ length: count }, (_, index) => {
    const example = warmStart.example(index);
    const source = example.topic === 'drill' ? null : sourceOf(example, stage, index);
    return { ...example, stage, index, source };
  });
}

/** Draws the problem of an example again, which is in the pretrain split and keyed by (seed, index). */
function sourceOf(example: WarmStartExample, stage: Stage, index: number): Shown['source'] {
  const topic = topicOf.get(example.topic)!;
  for (const difficulty of DIFFICULTIES) {
    let tries = 0;
    const accept = (question: string): boolean => question === example.question || ++tries > MOST_TWINS;
    const key = [SEED, 'warm-start', FIRST_INDEX[stage] + index, topic.name, 0];
    const { lineage, written } = drawExample(topic, difficulty, 'pretrain', key, accept);
    if (written.question === example.question) return { lineage, written, topic };
  }
  throw new Error(`seed ${SEED}, ${stage} ${index} is no problem of the pretrain split: ${example.question}`);
}

export const reasoningOf = ({ completion }: WarmStartExample): string =>
  parseCompletion(completion).reasoning ?? '';
export const answerOf = ({ completion }: WarmStartExample): string =>
  parseCompletion(completion).answer ?? '';
export const named = ({ stage, index, completion }: Shown): string =>
  `seed ${SEED}, ${stage} ${index}: ${completion}`;

/** Whether it is a forward actor's only turn. */
export const isPlain = ({ source, role, turns }: Shown): boolean =>
  source !== null && role === 'forward' && turns.length === 0;
