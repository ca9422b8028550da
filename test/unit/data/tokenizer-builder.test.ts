import { Template } from '@huggingface/jinja';
import { Tokenizer } from '@huggingface/tokenizers';
import t from 'tap';
import { completionText, createPrompt, PROMPT_END, PROMPT_START, TAGS } from '../../../src/data/prompt.js';
import { FAMILY_NAMES, generateProblem } from '../../../src/data/splits.js';
import { buildNanoTokenizer } from '../../../src/data/tokenizer-builder.js';
import { Random } from '../../../src/random.js';

interface TokenizerJson {
  readonly model: { readonly vocab: Readonly<Record<string, number>> };
}

const files = buildNanoTokenizer();
const config = files['tokenizer_config.json'] as { readonly chat_template: string };
const vocabulary = (files['tokenizer.json'] as TokenizerJson).model.vocab;
const tokenizer = new Tokenizer(files['tokenizer.json'], files['tokenizer_config.json']);
const encode = (text: string): number[] => tokenizer.encode(text).ids;
const decode = (ids: number[]): string => tokenizer.decode(ids, { skip_special_tokens: false });

t.test('the vocabulary is dense, small and a multiple of 16', async (t) => {
  const ids = Object.values(vocabulary).sort((a, b) => a - b);
  t.same(
    ids,
    ids.map((_, i) => i),
  );
  t.ok(ids.length <= 512, `${ids.length} tokens`);
  t.equal(ids.length % 16, 0);
});

t.test('the same files come out every time', async (t) => {
  t.equal(JSON.stringify(buildNanoTokenizer()), JSON.stringify(files));
});

t.test('a prompt is the question between two tokens, and each tag is one token', async (t) => {
  const ids = encode(createPrompt('What is 15% of 240?'));
  t.equal(ids[0], vocabulary[PROMPT_START]);
  t.equal(ids.at(-1), vocabulary[PROMPT_END]);
  t.same(ids.slice(1, -1), encode('What is 15% of 240?'));
  t.equal(ids.length, 12);
  for (const tag of TAGS) t.same(encode(tag), [vocabulary[tag]]);
});

t.test('a digit is always the same single token', async (t) => {
  for (const text of ['7', ' 7', 'a7', '17 7', '= 7', '[7, 7]', '\n7', '70007']) {
    const digits = text.match(/[0-9]/g)?.length;
    t.equal(
      encode(text).filter((id) => '0123456789'.includes(tokenizer.id_to_token(id) ?? 'none')).length,
      digits,
      text,
    );
  }
});

t.test(
  'words of the generators never fall apart into bytes, on problems that did not make the vocabulary',
  async (t) => {
    for (let index = 0; index < 3000; index++) {
      const { question, traces, answer } = generateProblem(99, 'train', index);
      for (const text of [question, traces.quick, traces.worked, answer]) {
        const tokens: string[] = tokenizer.tokenize(text);
        const pieces = tokens.filter((token) => token.length === 1 && /[A-Za-zĠ]/.test(token));
        // Single letters that are words of their own: the variables and the pronouns.
        const strange = pieces.filter((token) => !'xtA'.includes(token));
        if (strange.length > 0) t.fail(`"${text}" has the pieces ${strange.join(' ')}`);
      }
    }
  },
);

t.test('decoding gives back every text, whatever it holds', async (t) => {
  const odd = [
    'What is 15 % of  240 ?',
    "It's , ok . isn't",
    'naïve 漢字 🎉 é\u0301',
    ' \t\r\n  a\n\n b ',
    '<eos><bos><pad><unused0>',
    '<reasoning></reasoning',
    '\u0000\u0001\ufeff\u0085\u00a0',
    '-12.5e3 0x7F 1,000',
  ];
  for (const text of odd) t.equal(decode(encode(text)), text);
  const random = new Random(2024, 'round trip');
  for (let i = 0; i < 300; i++) {
    const text = Array.from({ length: random.integer(1, 40) }, () =>
      String.fromCodePoint(
        random.integer(0, 3) === 0 ? random.integer(0xe000, 0x1ffff) : random.integer(1, 126),
      ),
    ).join('');
    if (decode(encode(text)) !== text) t.fail(`seed 2024, text ${i}: ${JSON.stringify(text)}`);
  }
});

t.test('questions and completions keep within their budgets, and decode to themselves', async (t) => {
  for (const family of FAMILY_NAMES) {
    for (let index = 0; index < 400; index++) {
      const { question, traces, answer } = generateProblem(7, 'pretrain', index, [family]);
      const prompt = encode(question);
      if (prompt.length > 45) t.fail(`${prompt.length} tokens: ${question}`);
      for (const trace of [traces.quick, traces.worked]) {
        const text = completionText(trace, answer);
        const ids = encode(text);
        if (ids.length > 96) t.fail(`${ids.length} tokens: ${text}`);
        if (decode(ids) !== text) t.fail(text);
      }
    }
  }
});

t.test('the two styles begin with different tokens, each the same for all families', async (t) => {
  const first = { quick: new Set<number>(), worked: new Set<number>() };
  for (let index = 0; index < 600; index++) {
    const { traces, answer } = generateProblem(8, 'train', index);
    first.quick.add(encode(completionText(traces.quick, answer))[1] as number);
    first.worked.add(encode(completionText(traces.worked, answer))[1] as number);
  }
  t.same([...first.quick], [vocabulary.The]);
  t.same([...first.worked], [vocabulary.StepĠ]);
});

t.test('the chat template is <bos> and the contents, nothing else', async (t) => {
  const prompt = createPrompt('What is 2 + 2?');
  const messages = [
    { role: 'user', content: prompt },
    { role: 'assistant', content: 'four' },
  ];
  t.equal(new Template(config.chat_template).render({ messages, bos_token: '<bos>' }), `<bos>${prompt}four`);
});
