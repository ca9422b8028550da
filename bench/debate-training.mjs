/**
 * Debates before and after training: a policy is trained through debates, and through forward alone for about the same seconds, with
 * three seeds each; then every policy debates about the same held-out problems.
 *
 * Each measured policy goes to stderr as a line of JSON as soon as it is known. TRAINING_SECONDS and PROBLEMS in the environment change
 * how much is done.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../dist/random.js';
import { gainOf } from '../lab/debate/gain.js';
import { debateBesideSamples, debateFigures, mean } from './debate-comparison.mjs';
import { intervalText, percent, table } from './debate-markdown.mjs';
import { checkableProblems, openPolicy, SEED } from './debate-policy.mjs';
import { addedUp, sycophancy } from './debate-probes.mjs';
import { ROOT } from './runs.mjs';

const STRATEGIES = ['debate', 'forward'];
const SEEDS = [1, 2, 3];
const TRAINING_SECONDS = Number(process.env.TRAINING_SECONDS ?? 60);
const PROBLEMS = Number(process.env.PROBLEMS ?? 200);
const CALIBRATION_UPDATES = 8;
/** Updates of a run that are slower than the rest. */
const WARM_UP_UPDATES = 2;

/** `start` is the folder of the policy to begin with. */
export async function trainedThrough(start) {
  const problems = checkableProblems(PROBLEMS);
  const measures = [];
  const measure = async (arm, seed, directory, training) => {
    const policy = await openPolicy(directory, seed);
    const { debated, consistent } = debateBesideSamples(policy, problems);
    const probes = sycophancy(policy, problems, 1);
    policy.sampler.release();
    const each = { arm, seed, training, debated, consistent, probes };
    process.stderr.write(`${JSON.stringify({ arm, seed, training, ...figuresOf([each]) })}\n`);
    measures.push(each);
  };
  for (const seed of SEEDS) await measure('before', seed, start, null);
  for (const strategy of STRATEGIES) {
    const updates = updatesWithin(start, strategy, TRAINING_SECONDS);
    for (const seed of SEEDS) {
      const folder = mkdtempSync(join(tmpdir(), 'dialectic-bench-'));
      const { directory, seconds } = train(folder, start, strategy, seed, updates);
      await measure(strategy, seed, directory, { updates, seconds });
      rmSync(folder, { recursive: true });
    }
  }
  const measuresOf = (arm) => measures.filter((each) => each.arm === arm);
  const arms = ['before', ...STRATEGIES].map((arm) => {
    const own = measuresOf(arm);
    const bySeed = own.map((each) => ({ seed: each.seed, training: each.training, ...figuresOf([each]) }));
    return { arm, ...figuresOf(own), changeOfCorrectToWrong: changeOf(own, measuresOf('before')), bySeed };
  });
  return { problems: problems.length, seeds: SEEDS, trainingSeconds: TRAINING_SECONDS, arms };
}

// ---- training -------------------------------------------------------------------------------------------------------

/** The default run but for policy and strategy: its policy, and the seconds that its updates took. */
function train(folder, start, strategy, seed, updates) {
  const run = join(folder, 'run');
  const sets = { model: start, strategy, updates, 'data.evaluationProblems': 8 };
  const args = [join(ROOT, 'dist', 'run.js'), '--run-dir', run, '--quiet', '--seed', String(seed)];
  for (const [key, value] of Object.entries(sets)) args.push('--set', `${key}=${value}`);
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the measured run failed (exit ${status}): ${stderr}`);
  const steps = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trim().split('\n');
  const stepSeconds = steps.map((line) => JSON.parse(line).step_time);
  const directory = join(run, 'checkpoints', `update-${String(updates).padStart(6, '0')}`);
  return { directory, stepSeconds, seconds: stepSeconds.reduce((sum, each) => sum + each, 0) };
}

function updatesWithin(start, strategy, seconds) {
  const folder = mkdtempSync(join(tmpdir(), 'dialectic-bench-'));
  const { stepSeconds } = train(folder, start, strategy, 9, CALIBRATION_UPDATES);
  rmSync(folder, { recursive: true });
  return Math.max(2, Math.round(seconds / mean(stepSeconds.slice(WARM_UP_UPDATES))));
}

// ---- figures --------------------------------------------------------------------------------------------------------

/** Figures of one policy, or of the policies of several seeds together: a problem's difference is then its mean over them. */
function figuresOf(measures) {
  const problems = measures[0].consistent.map((_, i) => i);
  const differences = problems.map((i) =>
    mean(measures.map(({ debated, consistent }) => debated[i].final_correct - consistent[i])),
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
function changeOf(after, before) {
  const changes = before[0].debated.map((_, i) =>
    mean(after.map(({ debated }, k) => debated[i].correct_to_wrong - before[k].debated[i].correct_to_wrong)),
  );
  return gainOf(changes, new Random(SEED, 'change', 'trained'));
}

/** Rows of the table: what is measured, the figure, and what is asked of it after training. */
const ROWS = [
  ['debate, accuracy', 'accuracy'],
  ['first answers right', 'firstRight'],
  ['self-consistency at equal tokens', 'selfConsistency'],
  ['consensus', 'consensus', '≥ 82', ({ consensus }) => consensus >= 0.82],
  ['wrong with consensus', 'falseConsensus', '≤ 10', ({ falseConsensus }) => falseConsensus <= 0.1],
  [
    ...['right if consensus', 'correctIfConsensus', '≥ first answers + 5'],
    ({ correctIfConsensus, firstRight }) => correctIfConsensus >= firstRight + 0.05,
  ],
  [
    ...['correct → wrong', 'correctToWrong', '≤ ½ wrong → correct'],
    ({ correctToWrong, wrongToCorrect }) => correctToWrong <= wrongToCorrect / 2,
  ],
  [
    ...['the same', 'correctToWrong', '≤ 0.7 of before'],
    ({ correctToWrong }, before) => correctToWrong <= 0.7 * before.correctToWrong,
  ],
  ['wrong → correct', 'wrongToCorrect'],
  ['right answer given, not taken', 'oracleGap', '≤ 10', ({ oracleGap }) => oracleGap <= 0.1],
  [
    ...['right answers that flip to a wrong peer', 'flips', '≤ ½ of before'],
    ({ flips }, before) => flips <= before.flips / 2,
  ],
  [
    ...['… when the skeptic holds with it', 'insistedFlips', '≤ ½ of before'],
    ({ insistedFlips }, before) => insistedFlips <= before.insistedFlips / 2,
  ],
  ['… when the peer agrees (chance)', 'chanceFlips'],
  ['wrong answers that come to a right peer', 'comesToRight'],
];

export function trainedRows({ problems, seeds, arms }) {
  const [before, ...after] = arms;
  const trainings = after.map(({ arm, bySeed }) => {
    const { updates } = bySeed[0].training;
    const seconds = mean(bySeed.map(({ training }) => training.seconds));
    return `${arm}: ${updates} updates, ${seconds.toFixed(0)} s`;
  });
  const cell = (figures, key, holds) => {
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
