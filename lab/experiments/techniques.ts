/**
 * What training through each strategy brings: the shipped policy, three seeds, the same seconds of training for every strategy.
 *
 * A short run of each strategy first shows what an update takes; then each gets as many updates as fit into the budget, evaluations
 * along the way not counted. The JSON goes to standard output, a Markdown table to standard error.
 */
import { provenance } from '../../bench/kit.js';
import { type TrainingRun, trainingRun } from '../../bench/runs.js';

export interface TechniquesExperiment {
  readonly strategies: readonly string[];
  /** Three, for which the interval below holds. */
  readonly seeds: readonly number[];
  readonly trainingSeconds: number;
  readonly calibrationUpdates: number;
  /** Besides the default configuration. */
  readonly settings: Readonly<Record<string, unknown>>;
}

const DEFAULTS: TechniquesExperiment = {
  strategies: ['forward', 'debate', 'tree', 'anneal'],
  seeds: [1, 2, 3],
  trainingSeconds: 48,
  calibrationUpdates: 12,
  settings: {},
};
/** Updates of a run that are slower than the rest. */
const WARM_UP_UPDATES = 2;
/** Evaluations of a run after the first: one for every this part of its updates. */
const PARTS = 6;
/** Student's t for three seeds, two-sided 95 %. */
const T_OF_THREE = 4.303;

export function main(options: Partial<TechniquesExperiment> = {}) {
  const {
    strategies,
    seeds,
    trainingSeconds,
    calibrationUpdates,
    settings: changed,
  } = { ...DEFAULTS, ...options };
  const runs: Measured[] = [];
  for (const strategy of strategies) {
    const short = { strategy, updates: calibrationUpdates, 'data.evaluationProblems': 8, ...changed };
    const { metrics } = trainingRun(short, ['--seed', '9']);
    const seconds = metrics.slice(WARM_UP_UPDATES).map((row) => row.step_time!);
    const updateSeconds = seconds.reduce((sum, each) => sum + each, 0) / seconds.length;
    const everyUpdates = Math.max(1, Math.round(trainingSeconds / updateSeconds / PARTS));
    const settings = {
      strategy,
      updates: PARTS * everyUpdates,
      'evaluation.everyUpdates': everyUpdates,
      ...changed,
    };
    for (const seed of seeds) {
      const run = measured(strategy, seed, trainingRun(settings, ['--seed', String(seed)]));
      process.stderr.write(`${JSON.stringify(run)}\n`);
      runs.push(run);
    }
  }
  process.stderr.write(`${tableOf(strategies, runs).join('\n')}\n`);
  return {
    ...provenance('npm run lab -- techniques'),
    experiment: 'techniques',
    trainingSeconds,
    runs,
  };
}

type Measured = ReturnType<typeof measured>;

function measured(strategy: string, seed: number, { summary, metrics, evaluations }: TrainingRun) {
  const { before, after } = summary;
  if (!before || !after) throw new Error('the measured run has no evaluation');
  const mean = (key: string): number =>
    metrics.reduce((sum, row) => sum + (row[key] ?? 0), 0) / metrics.length;
  return {
    strategy,
    seed,
    updates: summary.updates,
    accuracyBefore: before.accuracy!,
    accuracyAfter: after.accuracy!,
    /** Before, and after each part. */
    curve: evaluations.map((each) => each.metrics.accuracy!),
    rubricAfter: after.rubric!,
    formatAfter: after.formatCompliance,
    qualityAfter: after.reasoningQuality,
    trainingSeconds: metrics.reduce((sum, row) => sum + row.step_time!, 0),
    sampledTokens: metrics.reduce(
      (sum, row) => sum + row['tokens_per_second/rollout']! * row['time/rollout']!,
      0,
    ),
    deadGroups: mean('outcomes/dead_group'),
    cancelled: mean('outcomes/cancelled'),
  };
}

/** One row a strategy: means over seeds, and the interval of the accuracy. */
function tableOf(strategies: readonly string[], runs: readonly Measured[]): string[] {
  const percent = (share: number): string => (100 * share).toFixed(1);
  const rows = strategies
    .filter((name) => runs.some(({ strategy }) => strategy === name))
    .map((name) => {
      const own = runs.filter(({ strategy }) => strategy === name);
      const mean = (key: Exclude<keyof Measured, 'strategy' | 'curve'>): number =>
        own.reduce((sum, run) => sum + run[key], 0) / own.length;
      const after = own.map(({ accuracyAfter }) => accuracyAfter);
      const center = mean('accuracyAfter');
      const deviation = Math.sqrt(after.reduce((sum, x) => sum + (x - center) ** 2, 0) / (after.length - 1));
      const half = (T_OF_THREE * deviation) / Math.sqrt(after.length);
      return `| ${[
        name,
        percent(mean('accuracyBefore')),
        ...[1, 2, 3].map((part) =>
          percent(own.reduce((sum, { curve }) => sum + curve[part]!, 0) / own.length),
        ),
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
