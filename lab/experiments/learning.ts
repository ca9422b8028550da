/**
 * What GRPO gains from the shipped policy: three seeds, and the control with shuffled rewards.
 *
 * Each run goes to standard error as a line of JSON when it ends, so that a table can be watched growing; the result holds all of them.
 */
import { provenance } from '../../bench/kit.js';
import { trainingRun } from '../../bench/runs.js';
import type { RunSummary } from '../../src/evaluation/summary.js';

export interface LearningExperiment {
  readonly seeds: readonly number[];
  /** Updates between two evaluations. */
  readonly everyUpdates: number;
  /** Besides the default configuration. */
  readonly settings: Readonly<Record<string, unknown>>;
}

const DEFAULTS: LearningExperiment = { seeds: [1, 2, 3], everyUpdates: 20, settings: {} };
const CONTROLS = { default: {}, 'shuffled rewards': { 'learner.shuffleRewards': true } };

export function main(options: Partial<LearningExperiment> = {}) {
  const { seeds, everyUpdates, settings } = { ...DEFAULTS, ...options };
  const experiments = Object.entries(CONTROLS).flatMap(([name, changed]) =>
    seeds.map((seed) => ({ name, seed, changed })),
  );
  const runs = experiments.map(({ name, seed, changed }) => {
    const flags = ['--seed', String(seed), '--set', `evaluation.everyUpdates=${everyUpdates}`];
    const { summary, metrics, evaluations } = trainingRun({ ...settings, ...changed }, flags);
    const { before, after } = summary;
    if (!before || !after) throw new Error('the measured run has no evaluation');
    const last = metrics.slice(-10);
    const mean = (key: string): number => last.reduce((sum, row) => sum + row[key]!, 0) / last.length;
    const run = {
      name,
      seed,
      updates: summary.updates,
      before: scoresOf(before),
      after: scoresOf(after),
      gainPoints: 100 * (after.accuracy! - before.accuracy!),
      curve: evaluations.map(({ update, metrics }) => [update, metrics.accuracy!] as const),
      sampledAccuracyLast10: mean('rewards/answer/mean'),
      entropyLast10: mean('entropy'),
      deadGroupsLast10: mean('outcomes/dead_group'),
      meanLengthLast10: mean('completions/mean_length'),
      largestLogProbDifference: Math.max(
        ...metrics.map((row) => row['sampling/sampling_logp_difference/max']!),
      ),
      trainingSeconds: metrics.reduce((sum, row) => sum + row.step_time!, 0),
      wallSeconds: summary.wallSeconds,
    };
    process.stderr.write(`${JSON.stringify(run)}\n`);
    return run;
  });
  return { ...provenance('npm run lab -- learning'), experiment: 'learning', runs };
}

type Evaluation = NonNullable<RunSummary['before']>;
type Scores = Omit<Evaluation, 'byDomain'>;

/** What the tables show of an evaluation: of all problems, and by domain. */
function scoresOf(evaluation: Evaluation) {
  const pick = ({ accuracy, rubric, formatCompliance, reasoningQuality, problems }: Scores) => ({
    accuracy,
    rubric,
    formatCompliance,
    reasoningQuality,
    problems,
  });
  const domains = Object.entries(evaluation.byDomain).map(([name, scores]) => [name, pick(scores)] as const);
  return { ...pick(evaluation), byDomain: Object.fromEntries(domains) };
}
