/** Signals: `solve` that is told to stop reports the best answer so far, in every strategy and every form. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseLines, type Row, startCli, temporaryFolder } from '../kit/cli.js';
import { packageRoot } from '../kit/root.js';

/** Starts what would go on for long after the first event. */
const start = (...args: string[]) =>
  startCli(['solve', 'What is 15% of 240?', '--budget=1000000', '--seed=5', ...args]);

const completionsOf = (events: readonly Row[]): Row[] =>
  events.flatMap((event) => (event.completions ?? [event]) as Row[]);

for (const [strategy, samples, signal] of [
  ['forward', 1024, 'SIGINT'],
  ['debate', 100, 'SIGTERM'],
  ['tree', 1024, 'SIGINT'],
] as const) {
  t.test(`${strategy}: the first ${signal} ends it with what there is, marked as partial`, async (t) => {
    const out = join(temporaryFolder(t), 'out');
    const read = (name: string) => JSON.parse(readFileSync(join(out, name), 'utf8'));
    const args = [`--strategy=${strategy}`, `--samples=${samples}`, '--json', `--out=${out}`];
    const { child, finished, until } = start(...args);
    await until(/"type":"(completion|turn|expansion)"/);
    child.kill(signal);
    const { code, stdout, stderr } = await finished;
    t.equal(code, 130, stderr);
    const records = parseLines(stdout);
    const [events, solution] = [records.slice(0, -1), records.at(-1)!];
    t.match(solution, { type: 'solution', strategy, interrupted: true, stop: 'interrupted' });
    t.notOk(events.some(({ type }) => type === 'solution'));
    t.strictSame(read('solution.json'), solution);
    const completions = completionsOf(events);
    const told = completions.reduce((sum, { tokens }) => sum + (tokens as number), 0);
    t.equal(told + (solution.unfinishedTokens as number), solution.tokens, 'tokens add up');
    const voters = strategy === 'debate' ? events.filter(({ role }) => role !== 'skeptic') : events;
    const voted = completionsOf(voters).filter(({ answer }) => answer !== null).length;
    const votes = solution.votes as { answer: string; count: number }[];
    t.equal(
      votes.reduce((sum, { count }) => sum + count, 0),
      voted,
      'whoever finished has a vote',
    );
    t.equal(solution.answer, votes[0]?.answer ?? null);
    if (strategy === 'forward') t.same(read('completions.json'), events);
    if (strategy === 'debate') t.same(read('debate.json').turns, events);
    if (strategy === 'tree') t.ok(read('tree.json').counts.rollouts <= completions.length);
  });
}

t.test('people read that the answer is the best so far, and what was cut', async (t) => {
  const { child, finished, until } = start('--samples=1024');
  await until(/-> \d+\n/);
  child.kill('SIGINT');
  const { code, stdout } = await finished;
  t.equal(code, 130);
  t.match(stdout, /\nAnswer so far: .+\nforward: interrupted after \d+ of 1000000 tokens, .*s\.\n$/);
});

/** A policy whose completions never end, so that none is finished. */
function endlessPolicy(folder: string): string {
  const model = join(folder, 'model');
  cpSync(join(packageRoot, 'models', 'nano'), model, { recursive: true });
  const change = (name: string, fields: object): void => {
    const path = join(model, name);
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...fields }));
  };
  // The padding token is as good as never sampled.
  change('config.json', { max_position_embeddings: 32_768, eos_token_id: 0 });
  change('tokenizer_config.json', { eos_token: '<pad>' });
  return model;
}

t.test('with nothing finished it says so', async (t) => {
  const model = endlessPolicy(temporaryFolder(t));
  const { child, finished, until } = start(`--model=${model}`, '--samples=2', '--max-tokens=30000');
  await until(/Completion 1 of 2\n/);
  child.kill('SIGINT');
  const { code, stdout, stderr } = await finished;
  t.equal(code, 130);
  t.equal(stderr, 'No answer: interrupted before a completion was finished.\n');
  t.match(
    stdout,
    /^Completion 1 of 2\n[\s\S]*-> interrupted\n\nNo answer\.\nforward: interrupted after \d+ of/,
  );
});

t.test('a second signal ends the process at once', async (t) => {
  const { child, finished, until } = start('--samples=1024', '--json');
  await until(/"type":"completion"/);
  // Both are there before the process can answer the first.
  for (const signal of ['SIGSTOP', 'SIGINT', 'SIGTERM', 'SIGCONT'] as const) child.kill(signal);
  const { code, stdout } = await finished;
  t.equal(code, 130);
  t.notMatch(stdout, /"type":"solution"/);
});
