/** A whole debate through its actors: groups, rewards, events, and nothing of the reference answer in any prompt. */
import t from 'tap';
import { VERDICTS } from '../../../src/data/prompt.js';
import type { GroupCompleted } from '../../../src/protocol/index.js';
import { Random } from '../../../src/random.js';
import { groupAdvantages } from '../../../src/rewards/advantages.js';
import { taskAssign } from '../../../src/testing/messages.js';
import { settle, until } from '../../../src/testing/settle.js';
import { halfOfGroup } from '../../../src/training/task-plans.js';
import { type Asked, answering, makeDebateSystem, textOf } from '../../kit/debates.js';

const debateTask = (change: Parameters<typeof taskAssign>[0] = {}) =>
  taskAssign({ strategy: 'debate', ...change });

/** Role and verdict of a prompt, as its text shows them. */
function partOf({ prompt }: Pick<Asked, 'prompt'>): string {
  if (prompt.startsWith('You are a critic')) return 'skeptic';
  const verdict = /\*\*Skeptic:\*\* (\w+)\n/.exec(prompt)?.[1];
  if (prompt.startsWith('You are a judge')) return `synthesizer${verdict ? ` ${verdict}` : ''}`;
  return prompt.includes('backwards') ? 'backward' : 'forward';
}

const groupsOf = (learner: readonly unknown[]) => learner as GroupCompleted[];
const row = (group: GroupCompleted | undefined, name: string): number[] => {
  const k = group!.rewardNames.indexOf(name);
  const size = group!.lengths.length;
  return [...group!.rewards.subarray(k * size, (k + 1) * size)];
};

t.test('each role, round and prompt gets a group of its own, and the last one ends the task', async (t) => {
  // 2 is right. The judge is right in one of two samples without a critique, in both after "backward", in none after "forward".
  const answers: Record<string, readonly string[]> = {
    forward: ['3', '2'],
    backward: ['2', '2'],
    skeptic: ['backward', 'forward'],
    synthesizer: ['2', '3'],
    'synthesizer backward': ['2', '2'],
    'synthesizer forward': ['3', '3'],
  };
  const { system, learner, requests, events } = makeDebateSystem({
    complete: (asked) => answering(answers[partOf(asked)]![asked.sample]!),
    maxRounds: 1,
  });
  system.tell('main/moderator', debateTask({ taskId: 'a', update: 3, promptIndex: 5 }));
  await settle(20);
  const groups = groupsOf(learner);
  t.same(
    groups.map(({ groupId, endsTask }) => [groupId, endsTask]),
    [
      ['a/forward-0', false],
      ['a/backward-0', false],
      ['a/skeptic-0', false],
      ['a/synthesizer-0', false],
      ['a/synthesizer-0-backward', false],
      ['a/synthesizer-0-forward', true],
    ],
  );
  for (const group of groups) {
    t.match(group, { kind: 'group.completed', taskId: 'a', update: 3, promptIndex: 5, policyVersion: 7 });
    t.match(group, { problemId: 'p1', domain: 'math', texts: [/answer/, /answer/] });
    t.equal(partOf({ prompt: textOf(group.promptTokens) }).split(' ')[0], group.role);
  }
  t.equal(new Set(groups.map(({ promptTokens }) => textOf(promptTokens))).size, 6, 'one prompt, one group');
  t.same(row(groups[0], 'answer'), [0, 1]);
  t.same(groups[2]?.rewardNames, ['critique', 'format'], 'the answer is not what a skeptic is paid for');
  t.same(row(groups[2], 'critique'), [0.5, -0.5], 'D = 1 − ½ and 0 − ½');
  t.same(row(groups[2], 'format'), [1, 1]);
  t.same([...groups[2]!.scored], [1, 1]);
  t.same(new Set(requests.map(({ stream }) => stream)).size, 6);

  const turns = events.filter(({ type }) => type === 'debate.turn');
  t.equal(turns.length, 6);
  t.match(
    turns.find((event) => 'role' in event && event.role === 'forward'),
    {
      taskId: 'a',
      round: 0,
      sampleCount: 2,
      answers: { 2: 1, 3: 1 },
      unreadable: 0,
    },
  );
  t.match(events.at(-1), {
    type: 'debate.ended',
    stop: 'rounds',
    rounds: 1,
    tokenCount: groups.reduce((sum, { tokens }) => sum + tokens.length, 0),
    metrics: { final_correct: 1, consensus: 0, wrong_to_correct: 0.25, correct_to_wrong: 0 },
  });
});

