/** `eval` as a user runs it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetWriteFile } from 'hyparquet-writer';
import t from 'tap';
import type { EvaluationReport } from '../../src/evaluation/evaluation-report.js';
import { cli, digest, readLines, temporaryFolder } from '../kit/cli.js';

interface Record_ {
  readonly type: string;
  readonly problems: number;
  readonly promptsTooLong: number;
  readonly greedy: EvaluationReport;
  readonly sampled?: EvaluationReport;
}

t.test('an evaluation reports, and keeps every completion', async (t) => {
  const folder = temporaryFolder(t);
  const out = join(folder, 'a');
  const { code, stdout, stderr } = await cli([
    'eval',
    '--json',
    '--problems=24',
    '--samples=4',
    `--out=${out}`,
  ]);
  t.equal(code, 0, stderr);
  const first = JSON.parse(stdout) as Record_;
  t.match(first, { type: 'evaluation', problems: 24, promptsTooLong: 0 });
  for (const [report, count] of [
    [first.greedy, 24],
    [first.sampled!, 96],
  ] as const) {
    t.equal(report.all.formatCompliance.count, count);
    t.equal(
      report.all.accuracy!.count + (report.all.rubric?.count ?? 0),
      count,
      'open problems have a rubric instead',
    );
  }
  t.same(Object.keys(first.sampled!.all.passAtK!), ['1', '2', '4']);
  const rows = readLines(folder, 'a', 'completions.jsonl');
  t.same(Object.keys(first.greedy.byType).sort(), [...new Set(rows.map(({ type }) => type))].sort());
  t.equal(rows.length, 24 + 96);
  for (const mode of ['greedy', 'sampled'] as const) {
    const of = rows.filter((row) => row.mode === mode);
    const right = of.filter((row) => row.isCorrect === true).length;
    const verifiable = of.filter((row) => row.isCorrect !== null).length;
    t.ok(Math.abs(right / verifiable - first[mode]!.all.accuracy!.value) < 1e-12, mode);
    t.ok(
      of.every(
        (row) => typeof row.gold === 'string' && 'answer' in row && 'check_answer' in (row.rewards as object),
      ),
    );
  }
});

t.test('the same seed gives the same completions, and greedy ones know no seed', async (t) => {
  const folder = temporaryFolder(t);
  const rows = [3, 4, 5, 6].map((n) => ({ question: `What is ${n} + 8?`, answer: String(n + 8) }));
  writeFileSync(join(folder, 'data.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  const run = async (out: string, seed: number) => {
    const args = ['eval', '--json', '--data=data.jsonl', '--samples=4', `--out=${out}`, `--seed=${seed}`];
    const { code, stdout, stderr } = await cli(args, { cwd: folder });
    t.equal(code, 0, stderr);
    return { report: JSON.parse(stdout) as Record_, completions: digest(folder, out, 'completions.jsonl') };
  };
  const [first, again, other] = await Promise.all([run('a', 42), run('b', 42), run('c', 43)]);
  t.equal(again.completions, first.completions);
  t.not(other.completions, first.completions);
  t.same(other.report.greedy, first.report.greedy);
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

t.test(
  'a Parquet file of other fields is evaluated, bad rows counted, rewards of users beside ours',
  async (t) => {
    const folder = temporaryFolder(t);
    const column = (name: string, data: unknown[]) => ({ name, data, type: 'STRING' as const });
    parquetWriteFile({
      filename: join(folder, 'data.parquet'),
      columnData: [
        column('prompt', ['What is 2 + 3?', 'What is 4 + 3?', 'What is 5 + 3?']),
        column('solution', ['5', null, '8']),
      ],
    });
    const reward = (name: string, body: string): void =>
      writeFileSync(
        join(folder, `${name}.mjs`),
        `export const name = '${name}', weight = 1, kind = 'shaping';\nexport function score(batch) { ${body} }\n`,
      );
    reward('words', "return batch.map(({ completion }) => completion.split(' ').length);");
    reward('partial', "if (batch[0].question.includes('5')) for (;;); return batch.map(() => 1);");
    const run = await cli(
      [
        ...['eval', '--json', '--data=data.parquet', '--fields=question=prompt,answer=solution', '--out=out'],
        ...['--on-bad-row=skip', '--rewards=words.mjs', '--rewards=partial.mjs'],
      ],
      { cwd: folder },
    );
    t.equal(run.code, 0, run.stderr);
    t.match(JSON.parse(run.stdout), {
      problems: 2,
      skipped: { 'solution is missing': 1 },
      greedy: {
        rewards: {
          words: { scored: 2, notScored: 0 },
          partial: { mean: { value: 1 }, scored: 1, notScored: 1 },
        },
      },
    });
    const rows = readLines(folder, 'out', 'completions.jsonl');
    t.same(
      rows.map((row) => (row.rewards as Record<string, unknown>).partial),
      [1, null],
    );
  },
);

t.test('wrong arguments, data and folders end with exit code 2, a wrong policy with 3', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'bad.jsonl'), '{"question":"x"}\n');
  for (const [args, code, says] of [
    [['eval', '--data=bad.jsonl'], 2, /bad\.jsonl:1: answer is wrong/],
    [['eval', '--data=none.jsonl'], 2, /could not be read/],
    [['eval', '--data=none.parquet'], 2, /could not be read/],
    [['eval', '--rewards=none.mjs'], 2, /no file at/],
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
