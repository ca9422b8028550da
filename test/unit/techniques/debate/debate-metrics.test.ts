/** Metrics of debates whose answers are scripted, with the right answer known to the test only. */
import t from 'tap';
import { debateMetrics } from '../../../../src/techniques/debate/debate-metrics.js';
import { makeDebate, play, scripted } from '../../../kit/debates.js';

/** Metrics of a debate of one round where 7 is right; the synthesizer answers last. */
function metricsOf(forward: string | null, backward: string | null, synthesizer: string | null = null) {
  const script = scripted({
    forward: [forward],
    backward: [backward],
    skeptic: ['7'],
    synthesizer: [synthesizer],
  });
  const { result } = play(makeDebate({ maxRounds: 1 }), script);
  const isRight = result.turns.map(
    ({ id, answers }) => [id, answers.map((answer) => answer === '7')] as const,
  );
  return debateMetrics(result, new Map(isRight));
}

t.test('consensus is told from false consensus', async (t) => {
  t.match(metricsOf('7', '7'), {
    final_correct: 1,
    consensus: 1,
    false_consensus: 0,
    oracle_gap: 0,
    rounds: 1,
    tokens: 4,
  });
  t.match(metricsOf('8', '8'), { final_correct: 0, consensus: 1, false_consensus: 1, oracle_gap: 0 });
  t.match(metricsOf('7', '8', '7'), { final_correct: 1, consensus: 0, false_consensus: 0, tokens: 8 });
});

t.test('flips compare the first answers with the final one', async (t) => {
  t.match(metricsOf('7', '8', '8'), { correct_to_wrong: 0.5, wrong_to_correct: 0, oracle_gap: 1 });
  t.match(metricsOf('7', '8', '7'), { correct_to_wrong: 0, wrong_to_correct: 0.5, oracle_gap: 0 });
  t.match(metricsOf('6', '8', '7'), { correct_to_wrong: 0, wrong_to_correct: 1 });
  t.match(metricsOf('6', '8', '9'), { correct_to_wrong: 0, wrong_to_correct: 0, oracle_gap: 0 });
});

t.test('what cannot be read is wrong, whatever a scorer says of it', async (t) => {
  t.match(metricsOf('7', null, null), { final_correct: 0, correct_to_wrong: 0.5, oracle_gap: 1 });
  const { result } = play(makeDebate({ maxRounds: 1 }), scripted({}));
  const isRight = new Map(result.turns.map(({ id }) => [id, [true]]));
  t.match(debateMetrics(result, isRight), { final_correct: 0, oracle_gap: 0, consensus: 0 });
});
