import { Template } from '@huggingface/jinja';
import { Tokenizer } from '@huggingface/tokenizers';
import t from 'tap';
import { configSchema } from '../../../src/config/schema.js';
import { TOPICS } from '../../../src/data/dataset/catalogue.js';
import { DIFFICULTIES } from '../../../src/data/dataset/example.js';
import { generateDataset } from '../../../src/data/dataset/generate.js';
import {
  createPrompt,
  OPENINGS,
  PROMPT_END,
  PROMPT_START,
  TAGS,
  TURN_LABELS,
  VERDICTS,
} from '../../../src/data/prompt.js';
import { buildNanoTokenizer } from '../../../src/data/tokenizer-builder.js';
import { WarmStart, worked } from '../../../src/data/warm-start.js';
import { nanoConfig } from '../../../src/model/nano.js';
import { Random } from '../../../src/random.js';
import { Checks } from '../../kit/checks.js';

interface TokenizerJson {
  readonly model: { readonly vocab: Readonly<Record<string, number>> };
}

// That the same files come out every time is checked by test/system/pretrain.test.ts, in two processes.
const files = buildNanoTokenizer();
const config = files['tokenizer_config.json'] as { readonly chat_template: string };
const vocabulary = (files['tokenizer.json'] as TokenizerJson).model.vocab;
const tokenizer = new Tokenizer(files['tokenizer.json'], files['tokenizer_config.json']);
const encode = (text: string): number[] => tokenizer.encode(text).ids;
const decode = (ids: number[]): string => tokenizer.decode(ids, { skip_special_tokens: false });
/** Another seed than the vocabulary was gathered with. */
const warmStart = new WarmStart(77);
const examples = Array.from({ length: 1000 }, (_, index) => warmStart.example(index));

t.test('the vocabulary is dense, small and a multiple of 16', async (t) => {
  const ids = Object.values(vocabulary).sort((a, b) => a - b);
  t.same(
    ids,
    ids.map((_, i) => i),
  );
  t.ok(ids.length <= 3072, `${ids.length} tokens`);
  t.equal(ids.length % 16, 0);
});

