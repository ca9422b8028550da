/**
 * What GRPO gains from the shipped policy: three seeds, and the control with shuffled rewards.
 *
 * Prints one JSON line a run as it ends, so that a table can be watched growing; the last object holds all of them.
 */
import { provenance } from './kit.mjs';
import { trainingRun } from './runs.mjs';

const EVERY_UPDATES = 20;
const SEEDS = [1, 2, 3];

const EXPERIMENTS = [
  ...SEEDS.map((seed) => ({ name: 'default', seed, settings: {} })),
  ...SEEDS.map((seed) => ({ name: 'shuffled rewards', seed, settings: { 'learner.shuffleRewards': true } })),
];

export async function benchLearning() {
  const runs = EXPERIMENTS.map(({ name, seed, settings }) => {
    const flags = ['--seed', String(seed), '--set', `evaluation.everyUpdates=${EVERY_UPDATES}`];
    const { summary, metrics, evaluations } = trainingRun(settings, flags);
    const last = metrics.slice(-10);
    const mean = (key) => last.reduce((sum, row) => sum + row[key], 0) / last.length;
    const run = {
      name,
      seed,
      updates: summary.updates,
      before: scoresOf(summary.before),
      after: scoresOf(summary.after),
      gainPoints: 100 * (summary.after.accuracy - summary.before.accuracy),
      curve: evaluations.map(({ update, metrics }) => [update, metrics.accuracy]),
      sampledAccuracyLast10: mean('rewards/answer/mean'),
      entropyLast10: mean('entropy'),
      deadGroupsLast10: mean('outcomes/dead_group'),
      meanLengthLast10: mean('completions/mean_length'),
      largestLogProbDifference: Math.max(
        ...metrics.map((row) => row['sampling/sampling_logp_difference/max']),
      ),
      trainingSeconds: metrics.reduce((sum, row) => sum + row.step_time, 0),
      wallSeconds: summary.wallSeconds,
    };
    process.stderr.write(`${JSON.stringify(run)}\n`);
    return run;
  });
  return { ...provenance('npm run bench -- learning'), benchmark: 'learning', runs };
}

/** What the tables show of an evaluation: of all problems, and by domain. */
function scoresOf(evaluation) {
  const pick = ({ accuracy, rubric, formatCompliance, reasoningQuality, problems }) => ({
    ...{ accuracy, rubric, formatCompliance, reasoningQuality, problems },
  });
  const domains = Object.entries(evaluation.byDomain).map(([name, scores]) => [name, pick(scores)]);
  return { ...pick(evaluation), byDomain: Object.fromEntries(domains) };
}
