/**
 * What training through each strategy brings: the shipped policy, three seeds, the same seconds of training for every strategy.
 *
 * A short run of each strategy first shows what an update takes; then each gets as many updates as fit into the budget, evaluations
 * along the way not counted. The JSON goes to standard output, a Markdown table to standard error.
 */
import { provenance } from './kit.mjs';
import { trainingRun } from './runs.mjs';

const STRATEGIES = ['forward', 'debate', 'tree', 'anneal'];
const SEEDS = [1, 2, 3];
const TRAINING_SECONDS = Number(process.env.TRAINING_SECONDS ?? 48);
/** Evaluations of a run after the first: one for every this part of its updates. */
const PARTS = 6;
const CALIBRATION_UPDATES = 12;
/** Student's t for three seeds, two-sided 95 %. */
const T_OF_THREE = 4.303;

export async function benchTechniques() {
  const runs = [];
  for (const strategy of STRATEGIES) {
    const short = { strategy, updates: CALIBRATION_UPDATES, 'data.evaluationProblems': 8 };
    const { metrics } = trainingRun(short, ['--seed', '9']);
    const seconds = metrics.slice(2).map((row) => row.step_time);
    const updateSeconds = seconds.reduce((sum, each) => sum + each, 0) / seconds.length;
    const everyUpdates = Math.max(1, Math.round(TRAINING_SECONDS / updateSeconds / PARTS));
    const settings = { strategy, updates: PARTS * everyUpdates, 'evaluation.everyUpdates': everyUpdates };
    for (const seed of SEEDS) {
      const run = measured(strategy, seed, trainingRun(settings, ['--seed', String(seed)]));
      process.stderr.write(`${JSON.stringify(run)}\n`);
      runs.push(run);
    }
  }
  process.stderr.write(`${tableOf(runs).join('\n')}\n`);
  return {
    ...provenance('npm run bench -- techniques'),
    benchmark: 'techniques',
    trainingSeconds: TRAINING_SECONDS,
    runs,
  };
}

function measured(strategy, seed, { summary, metrics, evaluations }) {
  const mean = (key) => metrics.reduce((sum, row) => sum + (row[key] ?? 0), 0) / metrics.length;
  return {
    strategy,
    seed,
    updates: summary.updates,
    accuracyBefore: summary.before.accuracy,
    accuracyAfter: summary.after.accuracy,
    /** Before, and after each part. */
    curve: evaluations.map((each) => each.metrics.accuracy),
    rubricAfter: summary.after.rubric,
    formatAfter: summary.after.formatCompliance,
    qualityAfter: summary.after.reasoningQuality,
    trainingSeconds: metrics.reduce((sum, row) => sum + row.step_time, 0),
    sampledTokens: metrics.reduce(
      (sum, row) => sum + row['tokens_per_second/rollout'] * row['time/rollout'],
      0,
    ),
    deadGroups: mean('outcomes/dead_group'),
    cancelled: mean('outcomes/cancelled'),
  };
}

/** One row a strategy: means over seeds, and the interval of the accuracy. */
function tableOf(runs) {
  const percent = (share) => (100 * share).toFixed(1);
  const rows = STRATEGIES.filter((name) => runs.some(({ strategy }) => strategy === name)).map((name) => {
    const own = runs.filter(({ strategy }) => strategy === name);
    const mean = (key) => own.reduce((sum, run) => sum + run[key], 0) / own.length;
    const after = own.map(({ accuracyAfter }) => accuracyAfter);
    const center = mean('accuracyAfter');
    const deviation = Math.sqrt(after.reduce((sum, x) => sum + (x - center) ** 2, 0) / (after.length - 1));
    const half = (T_OF_THREE * deviation) / Math.sqrt(after.length);
    return `| ${[
      name,
      percent(mean('accuracyBefore')),
      ...[1, 2, 3].map((part) => percent(own.reduce((sum, { curve }) => sum + curve[part], 0) / own.length)),
      after.map(percent).join(' / '),
      `${percent(center)} ± ${percent(half)}`,
      mean('rubricAfter').toFixed(2),
      percent(mean('formatAfter')),
      mean('updates').toFixed(0),
      (mean('sampledTokens') / 1e3).toFixed(0),
      percent(mean('deadGroups')),
      mean('trainingSeconds').toFixed(0),
    ].join(' | ')} |`;
  });
  const head = [
    'strategy',
    'before, %',
    ...[1, 2, 3].map((part) => `after ${part}/${PARTS}, %`),
    'after, seeds 1 / 2 / 3',
    'mean ± 95 %',
    'rubric',
    'format, %',
    'updates',
    'k tokens sampled',
    'dead groups, %',
    'training, s',
  ];
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...rows];
}
