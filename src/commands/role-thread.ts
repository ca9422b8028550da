/** The module of a role thread: forward actors with the tokenizer they share and the scorers they ask. */
import { createForwardRole, type GroupRewards, type SamplingSettings } from '../actors/debate/forward.js';
import { CODE_NAME, createCodeReward } from '../actors/reward/code.js';
import { createJudge, JUDGE_NAME } from '../actors/reward/judge.js';
import { createChat } from '../actors/reward/judge-endpoint.js';
import { createScorerPool } from '../actors/reward/pool.js';
import {
  builtInRewards,
  REWARDS,
  type Rewards,
  type ScoringItem,
  scoreBatch,
  withRow,
} from '../actors/reward/rewards.js';
import type { ThreadHost } from '../actors/system/worker.js';
import { loadTokenizer } from '../model/tokenizer.js';
import { DialecticError } from '../protocol/errors.js';
import { createPolicyText } from './policy-text.js';
import { type RewardPlan, readJudgeKey } from './reward-plan.js';

export interface RoleThreadData {
  readonly modelDirectory: string;
  /** Paths of the forward actors of this thread. */
  readonly forward: readonly string[];
  readonly samplers: readonly string[];
  readonly learner: string;
  readonly sampling: SamplingSettings;
  readonly maxPromptTokens: number;
  /** Threads that score for this one; 0 scores here. */
  readonly scorers: number;
  readonly scoringDeadlineMs: number;
  /** Those of every run where left out. */
  readonly rewards?: Pick<RewardPlan, 'builtIn' | 'user' | 'judge' | 'sandbox'>;
  /** Every how many updates the texts of groups go to a sample file. */
  readonly sampleEveryUpdates: number;
}

export type RoleThreadApi = {
  /** Spawns the actors; asked once the thread is linked to samplers and learner. */
  begin(): Promise<void>;
};

type Score = (batch: readonly ScoringItem[]) => Promise<GroupRewards>;

export async function start(host: ThreadHost<RoleThreadData>): Promise<RoleThreadApi> {
  const { data, system } = host;
  const text = createPolicyText(loadTokenizer(data.modelDirectory));
  const score = await openScorer(host);
  const encodePrompt = (question: string): Int32Array => {
    const tokens = text.encodePrompt(question);
    if (tokens.length <= data.maxPromptTokens) return tokens;
    throw new DialecticError(
      'DATA',
      `a prompt has ${tokens.length} tokens, sampling.maxPromptTokens is ${data.maxPromptTokens}: "${question.slice(0, 60)}"`,
    );
  };
  return {
    begin: async () => {
      const { samplers, learner, sampling, sampleEveryUpdates } = data;
      for (const path of data.forward) {
        const role = createForwardRole({
          samplers,
          learner,
          sampling,
          encodePrompt,
          decode: text.decode,
          score,
          openEdge: (edge) => system.openEdge(edge),
          keepTexts: (update) => update % sampleEveryUpdates === 0,
        });
        system.spawn(path, role);
      }
    },
  };
}

async function openScorer(host: ThreadHost<RoleThreadData>): Promise<Score> {
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
