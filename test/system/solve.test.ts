/** `solve` as a user runs it. What the policy answers is not tested, only that everything about it is told. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { cli, parseLines, type Row, temporaryFolder } from '../kit/cli.js';

const QUESTION = 'What is 15% of 240?';
const solve = (...args: string[]) => cli(['solve', QUESTION, ...args]);

/** Records and solution, without what differs between two runs. */
function recordsOf(stdout: string): { events: Row[]; solution: Row } {
  const records = parseLines(stdout);
  const { seconds, ...solution } = records.at(-1)!;
  t.equal(typeof seconds, 'number');
  return { events: records.slice(0, -1), solution };
}

t.test('every strategy tells what it did, and the same seed does it again', async (t) => {
  for (const [strategy, type, args] of [
    ['forward', 'completion', ['--samples=3']],
    ['backward', 'completion', []],
    ['debate', 'turn', []],
    ['tree', 'expansion', ['--samples=6']],
  ] as const) {
    const run = () => solve(`--strategy=${strategy}`, '--json', '--seed=5', ...args);
    const [first, again] = await Promise.all([run(), run()]);
    const { events, solution } = recordsOf(first.stdout);
    t.same(recordsOf(again.stdout), { events, solution }, strategy);
    t.match(solution, { type: 'solution', strategy, question: QUESTION, budget: 2000, seed: 5 });
    t.equal(first.code, solution.answer === null ? 4 : 0, first.stderr);
    t.ok(events.length > 0 && events.every((event) => event.type === type), strategy);
    const completions = events.flatMap((event) => (event.completions ?? [event]) as Row[]);
    const tokens = completions.reduce((sum, each) => sum + (each.tokens as number), 0);
    t.equal(tokens, solution.tokens, `${strategy}: tokens add up`);
  }
});

t.test('another seed samples something else', async (t) => {
  const of = async (...args: string[]) => recordsOf((await solve('--json', ...args)).stdout).events;
  const [one, other] = await Promise.all([of('--samples=4', '--seed=1'), of('--samples=4', '--seed=2')]);
  t.notSame(one, other);
});

t.test('people read the reasoning, the answer and the cost; --quiet leaves the answer', async (t) => {
  const [people, quiet, json] = await Promise.all([solve(), solve('--quiet'), solve('--json', '--quiet')]);
  const records = parseLines(json.stdout);
  t.equal(records.length, 1);
  const { answer, completion, tokens } = records[0]!;
  t.equal(quiet.stdout, answer === null ? '' : `${answer}\n`);
  t.ok(people.stdout.startsWith(completion as string));
  t.match(people.stdout, new RegExp(`forward: .* ${tokens} of 2000 tokens, \\d+\\.\\d s\\.\\n$`));
  t.notMatch(people.stdout, '\u001b', 'no colours where there is no terminal');
});

t.test('--out keeps the solution beside the debate or the tree', async (t) => {
  const folder = temporaryFolder(t);
  const read = (...path: string[]) => JSON.parse(readFileSync(join(folder, ...path), 'utf8'));
  const [tree, debate] = await Promise.all([
    solve('--strategy=tree', '--samples=5', `--out=${join(folder, 'tree')}`),
    solve('--strategy=debate', `--out=${join(folder, 'new', 'debate')}`),
  ]);
  t.match(tree.stdout, /^\[n=5 v=\d\.\d\d.*\] \(prompt\)\n[|`]- \[n=/);
  t.equal(read('tree', 'tree.json').counts.rollouts, 5);
  t.match(read('tree', 'solution.json'), { type: 'solution', strategy: 'tree' });
  t.match(debate.stdout, /^Round 1, forward\n/);
  t.match(read('new', 'debate', 'debate.json'), { turns: [{ role: 'forward' }, { role: 'backward' }] });
});

t.test('a budget too small for one completion ends at once with exit code 4', async (t) => {
  const { code, stdout, stderr } = await solve('--budget=7', '--strategy=debate', '--json');
  t.equal(code, 4, stderr);
  t.match(recordsOf(stdout).solution, { answer: null, tokens: 0, stop: 'budget_too_small' });
  t.match(stderr, /a budget of 7 tokens is too small for one completion/);
  const cut = await solve('--max-tokens=3', '--json');
  t.equal(cut.code, 4);
  t.match(recordsOf(cut.stdout).solution, { answer: null, tokens: 3, stop: 'cut_off' });
  t.match(cut.stderr, /raise --max-tokens/);
});

t.test('wrong questions, options and folders end with exit code 2, a wrong policy with 3', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'full'));
  writeFileSync(join(folder, 'full', 'x'), '');
  const cases = [
    [['What', 'is'], 2, /put it in quotes/],
    [['long '.repeat(2000)], 2, /prompt of \d+ tokens; expected at most \d+/],
    [['Q', '--out=full'], 2, /not empty/],
    [['Q', '--out=full/x'], 2, /cannot be created .*new or empty/],
    [['Q', '--model=nowhere'], 3, /No policy at/],
  ] as const;
  const finished = await Promise.all(cases.map(([args]) => cli(['solve', ...args], { cwd: folder })));
  for (const [i, [args, code, says]] of cases.entries()) {
    t.equal(finished[i]!.code, code, `${args.join(' ').slice(0, 40)}: ${finished[i]!.stderr}`);
    t.match(finished[i]!.stderr, says);
    t.equal(finished[i]!.stdout, '');
  }
});
