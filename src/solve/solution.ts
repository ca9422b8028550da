/** What `solve` ends with. */
import type { Strategy } from '../protocol/index.js';
import type { Vote } from '../rollout/answers.js';
import type { PlanStop } from '../rollout/plan-events.js';

/** What `solve` ends with, and the last record of `solve --json`. */
export interface Solution {
  readonly type: 'solution';
  readonly strategy: Strategy;
  readonly question: string;
  readonly answer: string | null;
  /** Of the completion that gave the answer. */
  readonly reasoning: string | null;
  /** That completion; without an answer, the first one there was. */
  readonly completion: string | null;
  readonly stop: PlanStop;
  /** All that were sampled. */
  readonly tokens: number;
  /** Distinct answers, most frequent first. */
  readonly votes: readonly Vote[];
  /** The answer is the best one until then; `stop` is `interrupted`. */
  readonly interrupted: boolean;
  /** Those of the tokens in completions that an interruption cut, which have no vote. */
  readonly unfinishedTokens: number;
  /** Tokens that might be sampled, all roles and rollouts together. */
  readonly budget: number;
  readonly seconds: number;
  /** Of one completion, as the policy's positions allow. */
  readonly maxTokens: number;
  readonly samples: number;
  readonly temperature: number;
  readonly seed: number;
  /** Folder of the policy. */
  readonly model: string;
}
