import t from 'tap';
import { COMPLETION_TAGS } from '../../../src/actors/reward/parse.js';
import { completionText, createPrompt, TAGS } from '../../../src/data/prompt.js';

t.test('the prompt is the template byte for byte, markdown and all', async (t) => {
  t.equal(
    createPrompt('What is 15% of 240?'),
    [
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
    ].join('\n'),
  );
});

t.test('a completion is the trace and the answer in the tags that the rewards look for', async (t) => {
  t.equal(completionText('15/100', '36'), '<reasoning>15/100</reasoning><answer>36</answer>');
  t.same(TAGS, COMPLETION_TAGS);
});
