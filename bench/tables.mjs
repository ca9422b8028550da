/** Turns the JSON of `npm run bench -- learning` (a file, or standard input) into the tables and curves of docs/learning.md. */
import { readFileSync } from 'node:fs';

const { runs, date, node, cpu, cpuCount, heldOutProblems } = JSON.parse(
  readFileSync(process.argv[2] ?? 0, 'utf8'),
);
const percent = (share) => (100 * share).toFixed(1);
const signed = (value) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;

const lines = [
  `Measured by \`npm run bench -- learning\` on ${date}: ${cpu}, ${cpuCount} cores, Node ${node}; ${heldOutProblems} held-out problems, greedy, 120 updates.`,
  '',
  '| run | seed | before | after | gain | math / code / logic after | format after | sampled accuracy | entropy | dead groups | tokens per completion | training, s |',
  '|---|---|---|---|---|---|---|---|---|---|---|---|',
  ...runs.map((run) => {
    const domains = ['math', 'code', 'logic_puzzle']
      .map((name) => percent(run.byDomainAfter[name]))
      .join(' / ');
    return `| ${[
      run.name,
      run.seed,
      percent(run.accuracyBefore),
      percent(run.accuracyAfter),
      signed(run.gainPoints),
      domains,
      percent(run.formatAfter),
      percent(run.sampledAccuracyLast10),
      run.entropyLast10.toFixed(3),
      percent(run.deadGroupsLast10),
      run.meanLengthLast10.toFixed(1),
      run.trainingSeconds.toFixed(0),
    ].join(' | ')} |`;
  }),
  '',
  '```mermaid',
  'xychart-beta',
  '  title "Held-out accuracy, %, by update: three seeds, and three controls with shuffled rewards"',
  `  x-axis [${runs[0].curve.map(([update]) => update).join(', ')}]`,
  '  y-axis "accuracy, %" 40 --> 100',
  ...runs
    .filter(({ name }) => name === 'default' || name === 'shuffled rewards')
    .map(({ curve }) => `  line [${curve.map(([, accuracy]) => percent(accuracy)).join(', ')}]`),
  '```',
  '',
  `| run | seed | ${runs[0].curve.map(([update]) => update).join(' | ')} |`,
  `|---|---|${runs[0].curve.map(() => '---').join('|')}|`,
  ...runs.map(
    ({ name, seed, curve }) =>
      `| ${name} | ${seed} | ${curve.map(([, accuracy]) => percent(accuracy)).join(' | ')} |`,
  ),
  '',
  `Largest difference between a log-probability of the sampler and of the learner in any of these runs: ${Math.max(...runs.map((run) => run.largestLogProbDifference)).toExponential(1)}.`,
];
process.stdout.write(`${lines.join('\n')}\n`);
