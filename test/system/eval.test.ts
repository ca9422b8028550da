/** `eval` and `doctor` as a user runs them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { EvaluationReport } from '../../src/observe/evaluation-report.js';
import { cli, digest, readLines, temporaryFolder } from '../kit/cli.js';

interface Record_ {
  readonly type: string;
  readonly problems: number;
  readonly promptsTooLong: number;
  readonly greedy: EvaluationReport;
  readonly sampled?: EvaluationReport;
}

t.test('an evaluation reports, keeps every completion, and repeats', async (t) => {
  const folder = temporaryFolder(t);
  const run = async (name: string, ...more: string[]) => {
    const args = ['eval', '--json', '--problems=24', '--samples=4', `--out=${join(folder, name)}`, ...more];
    const { code, stdout, stderr } = await cli(args);
    t.equal(code, 0, stderr);
    return JSON.parse(stdout) as Record_;
  };
  const first = await run('a');
  t.match(first, { type: 'evaluation', problems: 24, promptsTooLong: 0 });
  t.equal(first.greedy.all.accuracy!.count, 24);
  t.equal(first.sampled!.all.accuracy!.count, 96);
  t.same(Object.keys(first.sampled!.all.passAtK!), ['1', '2', '4']);
  t.same(Object.keys(first.greedy.byType).sort(), ['code', 'logic_puzzle', 'math']);
  const rows = readLines(folder, 'a', 'completions.jsonl');
  t.equal(rows.length, 24 + 96);
  for (const mode of ['greedy', 'sampled'] as const) {
    const of = rows.filter((row) => row.mode === mode);
    const right = of.filter((row) => row.isCorrect === true).length;
    t.ok(Math.abs(right / of.length - first[mode]!.all.accuracy!.value) < 1e-12, mode);
    t.ok(
      of.every(
        (row) => typeof row.gold === 'string' && 'answer' in row && 'check_answer' in (row.rewards as object),
      ),
    );
  }
  await run('b');
  t.equal(digest(folder, 'b', 'completions.jsonl'), digest(folder, 'a', 'completions.jsonl'));
  const other = await run('c', '--seed=43');
  t.same(other.greedy, first.greedy, 'greedy completions know no seed');
  t.not(digest(folder, 'c', 'completions.jsonl'), digest(folder, 'a', 'completions.jsonl'));
});

t.test(
  'a file of problems is evaluated; a prompt that is too long counts as wrong, and is counted',
  async (t) => {
    const folder = temporaryFolder(t);
    const rows = [
      { question: 'What is 15% of 240?', answer: '36', type: 'math', lineage: 'percent' },
      { question: 'long '.repeat(2000), answer: 'x' },
      {
        question: 'Tell a story about a clock.',
        answer: 'A clock in the old town dreamed of the sea.',
        type: 'creative',
      },
    ];
    const file = join(folder, 'data.jsonl');
    writeFileSync(file, rows.map((row) => JSON.stringify(row)).join('\n'));
    const { code, stdout, stderr } = await cli(['eval', `--data=${file}`, '--json'], { cwd: folder });
    t.equal(code, 0, stderr);
    const report = JSON.parse(stdout) as Record_;
    t.match(report, { problems: 3, promptsTooLong: 1 });
    t.equal(report.greedy.all.accuracy!.count, 2);
    t.equal(report.greedy.byType.creative!.rubric!.count, 1);
    const people = await cli(['eval', `--data=${file}`], { cwd: folder });
    t.match(people.stdout, /creative/);
    t.match(people.stdout, /1 prompts were too long/);
  },
);

t.test('wrong arguments, data and folders end with exit code 2, a wrong policy with 3', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'bad.jsonl'), '{"question":"x"}\n');
  for (const [args, code, says] of [
    [['eval', '--data=bad.jsonl'], 2, /bad\.jsonl:1: field answer/],
    [['eval', '--data=none.jsonl'], 2, /cannot be read/],
    [['eval', '--out=.'], 2, /not empty/],
    [['eval', '--temperature=0'], 2, /above 0/],
    [['eval', '--sample=2'], 2, /samples/],
    [['eval', '--model=nowhere'], 3, /No policy at/],
  ] as const) {
    const finished = await cli(args, { cwd: folder });
    t.equal(finished.code, code, `${args.join(' ')}: ${finished.stderr}`);
    t.match(finished.stderr, says);
  }
});

t.test('doctor says what it found, for people and for programs', async (t) => {
  const folder = temporaryFolder(t);
  const well = await cli(['doctor'], { cwd: folder });
  t.equal(well.code, 0, well.stdout);
  t.match(well.stdout, /pass {2}operators[\s\S]*Ready\./);
  const ill = await cli(['doctor', '--json', '--model=nowhere'], { cwd: folder });
  t.equal(ill.code, 1);
  t.match(JSON.parse(ill.stdout), { type: 'doctor', failed: 1 });
});
