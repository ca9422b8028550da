import { join } from 'node:path';
import t from 'tap';
import { loadTokenizer } from '../../../../src/model/tokenizer.js';
import { Random } from '../../../../src/random.js';
import { type SampledTokens, splitSteps } from '../../../../src/techniques/search/steps.js';
import { Checks } from '../../../kit/checks.js';
import { packageRoot } from '../../../kit/root.js';

const sampled = (tokens: Int32Array): SampledTokens => ({
  tokens,
  logProbs: Float32Array.from(tokens, (_, i) => -i - 1),
  supportLogMass: new Float32Array(tokens.length),
});

/** A tokenizer whose tokens are the given pieces of text. */
function pieces(texts: readonly string[]) {
  const decode = (tokens: Int32Array): string => Array.from(tokens, (token) => texts[token]!).join('');
  return (maxStepTokens?: number) =>
    splitSteps(sampled(Int32Array.from(texts, (_, i) => i)), decode, maxStepTokens).map(({ text }) => text);
}

t.test('steps end after sentences and lines, and before the closing tags', async (t) => {
  const split = pieces([
    '<reasoning>',
    'Half of 8 is 4',
    '.',
    ' ',
    'So 4',
    '\n',
    '\n',
    'done',
    '</reasoning>',
    '<answer>',
    '4',
    '</answer>',
  ]);
  t.same(split(), ['<reasoning>Half of 8 is 4. ', 'So 4\n\n', 'done', '</reasoning><answer>4</answer>']);
});

t.test('a boundary inside a token moves before that token', async (t) => {
  t.same(pieces(['1 + 1 = 2', '.', ' Step ', '2', ': 2 + 2 = 4'])(), ['1 + 1 = 2.', ' Step 2: 2 + 2 = 4']);
  t.same(pieces(['a', '. S', 'o b'])(), ['a', '. So b']);
});

t.test('3.5 and 1,000 end no step', async (t) => {
  t.same(pieces(['3', '.', '5 of 1,000'])(), ['3.5 of 1,000']);
});

t.test('a long step is cut at the limit, a blank one joins its neighbour', async (t) => {
  t.same(pieces(Array.from('abcdefg'))(3), ['abc', 'def', 'g']);
  t.same(pieces(['\n', '\n', 'a.', ' ', ' ', '\n', 'b', '\n', ' '])(), ['\n\na.  \n', 'b\n ']);
  t.same(pieces([' ', '\n'])(), [' \n']);
});

t.test('a completion without tokens has no steps', async (t) => {
  t.same(pieces([])(), []);
});

t.test("the nano policy's traces fall apart into their steps", async (t) => {
  const tokenizer = loadTokenizer(join(packageRoot, 'models', 'nano'));
  const text =
    '<reasoning>Step 1: 15 / 5 = 3. Step 2: 240 / 20 = 12. Step 3: 12 * 3 = 36.</reasoning><answer>36</answer>';
  const tokens = Int32Array.from([...tokenizer.encode(text), tokenizer.eosIds[0]!]);
  const steps = splitSteps(sampled(tokens), (ids) => tokenizer.decode(ids));
  t.same(
    steps.map((step) => step.text.trim()),
    [
      '<reasoning>Step 1: 15 / 5 = 3.',
      'Step 2: 240 / 20 = 12.',
      'Step 3: 12 * 3 = 36.',
      '</reasoning><answer>36</answer>',
    ],
  );
});

t.test('whatever the tokens, steps put together are the completion, and none is blank', async (t) => {
  const checks = new Checks();
  const tokenizer = loadTokenizer(join(packageRoot, 'models', 'nano'));
  const decode = (ids: Int32Array): string => tokenizer.decode(ids);
  const parts = [
    'Step 1: ',
    '. ',
    '\n',
    ' ',
    'é',
    '😀',
    '漢',
    '</reasoning>',
    '<answer>',
    '12',
    ' + ',
    'So',
    '?',
  ];
  for (let seed = 0; seed < 60; seed++) {
    const random = new Random(seed, 'completion');
    const text = Array.from({ length: random.integer(1, 60) }, () => random.pick(parts)).join('');
    const encoded = tokenizer.encode(text);
    // Half of the completions are cut off anywhere, even inside a character.
    const tokens = encoded.slice(
      0,
      random.integer(0, 1) ? encoded.length : random.integer(1, encoded.length),
    );
    const steps = splitSteps(sampled(tokens), decode, 8);
    const put = (of: 'tokens' | 'logProbs'): number[] => steps.flatMap((step) => [...step[of]]);
    checks.same(put('tokens'), [...tokens], `seed ${seed}`);
    checks.same(put('logProbs'), [...sampled(tokens).logProbs], `seed ${seed}`);
    checks.same(steps.map((step) => step.text).join(''), decode(tokens), `seed ${seed}`);
    const blank = steps.filter((step) => step.text.trim() === '').length;
    checks.ok(blank === 0 || steps.length === 1, `seed ${seed}: ${blank} blank steps`);
  }
  checks.report(t, { moreThan: 239 });
});