t.test('a prompt is the question between two tokens, and each tag is one token', async (t) => {
  const ids = encode(createPrompt('What is 15% of 240?'));
  t.equal(ids[0], vocabulary[PROMPT_START]);
  t.equal(ids.at(-1), vocabulary[PROMPT_END]);
  t.same(ids.slice(1, -1), encode('What is 15% of 240?'));
  t.equal(ids.length, 12);
  for (const tag of TAGS) t.same(encode(tag), [vocabulary[tag]]);
  for (const part of [...Object.values(OPENINGS), ...Object.values(TURN_LABELS)])
    t.same(encode(part), [vocabulary[part]], part);
  const turns = [
    { role: 'forward', text: '36' },
    { role: 'backward', text: '24' },
    { role: 'skeptic', text: 'forward' },
  ] as const;
  t.same(encode(createPrompt('What is 15% of 240?', 'synthesizer', turns)), [
    vocabulary[OPENINGS.synthesizer],
    ...encode('What is 15% of 240?'),
    ...[vocabulary[TURN_LABELS.forward], ...encode('36')],
    ...[vocabulary[TURN_LABELS.backward], ...encode('24')],
    ...[vocabulary[TURN_LABELS.skeptic], ...encode('forward')],
    vocabulary[PROMPT_END],
  ]);
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

/** Words, digits and runs of signs with the spaces that belong to them. */
const PIECES = / ?[A-Za-z]+(?: (?=\d))?|\d| ?[^A-Za-z0-9\s]+(?: (?=\d))?|\s+/gu;

t.test('words never fall apart into bytes, on problems that did not make the vocabulary', async (t) => {
  let texts = 0;
  let broken = 0;
  for (const topic of TOPICS) {
    for (const difficulty of DIFFICULTIES) {
      for (let i = 0; i < 25; i++) {
        const random = new Random(99, 'other problems', topic.name, difficulty, i);
        const { question, answer, work = [] } = topic.draw(random, difficulty).write(random, random);
        for (const text of [question, answer, worked(work)]) {
          texts++;
          if (encode(text).length === text.match(PIECES)!.length) continue;
          broken++;
          // Genotypes such as BbKK are too many to be words all of them.
          if (topic.name !== 'biology') t.fail(`seed 99, ${topic.name}, ${difficulty} ${i}: ${text}`);
        }
      }
    }
  }
  t.ok(broken < 0.005 * texts, `${broken} of ${texts} texts`);
});

t.test('nor do those of debates', async (t) => {
  let broken = 0;
  for (const { question, turns, completion } of examples) {
    const parts = completion.split(/<\/?[a-z]+>/).filter((part) => part !== '');
    for (const text of [question, ...parts, ...turns.map(({ text }) => text)])
      if (encode(text).length > text.match(PIECES)!.length) broken++;
  }
  t.ok(broken < 0.005 * 2 * examples.length, `${broken} texts`);
  for (const verdict of VERDICTS) t.equal(encode(verdict).length, 1, verdict);
});

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

t.test('prompts fit a run by default, and all but a few completions do', async (t) => {
  const { sampling, evaluation } = configSchema.parse({});
  const { train, evaluation: held } = generateDataset(42, { augment: true });
  const { max_position_embeddings: positions } = nanoConfig(16, { bos: 1, eos: 2, pad: 0 }) as Record<
    string,
    number
  >;
  // One position is the <bos> of the chat template, one the <eos> of the completion.
  let longest = 0;
  for (const { question } of [...train.filter((_, i) => i % 4 === 0), ...held])
    longest = Math.max(longest, encode(createPrompt(question)).length + 1);
  t.ok(longest <= sampling.maxPromptTokens, `the longest prompt of the dataset has ${longest} tokens`);
  let tooLong = 0;
  for (const { question, role, turns, completion } of examples) {
    const prompt = encode(createPrompt(question, role, turns)).length + 1;
    const tokens = encode(completion).length + 1;
    if (prompt > sampling.maxPromptTokens) t.fail(`${prompt} tokens: ${question}`);
    if (prompt + tokens > positions!) t.fail(`${prompt} + ${tokens} positions: ${question}`);
    if (tokens > sampling.maxCompletionTokens) tooLong++;
  }
  t.ok(tooLong < 0.03 * examples.length, `${tooLong} completions are longer than a run allows`);
  t.ok(sampling.maxPromptTokens + sampling.maxCompletionTokens <= positions!);
  t.equal(evaluation.maxCompletionTokens, sampling.maxCompletionTokens);
});

t.test('questions, turns and completions decode to themselves', async (t) => {
  const checks = new Checks();
  for (const { question, role, turns, completion } of examples) {
    for (const text of [createPrompt(question, role, turns), completion])
      checks.ok(decode(encode(text)) === text, text);
  }
  checks.report(t, { moreThan: 1999 });
});

t.test('each style begins with a token of its own, the same for all topics', async (t) => {
  const first: Record<string, Set<number>> = { The: new Set(), Work: new Set(), Suppose: new Set() };
  for (const { completion, role } of examples) {
    const [word] = /(?<=^<reasoning>)\w+/.exec(completion)!;
    if (role !== 'synthesizer') first[word]!.add(encode(completion)[1]!);
  }
  t.same([...first.The!], [vocabulary.The]);
  t.same([...first.Work!], [vocabulary.Work]);
  // A space before a number belongs to the word.
  t.same([...first.Suppose!].sort(), [vocabulary.Suppose, vocabulary.SupposeĠ].sort());
  const forced = encode('<reasoning>Work');
  const works = examples.filter(({ completion }) => completion.startsWith('<reasoning>Work'));
  t.ok(works.length > 250);
  for (const { completion } of works)
    if (encode(completion).slice(0, forced.length).join() !== forced.join()) t.fail(completion);
});

t.test('the chat template is <bos> and the contents, nothing else', async (t) => {
  const prompt = createPrompt('What is 2 + 2?');
  const messages = [
    { role: 'user', content: prompt },
    { role: 'assistant', content: 'four' },
  ];
  t.equal(new Template(config.chat_template).render({ messages, bos_token: '<bos>' }), `<bos>${prompt}four`);
});
