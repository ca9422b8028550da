/** Groups of a debate: one role each, and what a skeptic is paid. */
import t from 'tap';
import type { Verdict } from '../../../../src/data/prompt.js';
import type { Rewards, Role } from '../../../../src/protocol/index.js';
import type { Answer } from '../../../../src/rollout/answers.js';
import {
  critiqueRewards,
  debateGroups,
  outcomeRewards,
  type ScoredTurn,
} from '../../../../src/techniques/debate/groups.js';
import { completionsSampled } from '../../../../src/testing/messages.js';

const WEIGHTS = { answer: 1 };

/** Two scored completions of a role. */
function turn(
  role: Role,
  answer: readonly number[],
  {
    verdict = null,
    answers = ['1', '2'],
    scored = [1, 1],
  }: { verdict?: Verdict | null; answers?: readonly Answer[]; scored?: readonly number[] } = {},
): ScoredTurn {
  const id = verdict === null ? `${role}-0` : `${role}-0-${verdict}`;
  const { kind: _kind, requestId: _requestId, ...arrays } = completionsSampled();
  const rewards = {
    names: ['format', 'answer'],
    values: Float32Array.of(0.5, 1, ...answer),
    scored: Uint8Array.from(scored),
  };
  return {
    turn: { id, role, round: 0, stream: 0, turns: [], sampleCount: 2, verdict },
    promptTokens: Int32Array.of(1, 2),
    completions: { ...arrays, texts: ['a', 'b'], rewards },
    answers,
  };
}

const judged = (verdict: Verdict | null, answer: readonly number[], scored?: readonly number[]): ScoredTurn =>
  turn('synthesizer', answer, { verdict, ...(scored ? { scored } : {}) });

t.test('a verdict is paid the difference it makes to the synthesizer', async (t) => {
  const judgements = [
    judged(null, [1, 0]),
    judged('backward', [1, 1]),
    judged('neither', [0, 0]),
    judged('both', [0, 1]),
  ];
  t.same(critiqueRewards(['backward', 'Neither', 'both'], judgements, WEIGHTS), [0.5, -0.5, 0]);
  t.same(
    critiqueRewards(['backward'], judgements, { answer: 2 }),
    [1],
    'at the scale of the outcome rewards',
  );
});

t.test('a verdict that the synthesizer never read is paid nothing', async (t) => {
  t.same(critiqueRewards([null, 'maybe', 'forward'], [judged(null, [1, 0])], WEIGHTS), [0, 0, 0]);
  t.same(critiqueRewards(['forward'], [], WEIGHTS), [0]);
});

t.test('a verdict whose worth could not be scored is not scored', async (t) => {
  const skeptic = turn('skeptic', [0, 0], { answers: ['backward', 'neither'] });
  const judgements = [judged(null, [1, 0]), judged('backward', [1, 0], [0, 1]), judged('neither', [1, 1])];
  const [group, ...others] = debateGroups([skeptic, ...judgements], WEIGHTS);
  const { names, values, scored } = group!.rewards;
  t.same([...scored], [0, 1]);
  t.same(names, ['critique', 'format']);
  t.same([...values], [Number.NaN, 0.5, 0.5, 1]);
  t.match(
    others.map(({ name, role, rewards }) => [name, role, rewards.names]),
    judgements.map((each) => [each.turn.id, 'synthesizer', ['format', 'answer']]),
    'the others are paid for their own answers',
  );
});

t.test('outcome rewards add up by weight; shaping has no part in them', async (t) => {
  const { rewards } = turn('forward', [1, 0], { scored: [1, 0] }).completions as { rewards: Rewards };
  t.same(outcomeRewards(rewards, { answer: 3, code: 1 }), [3, Number.NaN]);
});

t.test('a judgement of another round has no part in what a skeptic is paid', async (t) => {
  const skeptic = turn('skeptic', [0, 0], { answers: ['backward', 'backward'] });
  const [now, later] = [judged('backward', [1, 1]), judged('backward', [0, 0])];
  const turns = [skeptic, judged(null, [0, 0]), now, { ...later, turn: { ...later.turn, round: 1 } }];
  t.same([...debateGroups(turns, WEIGHTS)[0]!.rewards.values.subarray(0, 2)], [1, 1]);
});
