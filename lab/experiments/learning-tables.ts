/** Turns what `npm run lab -- learning` found into the tables and curves of docs/learning.md. */
import type { main } from './learning.js';

export type LearningResult = ReturnType<typeof main>;
type Run = LearningResult['runs'][number];
type Scores = Run['before']['byDomain'][string];

const percent = (share: number | null): string => (100 * share!).toFixed(1);
const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;
const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
const head = (cells: readonly (string | number)[]): string[] => [
  row(cells),
  `|${cells.map(() => '---').join('|')}|`,
];

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** "accuracy" of a domain in percent, or its rubric score where its problems are open. */
const scoreOf = ({ accuracy, rubric }: Scores): string =>
  accuracy === null ? rubric!.toFixed(2) : `${percent(accuracy)} %`;

/** Lines of Markdown. */
export function learningTables({ runs, date, node, cpu, cpuCount }: LearningResult): string[] {
  const defaults = runs.filter(({ name }) => name === 'default');
  const { updates, before: first, curve: ticks } = defaults[0]!;

  const domainRows = Object.keys(first.byDomain).map((domain) =>
    row([
      domain,
      first.byDomain[domain]!.problems,
      scoreOf(first.byDomain[domain]!),
      ...defaults.map(({ after }) => scoreOf(after.byDomain[domain]!)),
      ...(['formatCompliance', 'reasoningQuality'] as const).map((key) =>
        [first.byDomain[domain]![key], mean(defaults.map(({ after }) => after.byDomain[domain]![key]))]
          .map((value) => (key === 'formatCompliance' ? percent(value) : value.toFixed(2)))
          .join(' > '),
      ),
    ]),
  );
  const curveRange = runs.flatMap(({ curve }) => curve.map(([, accuracy]) => 100 * accuracy));

  return [
    `Measured by \`npm run lab -- learning\` on ${date}: ${cpu}, ${cpuCount} cores, Node ${node}; ${first.problems} held-out problems, greedy, ${updates} updates.`,
    '',
    ...head([
      'domain',
      'problems',
      'before',
      ...defaults.map(({ seed }) => `after, seed ${seed}`),
      'format, %',
      'quality',
    ]),
    ...domainRows,
    row([
      '**accuracy**',
      first.problems,
      `${percent(first.accuracy)} %`,
      ...defaults.map(({ after }) => `${percent(after.accuracy)} %`),
      `${percent(first.formatCompliance)} > ${percent(mean(defaults.map(({ after }) => after.formatCompliance)))}`,
      `${first.reasoningQuality.toFixed(2)} > ${mean(defaults.map(({ after }) => after.reasoningQuality)).toFixed(2)}`,
    ]),
    row([
      '**rubric**',
      '',
      first.rubric!.toFixed(2),
      ...defaults.map(({ after }) => after.rubric!.toFixed(2)),
      '',
      '',
    ]),
    '',
    ...head([
      'run',
      'seed',
      'before',
      'after',
      'gain',
      'rubric',
      'format after',
      'quality after',
      'sampled accuracy',
      'entropy',
      'dead groups',
      'tokens per completion',
      'training, s',
      'in all, s',
    ]),
    ...runs.map((run) =>
      row([
        run.name,
        run.seed,
        percent(run.before.accuracy),
        percent(run.after.accuracy),
        signed(run.gainPoints),
        `${run.before.rubric!.toFixed(2)} > ${run.after.rubric!.toFixed(2)}`,
        percent(run.after.formatCompliance),
        run.after.reasoningQuality.toFixed(2),
        percent(run.sampledAccuracyLast10),
        run.entropyLast10.toFixed(3),
        percent(run.deadGroupsLast10),
        run.meanLengthLast10.toFixed(1),
        run.trainingSeconds.toFixed(0),
        run.wallSeconds.toFixed(0),
      ]),
    ),
    '',
    '```mermaid',
    'xychart-beta',
    '  title "Held-out accuracy, %, by update: three seeds, and three controls with shuffled rewards"',
    `  x-axis [${ticks.map(([update]) => update).join(', ')}]`,
    `  y-axis "accuracy, %" ${Math.floor(Math.min(...curveRange) / 10) * 10} --> ${Math.ceil(Math.max(...curveRange) / 10) * 10}`,
    ...runs
      .filter(({ name }) => name === 'default' || name === 'shuffled rewards')
      .map(({ curve }) => `  line [${curve.map(([, accuracy]) => percent(accuracy)).join(', ')}]`),
    '```',
    '',
    ...head(['run', 'seed', ...ticks.map(([update]) => update)]),
    ...runs.map(({ name, seed, curve }) =>
      row([name, seed, ...curve.map(([, accuracy]) => percent(accuracy))]),
    ),
    '',
    `Largest difference between a log-probability of the sampler and of the learner in any of these runs: ${Math.max(...runs.map((run) => run.largestLogProbDifference)).toExponential(1)}.`,
  ];
}
