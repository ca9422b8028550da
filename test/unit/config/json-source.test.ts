/** The JSON reader: the same values as JSON.parse, plus lines. */
import t from 'tap';
import { readJsonLeaves } from '../../../src/config/json-source.js';

function complaint(text: string): string {
  try {
    readJsonLeaves(text, 'c.json');
    return 'nothing';
  } catch (error) {
    return (error as Error).message;
  }
}

t.test('leaves carry their path, value and line', async (t) => {
  const text =
    '\ufeff{\n  "seed": 7,\n  "learner": {\r\n    "beta": 1e-1, "delta": null\n  },\n  "a": ["x", [true]]\n}\n';
  t.same(readJsonLeaves(text, 'c.json'), [
    { path: ['seed'], value: 7, line: 2 },
    { path: ['learner', 'beta'], value: 0.1, line: 4 },
    { path: ['learner', 'delta'], value: null, line: 4 },
    { path: ['a'], value: ['x', [true]], line: 6 },
  ]);
  t.same(readJsonLeaves(' {} ', 'c.json'), []);
});

t.test('strings and numbers are read as JSON.parse reads them', async (t) => {
  for (const json of [
    '"a\\u00e9\\n\\"\\\\/"',
    '-0.5e+3',
    '0',
    '"\u{1f600}"',
    'false',
    '12345678901234567890',
  ]) {
    t.same(readJsonLeaves(`{"k":${json}}`, 'c.json')[0]!.value, JSON.parse(json), json);
  }
});

t.test('syntax errors name file, line and column', async (t) => {
  t.match(complaint('{\n  "seed": 7\n  "updates": 3\n}'), /^c\.json:3:3: expected , or }; found "\\"updates/);
  t.match(complaint('{\n  "seed": 7,\n}'), /^c\.json:3:1: no comma is allowed before }/);
  t.match(complaint("{'seed': 1}"), /^c\.json:1:2: expected a key in double quotes/);
  t.match(complaint('{"seed" 1}'), /^c\.json:1:9: expected :/);
  t.match(complaint('{"seed": 01}'), /^c\.json:1:11: expected , or }/);
  t.match(complaint('{"seed": NaN}'), /^c\.json:1:10: expected a value/);
  t.match(complaint('{"seed": 1} x'), /^c\.json:1:13: expected the end/);
  t.match(complaint('{"seed": 1'), /^c\.json:1:11: expected , or }; the file ends here/);
  t.match(complaint('{"seed": "a\nb"}'), /^c\.json:1:10: expected a string/);
  t.match(complaint('[1]'), /^c\.json:1:1: a configuration is a JSON object/);
  t.match(complaint(''), /^c\.json:1:1: .*the file ends here/);
});

t.test('a key given twice is an error and not a silent choice', async (t) => {
  t.match(complaint('{"seed": 1,\n "seed": 2}'), /^c\.json:2:2: the key "seed" occurs twice/);
  t.match(complaint('{"seed": 1, "\\u0073eed": 2}'), /occurs twice/);
});

t.test('no text the reader takes is refused by JSON.parse, and none it refuses is taken', async (t) => {
  const pieces = ['{', '}', '[', ']', ',', ':', '"a"', '"b"', '1', '-', 'null', ' ', '\n', '0.5', 'e', '"'];
  let state = 12345;
  const next = (bound: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % bound;
  };
  let taken = 0;
  for (let trial = 0; trial < 20_000; trial++) {
    let text = trial % 2 ? '{"a":' : '{';
    for (let i = next(6); i >= 0; i--) text += pieces[next(pieces.length)];
    text += '}';
    let valid = true;
    try {
      JSON.parse(text);
    } catch {
      valid = false;
    }
    const said = complaint(text);
    if (/occurs twice|list of objects/.test(said)) continue;
    if ((said === 'nothing') !== valid)
      t.fail(`disagrees with JSON.parse on ${JSON.stringify(text)}: ${said}`);
    if (valid) taken++;
  }
  t.ok(taken > 100, `${taken} valid texts were among the random ones`);
});

t.test('deep nesting and huge texts end in an error and not in a crash', async (t) => {
  t.match(complaint(`${'{"a":'.repeat(100_000)}1`), /nested more than 16 deep/);
  t.match(complaint(`{"a":${'['.repeat(100_000)}`), /nested more than 16 deep/);
  t.match(complaint(`{${' '.repeat(1_000_001)}}`), /more than 1000000 characters/);
});
