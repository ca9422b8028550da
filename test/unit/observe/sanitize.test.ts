/** Model text on a terminal. */
import t from 'tap';
import { sanitizeLine, sanitizeText } from '../../../src/observe/sanitize.js';
import { Random } from '../../../src/random.js';

const FORBIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

t.test('escape sequences go as a whole', async (t) => {
  t.equal(sanitizeText('a\u001b[31mred\u001b[0m b'), 'ared b');
  t.equal(sanitizeText('a\u001b]0;title\u0007b\u001b]8;;http://x\u001b\\c'), 'abc');
  t.equal(sanitizeText('a\u009b2Jb'), 'ab');
  t.equal(sanitizeText('\u001b\u001b[31m[31mx'), '[31mx');
});

t.test('an escape sequence without an end does not swallow the text', async (t) => {
  t.equal(sanitizeText('a\u001b]0;never ends'), 'a]0;never ends');
});

t.test('newlines and tabs stay, other controls and bidirectional marks go', async (t) => {
  t.equal(sanitizeText('a\r\nb\tc\rd\u0000\u0007\u202ee\u2066'), 'a\nb\tcde');
});

t.test('letters of any script and whole surrogate pairs stay, lone surrogates do not', async (t) => {
  t.equal(sanitizeText('héllo 漢字 \u{1f600}'), 'héllo 漢字 \u{1f600}');
  t.equal(sanitizeText('a\ud83db\ude00'), 'a\ufffdb\ufffd');
});

t.test('whatever is fed in, nothing forbidden comes out', async (t) => {
  const pieces = [
    '\u001b',
    '[',
    ']',
    '31m',
    '\u009b',
    '\u009d',
    '\u0007',
    '\\',
    'x',
    '\u202e',
    '\n',
    '\ud83d',
    '\u0085',
  ];
  const seed = 11;
  const random = new Random(seed, 'sanitize');
  let cleaned = 0;
  for (let trial = 0; trial < 20_000; trial++) {
    let text = '';
    for (let i = random.integer(1, 10); i > 0; i--) text += random.pick(pieces);
    const clean = sanitizeText(text);
    if (clean !== text) cleaned++;
    if (FORBIDDEN.test(clean) || Buffer.from(clean).toString() !== clean)
      t.fail(`seed ${seed}: ${JSON.stringify(text)}`);
  }
  t.ok(cleaned > 10_000, `seed ${seed}: ${cleaned} of 20000 texts had something to remove`);
});

t.test('a long hostile text is cleaned in linear time', async (t) => {
  for (const piece of ['\u001b]', '\u009d', '\u001b[', '\u009b1;', '\u001b]\u009d', '\u001bP\\']) {
    t.ok(sanitizeText(piece.repeat(200_000)).length <= 2 * 200_000, JSON.stringify(piece));
  }
});

t.test('a line has no newline and a bounded length', async (t) => {
  t.equal(sanitizeLine(' a\n\n b\t c '), 'a b c');
  t.equal(sanitizeLine('x'.repeat(300), 10), 'xxxxxxxxx…');
  t.equal(
    sanitizeLine('\u{1f600}'.repeat(10), 10),
    '\u{1f600}'.repeat(10),
    'a surrogate pair is one character',
  );
});
