/** What scores completions in a rollout thread: the scoring pool, and beside it a judge and a sandbox where the run wants them. */

import type { Asker } from '../actors/kernel/ask.js';
import type { ThreadHost } from '../actors/kernel/threads/worker.js';
import { toDialecticError } from '../errors.js';
import type { Rewards, ScoringItem } from '../protocol/index.js';
import { CODE_NAME, createCodeReward } from '../rewards/code.js';
import { createChat } from '../rewards/judge/endpoint.js';
import { createJudge, JUDGE_NAME } from '../rewards/judge/judge.js';
import { createScorerPool } from '../rewards/pool.js';
import type { RewardFunctionsApi } from '../rewards/reward-functions.js';
import { builtInRewards, REWARDS, scoreBatch, withRow } from '../rewards/rewards.js';
import type { RewardPlan } from './reward-plan.js';
import type { RolloutThreadData } from './rollout-thread.js';

export type Score = (batch: readonly ScoringItem[]) => Promise<Rewards>;

/** Ready when every scoring thread is. */
export async function openScorer(host: ThreadHost<RolloutThreadData>): Promise<Score> {
  const { data, system, onStop } = host;
  const {
    rewards = {
      builtIn: REWARDS.map(({ name }) => name),
      user: [],
      functions: [],
      judge: null,
      sandbox: null,
    },
  } = data;
  const score = withFunctions(
    host,
    withPrograms(host, await openPool(host, rewards), rewards.sandbox),
    rewards.functions,
  );
  if (rewards.judge === null) return score;
  const { url, model, deadlineMs, maxConcurrent } = rewards.judge;
  const judge = createJudge({
    complete: createChat({ url, model, key: data.judgeKey ?? null }),
    deadlineMs,
    maxConcurrent,
    onTrouble: (detail) => system.warn(detail),
  });
  onStop(() => judge.close());
  return async (batch) => {
    const [row, others] = await Promise.all([judge.score(batch), score(batch)]);
    return withRow(others, JUDGE_NAME, row);
  };
}

/** Asks the process that started the run for the values of its functions as well, where it has any. */
function withFunctions(
  { data, system, parent }: ThreadHost<RolloutThreadData>,
  score: Score,
  functions: RewardPlan['functions'],
): Score {
  if (parent === undefined || functions.length === 0) return score;
  const asker = (parent as Asker<RewardFunctionsApi>).within(data.scoringDeadlineMs);
  const troubled = new Set<string>();
  const valuesOf = async (name: string, batch: readonly ScoringItem[]): Promise<readonly number[]> => {
    try {
      return await asker.ask('scoreWith', name, batch);
    } catch (error) {
      // The batch is counted as not scored by the learner; why is said once, or a reward that always fails would flood the log.
      if (!troubled.has(name)) system.warn(`the reward "${name}" failed: ${toDialecticError(error).message}`);
      troubled.add(name);
      return batch.map(() => Number.NaN);
    }
  };
  return async (batch) => {
    const [others, ...rows] = await Promise.all([
      score(batch),
      ...functions.map(({ name }) => valuesOf(name, batch)),
    ]);
    return functions.reduce((all, { name }, k) => withRow(all, name, rows[k]!), others);
  };
}

/** Scores what programs print as well, where a run wants that. */
function withPrograms(
  { onStop }: ThreadHost<RolloutThreadData>,
  score: (batch: readonly ScoringItem[]) => Promise<Rewards>,
  plan: RewardPlan['sandbox'],
): (batch: readonly ScoringItem[]) => Promise<Rewards> {
  if (plan === null) return score;
  const code = createCodeReward(plan);
  onStop(() => code.close());
  return async (batch) => {
    const [row, others] = await Promise.all([code.score(batch), score(batch)]);
    return withRow(others, CODE_NAME, row);
  };
}

/** Scores with plain functions, in threads of their own or here. */
async function openPool(
  { data, onStop }: ThreadHost<RolloutThreadData>,
  { builtIn, user }: Pick<RewardPlan, 'builtIn' | 'user'>,
): Promise<(batch: readonly ScoringItem[]) => Promise<Rewards>> {
  if (data.scorers === 0) return async (batch) => scoreBatch(batch, builtInRewards(builtIn));
  const pool = createScorerPool({
    threads: data.scorers,
    deadlineMs: data.scoringDeadlineMs,
    builtIn,
    user,
  });
  onStop(() => pool.close());
  await pool.ready();
  return (batch) => pool.score(batch);
}