t.test('advantages of each group add up to zero', async (t) => {
  const { system, learner } = makeDebateSystem({
    complete: ({ prompt, promptIndex, stream, sample }) =>
      answering(
        partOf({ prompt }) === 'skeptic'
          ? VERDICTS[sample % 4]!
          : String(new Random(promptIndex, stream, sample).integer(2, 3)),
      ),
  });
  for (let promptIndex = 0; promptIndex < 20; promptIndex++)
    system.tell('main/moderator', debateTask({ taskId: `t${promptIndex}`, promptIndex, groupSize: 6 }));
  await until('all debates', () => learner.filter(({ endsTask }) => endsTask).length === 20);
  const alive = new Set<string>();
  for (const group of groupsOf(learner)) {
    const outcome = Float32Array.from(row(group, group.role === 'skeptic' ? 'critique' : 'answer'));
    const { advantages, isDead } = groupAdvantages(outcome, outcome, { scale: 'group', epsilon: 1e-4 });
    t.equal(advantages.length, 6);
    t.ok(Math.abs(advantages.reduce((sum, each) => sum + each, 0)) < 1e-5);
    if (!isDead) alive.add(group.role);
  }
  t.equal(alive.size, 4, 'every role has something to learn from');
});

t.test('forward and backward that agree are trained without a skeptic', async (t) => {
  const { system, learner, events } = makeDebateSystem({ complete: () => answering('3') });
  system.tell('main/moderator', debateTask());
  await settle(20);
  t.match(learner, [
    { role: 'forward', endsTask: false },
    { role: 'backward', endsTask: true },
  ]);
  t.match(events.at(-1), { stop: 'consensus', metrics: { consensus: 1, false_consensus: 1 } });
});

t.test('forward alone makes the same group in a task of its own as in a debate of one role', async (t) => {
  const complete = ({ prompt, promptIndex, stream, sample }: Asked) =>
    answering(String(new Random(prompt.length, promptIndex, stream, sample).integer(1, 4)));
  const { system, learner } = makeDebateSystem({
    complete,
    samplesPerTurn: (forward) => ({ forward, backward: 0, skeptic: 0, synthesizer: 0 }),
    maxRounds: 1,
  });
  const task = { promptIndex: 3, update: 2, groupSize: 8 };
  system.tell('main/forward-0', taskAssign({ ...task, taskId: 'plain' }));
  system.tell('main/moderator', debateTask({ ...task, taskId: 'debate' }));
  await settle(20);
  const [plain, debate] = groupsOf(learner).map(
    ({ groupId: _group, taskId: _task, texts: _texts, ...group }) => group,
  );
  t.equal(learner.length, 2);
  t.equal(plain?.endsTask, true);
  t.same(debate, plain);
});

t.test('which actor serves changes nothing but who works', async (t) => {
  const complete = ({ prompt, promptIndex, stream, sample }: Asked) =>
    answering(
      partOf({ prompt }) === 'skeptic'
        ? 'neither'
        : String(new Random(promptIndex, stream, sample).integer(1, 3)),
    );
  const results: string[] = [];
  for (const count of [1, 3]) {
    const { system, learner } = makeDebateSystem({ complete, count });
    for (let promptIndex = 0; promptIndex < 9; promptIndex++)
      system.tell('main/moderator', debateTask({ taskId: `t${promptIndex}`, promptIndex }));
    await until('all debates', () => learner.filter(({ endsTask }) => endsTask).length === 9);
    const byName = groupsOf(learner).sort((a, b) => (a.groupId < b.groupId ? -1 : 1));
    results.push(JSON.stringify(byName));
  }
  t.equal(results[0], results[1]);
  t.ok(results[0]!.includes('synthesizer-1-neither'));
});

t.test('a turn gets half of the completions of a task, and at least two', async (t) => {
  for (const [groupSize, count] of [
    [1, 2],
    [4, 2],
    [7, 4],
    [16, 8],
  ] as const)
    t.same(Object.values(halfOfGroup(groupSize)), [count, count, count, count]);
});

t.test('the reference answer never reaches a prompt or an event, in a thousand debates', async (t) => {
  const sentinel = 'XYZZY-7041';
  const prompts: string[] = [];
  const { system, learner, requests, events } = makeDebateSystem({
    complete: ({ prompt, promptIndex, stream, sample }) => {
      prompts.push(prompt);
      const random = new Random(promptIndex, stream, sample);
      if (random.uniform() < 0.1) return 'I do not know';
      return answering(
        partOf({ prompt }) === 'skeptic' ? random.pick(VERDICTS) : String(random.integer(1, 3)),
      );
    },
  });
  const problem = { ...taskAssign().problem, answer: sentinel };
  const done = () => learner.filter(({ endsTask }) => endsTask).length;
  for (let first = 0; first < 1000; first += 100) {
    for (let promptIndex = first; promptIndex < first + 100; promptIndex++)
      system.tell('main/moderator', debateTask({ taskId: `t${promptIndex}`, promptIndex, problem }));
    await until('a hundred debates', () => done() === first + 100);
  }
  await settle();
  t.ok(prompts.length > 10_000);
  t.notOk(prompts.some((prompt) => prompt.includes(sentinel)));
  t.notOk(JSON.stringify([requests.length, events]).includes(sentinel));
  t.notOk(JSON.stringify(groupsOf(learner).map(({ texts }) => texts)).includes(sentinel));
  t.equal(learner.filter(({ kind }) => kind === 'group.cancelled').length, 0);
});
