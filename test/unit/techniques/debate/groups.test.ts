/** Groups of a debate: one role each, and what a skeptic is paid. */
import t from 'tap';
import type { Verdict } from '../../../../src/data/prompt.js';
import type { Role, TurnCompleted } from '../../../../src/protocol/index.js';
import type { DebateTurn } from '../../../../src/techniques/debate/debate.js';
import {
  critiqueRewards,
  outcomes,
  type RoleTurn,
  roleTurn,
  skepticGroup,
} from '../../../../src/techniques/debate/groups.js';
import { groupCompleted, taskAssign } from '../../../kit/messages.js';

const WEIGHTS = { answer: 1 };

function turn<R extends Role>(role: R, verdict: Verdict | null = null): DebateTurn<R> {
  return { id: `${role}-0`, role, round: 0, stream: 0, turns: [], sampleCount: 2, verdict };
}

function result<R extends Role>(
  role: R,
  answer: readonly number[],
  scored = [1, 1],
): TurnCompleted & { role: R } {
  const { tokens, lengths, logProbs, supportLogMass, stopped, promptTokens } = groupCompleted();
  return {
    kind: 'turn.completed',
    turnId: 'x',
    ...{ role, policyVersion: 4, promptTokens, tokens, lengths, logProbs, supportLogMass, stopped },
    texts: ['a', 'b'],
    rewardNames: ['format', 'answer'],
    rewards: Float32Array.of(0.5, 1, ...answer),
    scored: Uint8Array.from(scored),
  };
}

function judged(
  verdict: Verdict | null,
  answer: readonly number[],
  scored = [1, 1],
): RoleTurn<'synthesizer'> {
  return roleTurn(turn('synthesizer', verdict), result('synthesizer', answer, scored), ['1', '2']);
}

t.test('turns of two roles cannot be joined: the compiler says so, and so does the run', async (t) => {
  t.throws(
    // @ts-expect-error A skeptic's completions are not those of a forward turn.
    () => roleTurn(turn('forward'), result('skeptic', [1, 0]), ['1', '2']),
    { code: 'INTERNAL', message: /2 and 2 completions of skeptic; expected 2 of forward/ },
  );
  const skeptic = roleTurn(turn('skeptic'), result('skeptic', [0, 0]), ['both', 'neither']);
  // @ts-expect-error A synthesizer is not paid for critiques.
  const wrong = () => skepticGroup(taskAssign(), judged(null, [1, 0]), [], WEIGHTS, false);
  // @ts-expect-error A skeptic's turn is no judgement.
  const alsoWrong = () => critiqueRewards(['both'], [skeptic], WEIGHTS);
  t.same([wrong, alsoWrong].length, 2);
  t.throws(() => roleTurn(turn('forward'), result('forward', [1, 0]), ['1']), { code: 'INTERNAL' });
});

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
  const skeptic = roleTurn(turn('skeptic'), result('skeptic', [0, 0]), ['backward', 'neither']);
  const judgements = [judged(null, [1, 0]), judged('backward', [1, 0], [0, 1]), judged('neither', [1, 1])];
  const group = skepticGroup(taskAssign(), skeptic, judgements, WEIGHTS, false);
  t.same([...group.scored], [0, 1]);
  t.same(group.rewardNames, ['critique', 'format']);
  t.same([...group.rewards], [Number.NaN, 0.5, 0.5, 1]);
  t.notOk('texts' in group);
});

t.test('outcome rewards add up by weight; shaping has no part in them', async (t) => {
  t.same(outcomes(result('forward', [1, 0], [1, 0]), { answer: 3, code: 1 }), [3, Number.NaN]);
});
