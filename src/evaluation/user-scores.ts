/**
 * What users' rewards say of judged completions.
 *
 * Invariants: whatever a reward does, the evaluation ends: each problem's completions have a deadline, and a reward that
 * misses `MAX_LATE` of them is not called again; what it did not score is null and counted, never 0.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withDeadline } from '../clock.js';
import { DialecticError } from '../errors.js';
import type { ScoringItem } from '../protocol/index.js';
import { createScorerPool, describeUserRewards } from '../rewards/pool.js';
import { answerWith, type RewardFunction } from '../rewards/reward-functions.js';
import { EXPECTED_MODULE, type UserReward } from '../rewards/user-rewards.js';

/** A value for each completion; null where the reward gave no number. */
export type UserScores = readonly (number | null)[];

/** A function of this process, or a module that `readRewardFiles` has read. */
export type EvaluationReward = RewardFunction | UserReward;

const DEADLINE_MS = 2000;
const MAX_LATE = 10;

/** The rewards in files, imported once. Errors: CONFIG naming the file and what is wrong with it. */
export function readRewardFiles(files: readonly string[]): Promise<UserReward[]> {
  const urls = files.map((file) => {
    const path = resolve(file);
    if (existsSync(path)) return pathToFileURL(path).href;
    throw new DialecticError(
      'CONFIG',
      `--rewards: there is no file at ${path}; ${EXPECTED_MODULE} (docs/rewards.md)`,
    );
  });
  return describeUserRewards(urls);
}

/** What one reward says of completions; those of one problem are one batch, as in training. `problems` has the problem of each. */
export async function scoreWith(
  reward: EvaluationReward,
  completions: readonly ScoringItem[],
  problems: readonly number[],
  threads: number,
): Promise<UserScores> {
  const scores: (number | null)[] = completions.map(() => null);
  const batches = new Map<number, number[]>();
  problems.forEach((problem, i) => {
    const batch = batches.get(problem);
    if (batch) batch.push(i);
    else batches.set(problem, [i]);
  });
  const waiting = [...batches.values()];
  const scorer = 'score' in reward ? functionScorer(reward) : moduleScorer(reward, threads);
  const lane = async (): Promise<void> => {
    for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
      if (scorer.lateCount() >= MAX_LATE) return;
      const values = await scorer.score(batch.map((i) => completions[i]!));
      batch.forEach((i, k) => {
        if (Number.isFinite(values[k])) scores[i] = values[k]!;
      });
    }
  };
  try {
    await scorer.ready();
    await Promise.all(Array.from({ length: threads }, lane));
  } finally {
    await scorer.close();
  }
  return scores;
}

interface BatchScorer {
  ready(): Promise<void>;
  /** A value for each item, NaN = not scored; never rejects. */
  score(batch: readonly ScoringItem[]): Promise<ArrayLike<number>>;
  /** Batches that missed their deadline. */
  lateCount(): number;
  close(): Promise<void>;
}

function moduleScorer(reward: UserReward, threads: number): BatchScorer {
  const pool = createScorerPool({ threads, deadlineMs: DEADLINE_MS, builtIn: [], user: [reward] });
  return {
    ready: () => pool.ready(),
    score: async (batch) => (await pool.score(batch)).values,
    lateCount: () => pool.counts().deadline,
    close: () => pool.close(),
  };
}

function functionScorer(reward: RewardFunction): BatchScorer {
  const { scoreWith } = answerWith([reward]);
  let lateCount = 0;
  const late = (): DialecticError => {
    lateCount++;
    return new DialecticError('SCORER', `the reward "${reward.name}" took longer than ${DEADLINE_MS} ms`);
  };
  return {
    ready: async () => {},
    // Whatever a reward does wrong, its batch is not scored.
    score: (batch) =>
      withDeadline(scoreWith(reward.name, batch), DEADLINE_MS, late).catch(() => batch.map(() => Number.NaN)),
    lateCount: () => lateCount,
    close: async () => {},
  };
}
