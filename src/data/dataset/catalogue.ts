/** All topics of the dataset, and how many examples each type, difficulty and split gets. */
import { DOMAINS, type Domain } from '../../protocol/index.js';
import { DIFFICULTIES, type ExampleDifficulty, type Topic } from './example.js';
import { biology } from './topics/biology.js';
import { chemistry } from './topics/chemistry.js';
import { codeTrace } from './topics/code-trace.js';
import { complexity } from './topics/complexity.js';
import { constraintSatisfaction } from './topics/constraints.js';
import { creativeTopics } from './topics/creative.js';
import { debugging } from './topics/debugging.js';
import { decimals } from './topics/decimals.js';
import { deduction } from './topics/deduction.js';
import { linearEquations, quadraticEquations } from './topics/equations.js';
import { fractions } from './topics/fractions.js';
import { area, perimeter, volume } from './topics/geometry.js';
import { knightsAndKnaves } from './topics/knights-and-knaves.js';
import { outputPrediction } from './topics/output-prediction.js';
import { patterns } from './topics/patterns.js';
import { percentages } from './topics/percentages.js';
import { physics } from './topics/physics.js';
import { riverCrossing } from './topics/river-crossing.js';
import { scientificMethod } from './topics/scientific-method.js';
import { summarizationTopics } from './topics/summarization.js';
import { wordProblems } from './topics/word-problems.js';

export const TOPICS: readonly Topic[] = [
  percentages,
  fractions,
  decimals,
  linearEquations,
  quadraticEquations,
  area,
  perimeter,
  volume,
  wordProblems,
  codeTrace,
  complexity,
  debugging,
  outputPrediction,
  riverCrossing,
  knightsAndKnaves,
  constraintSatisfaction,
  deduction,
  patterns,
  physics,
  chemistry,
  biology,
  scientificMethod,
  ...creativeTopics,
  ...summarizationTopics,
];

/** Examples by type: 1,000 in all. */
export const COUNTS: Readonly<Record<Domain, number>> = {
  math: 400,
  code: 200,
  logic_puzzle: 150,
  science: 100,
  creative: 100,
  summarization: 50,
};

/** Shares of the difficulties, the same in every type and split. */
export const SHARES: Readonly<Record<ExampleDifficulty, number>> = { easy: 0.3, medium: 0.5, hard: 0.2 };

const EVALUATION_SHARE = 0.2;

export type DatasetSplit = 'train' | 'evaluation';

/** A place in the dataset that one example fills. */
export interface Slot {
  readonly split: DatasetSplit;
  /** Position within the split. */
  readonly index: number;
  readonly topic: Topic;
  readonly difficulty: ExampleDifficulty;
}

/** The places of a split; topics of a type take turns within each difficulty. */
export function slotsOf(split: DatasetSplit): Slot[] {
  const share = split === 'evaluation' ? EVALUATION_SHARE : 1 - EVALUATION_SHARE;
  const slots: Slot[] = [];
  for (const type of DOMAINS) {
    const topics = TOPICS.filter((topic) => topic.type === type);
    let turn = 0;
    for (const difficulty of DIFFICULTIES) {
      const count = Math.round(COUNTS[type] * share * SHARES[difficulty]);
      for (let i = 0; i < count; i++) {
        slots.push({ split, index: slots.length, topic: topics[turn++ % topics.length]!, difficulty });
      }
    }
  }
  return slots;
}
