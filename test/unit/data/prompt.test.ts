import t from 'tap';
import {
  completionText,
  createPrompt,
  OPENINGS,
  PROMPT_END,
  PROMPT_START,
  TAGS,
  TURN_LABELS,
  VERDICTS,
} from '../../../src/data/prompt.js';
import type { Role } from '../../../src/protocol/index.js';
import { COMPLETION_TAGS } from '../../../src/rewards/parse.js';

t.test('the prompt is the template byte for byte, markdown and all', async (t) => {
  const expected = [
    'You are a helpful AI that shows reasoning step-by-step.',
    '',
    '**Instructions:**',
    '- Think through the problem carefully',
    '- Show your work in <reasoning> tags',
    '- Put your final answer in <answer> tags',
    '',
    '**Question:**',
    'What is 15% of 240?',
    '',
    '**Response:**',
  ].join('\n');
  t.equal(createPrompt('What is 15% of 240?'), expected);
  t.equal(createPrompt('What is 15% of 240?', 'forward', []), expected, 'which is the forward one');
  t.equal(PROMPT_START, OPENINGS.forward);
});

t.test('the other roles are told what they are, and read what was said before', async (t) => {
  t.equal(
    createPrompt('2 + 2?', 'skeptic', [
      { role: 'forward', text: '4' },
      { role: 'backward', text: '5' },
    ]),
    [
      'You are a critic who checks the answers of others.',
      '',
      '**Instructions:**',
      '- Work the problem out yourself, then compare it with each answer that was given',
      '- Show your work in <reasoning> tags',
      '- Say who is right (both, forward, backward or neither) in <answer> tags',
      '',
      '**Question:**',
      '2 + 2?',
      '',
      '**Forward:** 4',
      '',
      '**Backward:** 5',
      '',
      '**Response:**',
    ].join('\n'),
  );
  t.equal(
    createPrompt('Q', 'synthesizer', [{ role: 'skeptic', text: 'both' }]),
    `${OPENINGS.synthesizer}Q\n\n**Skeptic:** both${PROMPT_END}`,
  );
  t.equal(createPrompt('Q', 'backward'), `${OPENINGS.backward}Q${PROMPT_END}`);
  for (const role of Object.keys(OPENINGS) as Role[]) {
    t.match(OPENINGS[role], /^[^\n]+\n\n\*\*Instructions:\*\*\n(- [^\n]+\n){3}\n\*\*Question:\*\*\n$/, role);
    t.match(OPENINGS[role], /- Show your work in <reasoning> tags\n- .* in <answer> tags\n/, role);
  }
  for (const verdict of VERDICTS) t.match(OPENINGS.skeptic, verdict);
});

t.test('no fixed part begins another one, so that each can be one token', async (t) => {
  const parts = [...Object.values(OPENINGS), ...Object.values(TURN_LABELS), PROMPT_END, ...TAGS];
  t.equal(parts.length, 4 + 3 + 1 + 4);
  for (const part of parts) {
    t.same(
      parts.filter((other) => other.startsWith(part)),
      [part],
    );
  }
});

t.test('a completion is the trace and the answer in the tags that the rewards look for', async (t) => {
  t.equal(completionText('15/100', '36'), '<reasoning>15/100</reasoning><answer>36</answer>');
  t.same(TAGS, COMPLETION_TAGS);
});
