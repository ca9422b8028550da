/** The examples of the library do what they say, in small. */
import { join } from 'node:path';
import { type ConfigInput, solve, train } from 'dialectic';
import t from 'tap';
import { trainBriefly } from '../../examples/own-reward.js';
import askTwice from '../../examples/own-technique.js';
import {
  aSamplerThatFailsIsReplacedByAnother,
  aTaskBecomesOneScoredGroup,
} from '../../examples/protocol-test.js';
import { watch } from '../../examples/watch-events.js';
import { readLines, temporaryFolder } from '../kit/cli.js';

const small = (runDir: string): ConfigInput => ({
  updates: 2,
  runDir,
  data: { evaluationProblems: 4 },
  sampling: { promptsPerUpdate: 4, groupSize: 4, maxCompletionTokens: 120 },
});

t.test('own-reward: the reward is counted in every update', async (t) => {
  const folder = join(temporaryFolder(t), 'run');
  const means = await trainBriefly(small(folder));
  t.equal(means.length, 2);
  t.ok(
    means.every((mean) => mean > 0 && mean < 1),
    `${means}`,
  );
  t.same(
    readLines(folder, 'metrics.jsonl').map((row) => row['rewards/brevity/mean']),
    means,
  );
});

t.test('watch-events: updates, evaluations and dropped groups are told', async (t) => {
  const lines: string[] = [];
  await watch(small(join(temporaryFolder(t), 'run')), (line) => lines.push(line));
  t.equal(lines.filter((line) => /^reward of updates 1 and 2: \d\.\d{3}$/.test(line)).length, 1);
  t.equal(lines.filter((line) => line.startsWith('accuracy after ')).length, 2);
  const [, dropped, groups] = /^2 updates; (\d+) of (\d+) groups taught nothing$/.exec(lines.at(-1)!)!;
  t.equal(Number(groups), 8);
  t.equal(lines.filter((line) => /^u[12]-p\d: /.test(line)).length, Number(dropped));
});

t.test('own-technique: the plan answers, and saves what would change nothing', async (t) => {
  const agreed = await solve('What is 15% of 240?', { plan: askTwice, samples: 8, temperature: 0 });
  t.match(agreed, { answer: '36', stop: 'completed', asked: 1, votes: [{ answer: '36', count: 2 }] });
  const open = await solve('What is 7/12 of 840?', { plan: askTwice, samples: 8, seed: 1 });
  t.equal(open.votes.reduce((sum, { count }) => sum + count, 0) <= 8, true);
});

t.test('own-technique: the same module trains', async (t) => {
  const folder = join(temporaryFolder(t), 'run');
  const module = new URL('../../examples/own-technique.js', import.meta.url);
  await train(small(folder), { plan: module }).summary;
  const rows = readLines(folder, 'samples', 'rollouts.jsonl');
  const groups = new Map<unknown, number>();
  for (const { promptIndex } of rows) groups.set(promptIndex, (groups.get(promptIndex) ?? 0) + 1);
  t.equal(groups.size, 4);
  t.ok(
    [...groups.values()].every((size) => size === 2 || size === 4),
    `${[...groups.values()]}`,
  );
  t.match(readLines(folder, 'metrics.jsonl').length, 2);
});

t.test('own-technique: a module without a plan is refused before anything is written', async (t) => {
  const plan = new URL('../kit/root.js', import.meta.url);
  await t.rejects(train(small(join(temporaryFolder(t), 'run')), { plan }).summary, {
    code: 'CONFIG',
    message: /no function as its default export/,
  });
});

t.test('protocol-test: both of its tests pass', async (t) => {
  await t.resolves(aTaskBecomesOneScoredGroup());
  await t.resolves(aSamplerThatFailsIsReplacedByAnother());
});
