/** What scores completions in a role thread: the scoring pool, and beside it a judge and a sandbox where the run wants them. */

import type { ThreadHost } from '../actors/kernel/threads/worker.js';
import type { Rewards, ScoringItem } from '../protocol/index.js';
import { CODE_NAME, createCodeReward } from '../rewards/code.js';
import { createChat } from '../rewards/judge/endpoint.js';
import { createJudge, JUDGE_NAME } from '../rewards/judge/judge.js';
import { createScorerPool } from '../rewards/pool.js';
import { builtInRewards, REWARDS, scoreBatch, withRow } from '../rewards/rewards.js';
import { type RewardPlan, readJudgeKey } from './reward-plan.js';
import type { RoleThreadData } from './role-thread.js';

export type Score = (batch: readonly ScoringItem[]) => Promise<Rewards>;

/** Ready when every scoring thread is. */
export async function openScorer(host: ThreadHost<RoleThreadData>): Promise<Score> {
  const { data, system, onStop } = host;
  const { rewards = { builtIn: REWARDS.map(({ name }) => name), user: [], judge: null, sandbox: null } } =
    data;
  const score = withPrograms(host, await openPool(host, rewards), rewards.sandbox);
  if (rewards.judge === null) return score;
  const { url, model, deadlineMs, maxConcurrent } = rewards.judge;
  const judge = createJudge({
    complete: createChat({ url, model, key: readJudgeKey(rewards.judge, process.env) }),
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

/** Scores what programs print as well, where a run wants that. */
function withPrograms(
  { onStop }: ThreadHost<RoleThreadData>,
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
  { data, onStop }: ThreadHost<RoleThreadData>,
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
