/**
 * What scoring costs: the completions of one update of a real run, scored again and again under every built-in reward, against
 * the seconds that an update of the same run takes.
 *
 * The run goes through the program with its default configuration; `share` is the thread time of scoring over the wall time of a
 * typical update, which is more than a run waits for, since scorers work beside samplers.
 */

import { resolveConfig } from '../src/config/resolve.js';
import { openProblems } from '../src/evaluation/problems.js';
import type { ScoringItem } from '../src/protocol/index.js';
import { createScorerPool } from '../src/rewards/pool.js';
import { BUILT_IN_NAMES, builtInRewards, scoreBatch } from '../src/rewards/rewards.js';
import { median, provenance } from './kit.js';
import { type KeptCompletion, trainingRun } from './runs.js';

const SEED = 42;
/** The judge is none of them: it waits for an endpoint. */
const NAMES = builtInRewards(BUILT_IN_NAMES).map(({ name }) => name);
const TARGET_SHARE = 0.03;

export interface ScoringBench {
  readonly updates: number;
  /** Updates whose time is not counted. */
  readonly warmUp: number;
  readonly repeats: number;
  readonly poolRepeats: number;
  readonly promptsPerUpdate: number;
}

const DEFAULTS: ScoringBench = {
  updates: 12,
  warmUp: 4,
  repeats: 200,
  poolRepeats: 50,
  promptsPerUpdate: 16,
};

export async function main(options: Partial<ScoringBench> = {}) {
  const sizes = { ...DEFAULTS, ...options };
  const settings = {
    'data.evaluationProblems': 12,
    'checkpoint.onExit': false,
    'sampling.promptsPerUpdate': sizes.promptsPerUpdate,
  };
  const { metrics, rollouts } = trainingRun(settings, [
    '--updates',
    String(sizes.updates),
    '--seed',
    String(SEED),
  ]);
  const seconds = median(
    metrics.slice(sizes.warmUp).map((row) => row['time/rollout']! + row['time/learner']!),
  );
  const groups = await groupsOf(rollouts);
  const defaults = await measure(groups, ['answer', 'format'], sizes);
  const all = await measure(groups, NAMES, sizes);
  return {
    ...provenance('npm run bench -- scoring'),
    benchmark: 'scoring',
    groups: groups.length,
    completions: groups.flat().length,
    updateSeconds: seconds,
    ...Object.fromEntries(
      Object.entries({ defaults, all }).map(([name, figures]) => [
        name,
        { ...figures, share: figures.milliseconds / 1000 / seconds },
      ]),
    ),
    rewards: NAMES,
    targetShare: TARGET_SHARE,
  };
}

/** The last update whose completions were kept, as scorers get them: a batch for each prompt. */
async function groupsOf(rollouts: readonly KeptCompletion[]): Promise<ScoringItem[][]> {
  const { training } = await openProblems(resolveConfig().config);
  const problems = new Map(training.map((problem) => [problem.id, problem]));
  const last = rollouts.at(-1)!.update;
  const groups = new Map<number, ScoringItem[]>();
  for (const { update, promptIndex, problem, completion } of rollouts) {
    if (update !== last) continue;
    const { id: _id, family: _family, ...known } = problems.get(problem)!;
    groups.set(promptIndex, [...(groups.get(promptIndex) ?? []), { ...known, completion }]);
  }
  return [...groups.values()];
}

/** Milliseconds an update: of the reward functions alone, their first time, and of one scoring thread with the messages to it and back. */
async function measure(
  groups: readonly (readonly ScoringItem[])[],
  names: readonly string[],
  { repeats, poolRepeats }: ScoringBench,
) {
  const rewards = builtInRewards(names);
  const direct: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    for (const group of groups) scoreBatch(group, rewards);
    direct.push(performance.now() - start);
  }
  const pool = createScorerPool({ threads: 1, deadlineMs: 60_000, builtIn: names });
  await pool.ready();
  const pooled: number[] = [];
  for (let i = 0; i < poolRepeats; i++) {
    const start = performance.now();
    await Promise.all(groups.map((group) => pool.score(group)));
    pooled.push(performance.now() - start);
  }
  await pool.close();
  const { scored } = pool.counts();
  if (scored !== poolRepeats * groups.length) throw new Error(`only ${scored} batches were scored`);
  return {
    milliseconds: median(direct),
    coldMilliseconds: direct[0]!,
    throughPoolMilliseconds: median(pooled),
  };
}
