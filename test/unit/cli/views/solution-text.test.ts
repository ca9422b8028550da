/** The transcript of `solve`: what people read. */
import t from 'tap';
import {
  answerLine,
  noAnswerText,
  partialText,
  renderSolution,
  renderTurn,
} from '../../../../src/cli/views/solution-text.js';
import type { TurnEvent } from '../../../../src/rollout/plan-events.js';
import type { Solution } from '../../../../src/solve/solution.js';

const SOLUTION: Solution = {
  type: 'solution',
  strategy: 'forward',
  question: 'Q',
  answer: '36',
  reasoning: 'So.',
  completion: 'C',
  tokens: 41,
  budget: 2000,
  seconds: 0.25,
  maxTokens: 256,
  stop: 'completed',
  unfinishedTokens: 0,
  interrupted: false,
  samples: 1,
  temperature: 0,
  seed: 42,
  model: 'models/nano',
  votes: [{ answer: '36', count: 1 }],
};
const TURN: TurnEvent = {
  type: 'turn',
  id: 'forward-0',
  role: 'forward',
  round: 0,
  heard: [],
  promptTooLong: false,
  completions: [{ text: 'So.\n', tokens: 2, stopped: true, answer: '36' }],
};
const UNSAFE = 'a\u001b[2Jb\u202ec';

t.test('a solution shows answer, votes, why it ended and what it cost', async (t) => {
  t.equal(
    renderSolution(SOLUTION, false),
    'Answer: 36\nforward: all completions were sampled. 41 of 2000 tokens, 0.3 s.\n',
  );
  const votes = ['36', '1', '2', '3', '4', '5', '6'].map((answer, i) => ({ answer, count: 7 - i }));
  t.match(
    renderSolution({ ...SOLUTION, votes }, false),
    'Votes: 36 (7), 1 (6), 2 (5), 3 (4), 4 (3), and 2 more\n',
  );
  t.match(
    renderSolution({ ...SOLUTION, answer: null, stop: 'budget' }, false),
    /^No answer\.\n.*budget was used/,
  );
});

t.test('a partial solution says so', async (t) => {
  const partial: Solution = { ...SOLUTION, stop: 'interrupted', interrupted: true };
  t.equal(
    renderSolution(partial, false),
    'Answer so far: 36\nforward: interrupted after 41 of 2000 tokens, 0.3 s.\n',
  );
  t.match(
    renderSolution({ ...partial, answer: null, unfinishedTokens: 12 }, false),
    'No answer.\nforward: interrupted after 41 of 2000 tokens, 12 of them in unfinished completions, 0.3 s.\n',
  );
  t.equal(partialText(partial), 'Interrupted after 41 of 2000 tokens: the answer is the best one so far.');
  t.equal(noAnswerText(partial, 16), 'No answer: interrupted before one could be read.');
  const nothing = noAnswerText({ ...partial, completion: null }, 16);
  t.equal(nothing, 'No answer: interrupted before a completion was finished.');
});

t.test('a turn shows who speaks, what was said and what was read of it', async (t) => {
  t.equal(renderTurn(TURN, false), 'Round 1, forward\nSo.\n-> 36\n\n');
  t.match(renderTurn({ ...TURN, completions: [], promptTooLong: true }, false), /leaves no room/);
  t.equal(
    answerLine({ ...TURN.completions[0]!, answer: null, stopped: false }, false),
    '-> no answer (cut off)\n',
  );
});

t.test('text of a model cannot alter the terminal', async (t) => {
  const texts = [
    renderSolution({ ...SOLUTION, answer: UNSAFE, votes: [{ answer: UNSAFE, count: 2 }] }, false),
    renderTurn({ ...TURN, completions: [{ text: UNSAFE, tokens: 1, stopped: true, answer: UNSAFE }] }, false),
  ];
  for (const text of texts) {
    t.match(text, /abc/);
    t.notMatch(text, /[\u001b\u202e]/);
  }
});

t.test('without an answer it says what to change', async (t) => {
  const why = (stop: Solution['stop']): string => noAnswerText({ ...SOLUTION, stop, budget: 9 }, 16);
  t.match(why('budget_too_small'), /budget of 9 tokens is too small .* needs 16; raise --budget/);
  t.match(why('budget'), /raise --budget/);
  t.match(why('cut_off'), /cut off at 256 tokens; raise --max-tokens/);
  t.match(why('rounds'), /one pair of <answer> tags/);
});
