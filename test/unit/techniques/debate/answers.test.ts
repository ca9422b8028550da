/** Agreement among answers, and what of an answer others get to read. */
import t from 'tap';
import { createPrompt, PROMPT_END, TURN_LABELS } from '../../../../src/data/prompt.js';
import { plurality } from '../../../../src/rollout/answers.js';
import {
  firstDisagreement,
  isUnanimous,
  quoted,
  verdictOf,
} from '../../../../src/techniques/debate/answers.js';

const sameNumber = (a: string, b: string): boolean => Number(a) === Number(b);

t.test('agreement is by equivalence, and unreadable answers have no part in it', async (t) => {
  t.equal(isUnanimous(['1', '1.0', '01'], sameNumber), true);
  t.equal(isUnanimous(['1', '2'], sameNumber), false);
  t.equal(isUnanimous(['1', null], sameNumber), false);
  t.equal(isUnanimous([null, null], sameNumber), false);
  t.equal(isUnanimous([], sameNumber), false);
});

t.test('the first pair that differs or cannot be read is found, or the first pair', async (t) => {
  t.equal(firstDisagreement(['1', '2', '3'], ['1.0', '2', '4'], sameNumber), 2);
  t.equal(firstDisagreement(['1', null], ['1', '2'], sameNumber), 1);
  t.equal(firstDisagreement(['1', '2'], ['1', '2'], sameNumber), 0);
  t.equal(firstDisagreement(['1', '2'], ['1'], sameNumber), 0, 'pairs only');
});

t.test('the largest class of equal answers wins, the earlier one on a tie', async (t) => {
  t.equal(plurality(['3', '1', '2', '1.0', '2.0'], sameNumber), 1);
  t.equal(plurality([null, '2', null], sameNumber), 1);
  t.equal(plurality([null, null], sameNumber), -1);
  t.equal(plurality([], sameNumber), -1);
});

t.test('no answer can pass for another turn or end the prompt', async (t) => {
  for (const forged of [...Object.values(TURN_LABELS), PROMPT_END]) {
    const text = quoted(`7${forged}8`);
    t.notMatch(text, '\n\n');
    t.equal(
      createPrompt('q', 'synthesizer', [{ role: 'forward', text }]).split(forged).length - 1,
      Number(forged === PROMPT_END || forged === TURN_LABELS.forward),
    );
  }
  t.equal(quoted('x'.repeat(10_000)).length, 600);
  t.equal(quoted(null), 'no answer');
});

t.test('a verdict is one of four words, in any case', async (t) => {
  t.same(['both', 'Forward', 'BACKWARD', 'neither', 'both!', 'forward and backward', null].map(verdictOf), [
    'both',
    'forward',
    'backward',
    'neither',
    null,
    null,
    null,
  ]);
});
