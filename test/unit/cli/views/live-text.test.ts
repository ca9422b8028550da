/** A growing text on a terminal: nothing unsafe passes, wherever the text was cut. */
import t from 'tap';
import { LiveText } from '../../../../src/cli/views/live-text.js';
import { sanitizeText } from '../../../../src/observe/sanitize.js';
import { Random } from '../../../../src/random.js';

/** Everything written, one entry a call. */
function grow(states: readonly string[], byLine = false): string[] {
  const written: string[] = [];
  const live = new LiveText((text) => written.push(text), byLine);
  for (const state of states) live.grow(state);
  live.end(states.at(-1)!);
  return written;
}

t.test('a text appears as it grows', async (t) => {
  t.same(grow(['a', 'ab', 'ab c']), ['a', 'b', ' c', '\n']);
  t.same(grow(['a\n', 'a\nb\n']), ['a\n', 'b\n'], 'a line that is ended is not ended twice');
});

t.test('without a terminal whole lines appear', async (t) => {
  t.same(grow(['a', 'a b', 'a b\nc', 'a b\nc d'], true), ['a b\n', 'c d', '\n']);
});

t.test('a character that is not complete waits', async (t) => {
  t.same(grow(['caf', 'caf\ufffd', 'café', 'café\ufffd']), ['caf', 'é', '\ufffd', '\n']);
});

t.test('an escape sequence that comes in pieces never reaches the terminal', async (t) => {
  t.equal(grow(['a', 'a\u001b', 'a\u001b[3', 'a\u001b[31mred']).join(''), 'ared\n');
});

t.test('what is written is the sanitized text, however it is cut', async (t) => {
  const seed = 3;
  const random = new Random(seed, 'text');
  const pieces = [
    'a',
    ' ',
    '\n',
    '\u001b',
    '[31m',
    ']0;x\u0007',
    '\u009b',
    'é',
    '😀',
    '\u202e',
    '\r',
    '\u0000',
  ];
  const broken: string[] = [];
  for (let i = 0; i < 500; i++) {
    const states = [''];
    for (let n = 0; n < 12; n++) states.push(states.at(-1)! + pieces[random.integer(0, pieces.length - 1)]!);
    for (const byLine of [false, true]) {
      const written = grow(states, byLine).join('');
      if (written.replace(/\n$/, '') !== sanitizeText(states.at(-1)!).replace(/\n$/, ''))
        broken.push(`seed ${seed}: ${JSON.stringify(states.at(-1))} gave ${JSON.stringify(written)}`);
    }
  }
  t.same(broken, []);
});
