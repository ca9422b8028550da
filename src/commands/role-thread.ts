/** The module of a role thread: forward actors with the tokenizer they share and the scorers they ask. */
import { createForwardRole, type GroupRewards, type SamplingSettings } from '../actors/debate/forward.js';
import { createScorerPool } from '../actors/reward/pool.js';
import { builtInRewards, REWARDS, type ScoringItem, scoreBatch } from '../actors/reward/rewards.js';
import type { ThreadHost } from '../actors/system/worker.js';
import { loadTokenizer } from '../model/tokenizer.js';
import { DialecticError } from '../protocol/errors.js';
import { createPolicyText } from './policy-text.js';
import type { RewardPlan } from './reward-plan.js';

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
  readonly rewards?: Pick<RewardPlan, 'builtIn' | 'user'>;
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

async function openScorer({ data, onStop }: ThreadHost<RoleThreadData>): Promise<Score> {
  const { builtIn, user } = data.rewards ?? { builtIn: REWARDS.map(({ name }) => name), user: [] };
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
