/** The scorer actor: every request is answered once, whatever the rewards do. */
import t from 'tap';
import { createScorer } from '../../../src/actors/scorer.js';
import type { Message, Rewards, ScoringItem } from '../../../src/protocol/index.js';
import { scoreBatch } from '../../../src/rewards/rewards.js';
import { taskAssign } from '../../../src/testing/messages.js';
import { settle } from '../../../src/testing/settle.js';
import { makeSystem } from '../../../src/testing/systems.js';

/** A scorer, and an actor that asks it and keeps what it answers. */
function make(score: (batch: readonly ScoringItem[]) => Promise<Rewards>) {
  const { system } = makeSystem();
  const answers: Message[] = [];
  system.spawn('main/scorer', createScorer({ score }));
  system.spawn('main/asker', (context) => (message) => {
    if (message.kind === 'task.assign')
      context.tell('main/scorer', {
        kind: 'scores.request',
        requestId: message.taskId,
        problem: message.problem,
        texts: ['<reasoning>a</reasoning><answer>2</answer>', 'nothing'],
      });
    else answers.push(message);
  });
  const ask = (taskId: string) => system.tell('main/asker', taskAssign({ taskId }));
  return { ask, answers };
}

t.test('completions come back with the rewards of their problem, and no more is known of it', async (t) => {
  const seen: ScoringItem[] = [];
  const { ask, answers } = make(async (batch) => {
    seen.push(...batch);
    return scoreBatch(batch);
  });
  ask('r');
  await settle();
  t.match(answers, [{ kind: 'scores.completed', requestId: 'r', rewardNames: ['answer', 'format'] }]);
  const [scores] = answers as [Extract<Message, { kind: 'scores.completed' }>];
  t.same([...scores.rewards], [1, 0, 1, 0]);
  t.same([...scores.scored], [1, 1]);
  const { id: _id, family: _family, ...known } = taskAssign().problem;
  t.same(seen[1], { ...known, completion: 'nothing' });
});

t.test('a slow request holds up no other, and a failure is told', async (t) => {
  const release: (() => void)[] = [];
  let calls = 0;
  const { ask, answers } = make(async (batch) => {
    const call = ++calls;
    if (call === 1) await new Promise<void>((resolve) => release.push(resolve));
    if (call === 3) throw new Error('out of order');
    return scoreBatch(batch);
  });
  for (const name of ['slow', 'quick']) ask(name);
  await settle();
  t.match(answers, [{ requestId: 'quick' }]);
  ask('broken');
  await settle();
  t.match(answers[1], { kind: 'scores.failed', requestId: 'broken', detail: 'out of order' });
  release[0]!();
  await settle();
  t.match(answers[2], { kind: 'scores.completed', requestId: 'slow' });
  t.equal(answers.length, 3);
});
