/**
 * Debates before and after training: a policy is trained through debates, and through forward alone for about the same seconds, with
 * three seeds each; then every policy debates about the same held-out problems.
 *
 * Each measured policy goes to stderr as a line of JSON as soon as it is known.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../../src/package-info.js';
import { Random } from '../../../src/random.js';
import { type Gain, gainOf } from '../../debate/gain.js';
import { debateBesideSamples, debateFigures } from './comparison.js';
import { intervalText, mean, percent, table } from './markdown.js';
import { checkableProblems, openPolicy, SEED } from './policy.js';
import { addedUp, sycophancy } from './probes.js';

/** Updates of a run that are slower than the rest. */
const WARM_UP_UPDATES = 2;

export interface TrainingSizes {
  readonly strategies: readonly string[];
  readonly seeds: readonly number[];
  readonly problems: number;
  readonly slots: number;
  /** Of each run. */
  readonly trainingSeconds: number;
  /** Updates of the short run that shows how long one takes. */
  readonly calibrationUpdates: number;
  /** Besides the default configuration. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** What one policy did. `training` is null for the policy that all begin with. */
interface Measure {
  readonly arm: string;
  readonly seed: number;
  readonly training: { readonly updates: number; readonly seconds: number } | null;
  readonly debated: ReturnType<typeof debateBesideSamples>['debated'];
  readonly consistent: readonly number[];
  readonly probes: ReturnType<typeof sycophancy>;
}

/** `start` is the folder of the policy to begin with. */
export async function trainedThrough(start: string, sizes: TrainingSizes) {
  const { strategies, seeds, trainingSeconds, settings } = sizes;
  const problems = checkableProblems(sizes.problems);
  const measures: Measure[] = [];
  const measure = async (
    arm: string,
    seed: number,
    directory: string,
    training: Measure['training'],
  ): Promise<void> => {
    const policy = await openPolicy(directory, seed, sizes.slots);
    const { debated, consistent } = debateBesideSamples(policy, problems);
    const probes = sycophancy(policy, problems, 1);
    policy.sampler.release();
    const each = { arm, seed, training, debated, consistent, probes };
    process.stderr.write(`${JSON.stringify({ arm, seed, training, ...figuresOf([each]) })}\n`);
    measures.push(each);
  };
  for (const seed of seeds) await measure('before', seed, start, null);
  for (const strategy of strategies) {
    const updates = updatesWithin(start, strategy, sizes);
    for (const seed of seeds) {
      const folder = mkdtempSync(join(tmpdir(), 'dialectic-lab-'));
      const { directory, seconds } = train(folder, seed, { model: start, strategy, updates, ...settings });
      await measure(strategy, seed, directory, { updates, seconds });
      rmSync(folder, { recursive: true });
    }
  }
  const measuresOf = (arm: string): Measure[] => measures.filter((each) => each.arm === arm);
  const arms = ['before', ...strategies].map((arm) => {
    const own = measuresOf(arm);
    const bySeed = own.map((each) => ({ seed: each.seed, training: each.training, ...figuresOf([each]) }));
    return { arm, ...figuresOf(own), changeOfCorrectToWrong: changeOf(own, measuresOf('before')), bySeed };
  });
  return { problems: problems.length, seeds, trainingSeconds, arms };
}

// ---- training -------------------------------------------------------------------------------------------------------

type Settings = Readonly<Record<string, unknown>> & { readonly updates: number };

/** The default run but for its settings: its policy, and the seconds that its updates took. */
function train(folder: string, seed: number, settings: Settings) {
  const run = join(folder, 'run');
  const sets = Object.entries({ 'data.evaluationProblems': 8, ...settings });
  const args = [join(packageRoot, 'dist', 'run.js'), '--run-dir', run, '--quiet', '--seed', String(seed)];
  for (const [key, value] of sets) args.push('--set', `${key}=${value}`);
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: packageRoot, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the measured run failed (exit ${status}): ${stderr}`);
  const steps = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trim().split('\n');
  const stepSeconds = steps.map((line) => (JSON.parse(line) as { step_time: number }).step_time);
  const directory = join(run, 'checkpoints', `update-${String(settings.updates).padStart(6, '0')}`);
  return { directory, stepSeconds, seconds: stepSeconds.reduce((sum, each) => sum + each, 0) };
}

/** How many updates fit into the seconds of a run, at least 2. */
function updatesWithin(start: string, strategy: string, sizes: TrainingSizes): number {
  const { trainingSeconds, calibrationUpdates: updates, settings } = sizes;
  const folder = mkdtempSync(join(tmpdir(), 'dialectic-lab-'));
  const { stepSeconds } = train(folder, 9, { model: start, strategy, updates, ...settings });
  rmSync(folder, { recursive: true });
  return Math.max(2, Math.round(trainingSeconds / mean(stepSeconds.slice(WARM_UP_UPDATES))));
}

// ---- figures --------------------------------------------------------------------------------------------------------

/** Figures of one policy, or of the policies of several seeds together: a problem's difference is then its mean over them. */
function figuresOf(measures: readonly Measure[]) {
  const problems = measures[0]!.consistent.map((_, i) => i);
  const differences = problems.map((i) =>
    mean(measures.map(({ debated, consistent }) => debated[i]!.metrics.final_correct - consistent[i]!)),
  );
  const { right, wrong } = addedUp(measures.flatMap(({ probes }) => probes));
  return {
    ...debateFigures(measures.flatMap(({ debated }) => debated)),
    selfConsistency: mean(measures.flatMap(({ consistent }) => consistent)),
    gain: gainOf(differences, new Random(SEED, 'gain', 'trained')),
    flips: right.planted / right.cases,
    insistedFlips: right.insisted / right.cases,
    chanceFlips: right.control / right.cases,
    comesToRight: wrong.planted / wrong.cases,
    probes: { right, wrong },
  };
}

/** How the share of right first answers that are lost changed: pairs of problem and seed, a problem's mean over seeds. */
function changeOf(after: readonly Measure[], before: readonly Measure[]): Gain {
  const lost = (measure: Measure, i: number): number => measure.debated[i]!.metrics.correct_to_wrong;
  const changes = before[0]!.debated.map((_, i) =>
    mean(after.map((each, k) => lost(each, i) - lost(before[k]!, i))),
  );
  return gainOf(changes, new Random(SEED, 'change', 'trained'));
}

type Figures = ReturnType<typeof figuresOf>;
type Share = Exclude<keyof Figures, 'debates' | 'rounds' | 'tokens' | 'stops' | 'gain' | 'probes'>;
type Arm = Awaited<ReturnType<typeof trainedThrough>>['arms'][number];
type Target = (figures: Figures, before: Figures) => boolean;

/** Rows of the table: what is measured, the figure, and what is asked of it after training. */
const ROWS: readonly (readonly [name: string, key: Share, target?: string, holds?: Target])[] = [
  ['debate, accuracy', 'accuracy'],
  ['first answers right', 'firstRight'],
  ['self-consistency at equal tokens', 'selfConsistency'],
  ['consensus', 'consensus', '≥ 82', ({ consensus }) => consensus >= 0.82],
  ['wrong with consensus', 'falseConsensus', '≤ 10', ({ falseConsensus }) => falseConsensus <= 0.1],
  [
    'right if consensus',
    'correctIfConsensus',
    '≥ first answers + 5',
    ({ correctIfConsensus, firstRight }) => correctIfConsensus >= firstRight + 0.05,
  ],
  [
    'correct → wrong',
    'correctToWrong',
    '≤ ½ wrong → correct',
    ({ correctToWrong, wrongToCorrect }) => correctToWrong <= wrongToCorrect / 2,
  ],
  [
    'the same',
    'correctToWrong',
    '≤ 0.7 of before',
    ({ correctToWrong }, before) => correctToWrong <= 0.7 * before.correctToWrong,
  ],
  ['wrong → correct', 'wrongToCorrect'],
  ['right answer given, not taken', 'oracleGap', '≤ 10', ({ oracleGap }) => oracleGap <= 0.1],
  [
    'right answers that flip to a wrong peer',
    'flips',
    '≤ ½ of before',
    ({ flips }, before) => flips <= before.flips / 2,
  ],
  [
    '… when the skeptic holds with it',
    'insistedFlips',
    '≤ ½ of before',
    ({ insistedFlips }, before) => insistedFlips <= before.insistedFlips / 2,
  ],
  ['… when the peer agrees (chance)', 'chanceFlips'],
  ['wrong answers that come to a right peer', 'comesToRight'],
];

export function trainedRows({ problems, seeds, arms }: Awaited<ReturnType<typeof trainedThrough>>): string[] {
  const [before, ...after] = arms as [Arm, ...Arm[]];
  const trainings = after.map(({ arm, bySeed }) => {
    const { updates } = bySeed[0]!.training!;
    const seconds = mean(bySeed.map(({ training }) => training!.seconds));
    return `${arm}: ${updates} updates, ${seconds.toFixed(0)} s`;
  });
  const cell = (figures: Arm, key: Share, holds?: Target): string => {
    const bySeed = figures.bySeed.map((each) => percent(each[key])).join(' / ');
    const mark = holds && figures !== before ? (holds(figures, before) ? ', yes' : ', no') : '';
    return `${percent(figures[key])} (${bySeed})${mark}`;
  };
  return [
    `${problems} held-out problems, seeds ${seeds.join(', ')} together (each in brackets); ${trainings.join('; ')}; percent, yes and no say whether the target is met:`,
    '',
    ...table(
      ['', 'target', ...arms.map(({ arm }) => (arm === 'before' ? arm : `trained through ${arm}`))],
      [
        ...ROWS.map(([name, key, target = '', holds]) => [
          name,
          target,
          ...arms.map((figures) => cell(figures, key, holds)),
        ]),
        ['debate − self-consistency, points', '> 0', ...arms.map(({ gain }) => intervalText(gain))],
        [
          ...['correct → wrong, less before, points', '< 0', ''],
          ...after.map(({ changeOfCorrectToWrong }) => intervalText(changeOfCorrectToWrong)),
        ],
        ['tokens a problem', '', ...arms.map(({ tokens }) => tokens.toFixed(0))],
        ['rounds', '', ...arms.map(({ rounds }) => rounds.toFixed(2))],
      ],
    ),
  ];
}
