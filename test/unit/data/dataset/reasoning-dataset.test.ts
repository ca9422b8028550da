/** Loading: our own files, GSM8K, chat messages, any JSON lines, and what bad rows are told. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { generateDataset } from '../../../../src/data/dataset/generate.js';
import { ReasoningDataset } from '../../../../src/data/dataset/reasoning-dataset.js';
import { DialecticError } from '../../../../src/errors.js';

const { evaluation } = generateDataset(42);
const folder = t.testdir();

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const lines = (...rows: unknown[]): string =>
  rows.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join('');

async function complaint(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    t.ok(error instanceof DialecticError && error.code === 'DATA', String(error));
    return (error as Error).message;
  }
  return 'accepted';
}

t.test('what was written is read back the same, packed or not', async (t) => {
  const text = lines(...evaluation);
  for (const path of [
    file('own.jsonl', text),
    file('own.jsonl.gz', gzipSync(text)),
    file('windows.jsonl', `\uFEFF${text.replaceAll('\n', '\r\n')}\r\n`),
  ]) {
    const dataset = await ReasoningDataset.load(path);
    t.same(dataset.examples, evaluation, path);
    t.equal(dataset.statistics.examples, 200);
  }
});

t.test('a bad row ends loading with file, line and field', async (t) => {
  const good = evaluation[0]!;
  const cases: [unknown, RegExp][] = [
    [{ ...good, question: ' ' }, /:2: question is empty/],
    [{ ...good, type: 'poetry' }, /:2: type /],
    [{ ...good, metadata: { ...good.metadata, source: 'x' } }, /:2: metadata\.source /],
    [{ ...good, metadata: { ...good.metadata, unordered: 'yes' } }, /:2: metadata\.unordered /],
    [{ ...good, answer: undefined }, /:2: answer /],
    ['{"question": ', /:2: \(row\) is not JSON/],
    ['[1]', /:2: \(row\)/],
    ['null', /:2: \(row\)/],
  ];
  for (const [row, message] of cases)
    t.match(await complaint(ReasoningDataset.load(file('bad.jsonl', lines(good, row)))), message);
});

t.test('bad rows can be skipped and are counted by reason', async (t) => {
  const good = evaluation[0]!;
  const path = file(
    'mixed.jsonl',
    lines(good, '{', { ...good, question: '' }, '', { ...good, question: '' }, good),
  );
  const dataset = await ReasoningDataset.load(path, { onBadRow: 'skip' });
  t.equal(dataset.examples.length, 2);
  t.same(
    [...dataset.skipped],
    [
      ['(row) is not JSON', 1],
      ['question is empty', 2],
    ],
  );
});

t.test('separators inside texts do not end a row, and a line without end is one bad row', async (t) => {
  const good = { ...evaluation[0]!, question: 'one\u2028two\u2029three\u0085four' };
  const endless = `"${'x'.repeat(4_100_000)}"`;
  const path = file('separators.jsonl', `${JSON.stringify(good)}\n${endless}\n${JSON.stringify(good)}`);
  const { examples, skipped } = await ReasoningDataset.load(path, { onBadRow: 'skip' });
  t.same(
    examples.map(({ question }) => question),
    [good.question, good.question],
  );
  t.same([...skipped], [['(row) is longer than 4000000 characters', 1]]);
});

t.test('a file without a good row, or no file, is an error', async (t) => {
  t.match(await complaint(ReasoningDataset.load(file('empty.jsonl', '\n\n'))), /holds no example/);
  t.match(
    await complaint(ReasoningDataset.load(file('junk.jsonl', 'x\ny\n'), { onBadRow: 'skip' })),
    /skipped: 2 x \(row\) is not JSON/,
  );
  t.match(await complaint(ReasoningDataset.load(join(folder, 'nowhere.jsonl'))), /could not be read/);
  t.match(await complaint(ReasoningDataset.load(file('broken.jsonl.gz', 'not gzip'))), /could not be read/);
});

t.test('GSM8K: the number after #### is the answer, calculator marks leave the trace', async (t) => {
  const answer =
    'She sold 48/2 = <<48/2=24>>24 clips.\nAltogether 1,048 + 24 = <<1048+24=1072>>1,072.\n#### 1,072';
  const path = file('gsm8k.jsonl', lines({ question: 'How many clips?', answer }));
  const [example] = (await ReasoningDataset.load(path, { format: { kind: 'gsm8k' } })).examples;
  t.equal(example?.answer, '1072');
  t.equal(example?.reasoning_trace, 'She sold 48/2 = 24 clips.\nAltogether 1,048 + 24 = 1,072.');
  t.match(example, {
    type: 'math',
    domain: 'gsm8k',
    metadata: { verification: 'verifiable', lineage: /^question:/ },
  });
  const bad = file('gsm8k-bad.jsonl', lines({ question: 'How many?', answer: 'Five.' }));
  t.match(
    await complaint(ReasoningDataset.load(bad, { format: { kind: 'gsm8k' } })),
    /:1: answer does not end with "####/,
  );
});

t.test('chat messages: the last exchange, tags taken apart', async (t) => {
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'What is 2 + 3?' },
    { role: 'assistant', content: '<reasoning>2 + 3 = 5</reasoning><answer>5</answer>' },
  ];
  const format = { kind: 'messages', defaults: { type: 'code', domain: 'chat' } } as const;
  const path = file(
    'chat.jsonl',
    lines({ messages }, { messages: [messages[1], { role: 'assistant', content: 'It is five.' }] }),
  );
  const { examples } = await ReasoningDataset.load(path, { format });
  t.match(examples[0], {
    question: 'What is 2 + 3?',
    answer: '5',
    reasoning_trace: '2 + 3 = 5',
    type: 'code',
    domain: 'chat',
  });
  t.match(examples[1], { answer: 'It is five.' });
  t.equal(examples[1]?.reasoning_trace, undefined);
  for (const [row, message] of [
    [{ messages: [messages[1]] }, /messages has no assistant/],
    [{ messages: 3 }, /messages is not a list/],
    [{ messages: [null] }, /no user message/],
  ] as const) {
    t.match(await complaint(ReasoningDataset.load(file('chat-bad.jsonl', lines(row)), { format })), message);
  }
});

t.test('any JSON lines: fields by a map, nested ones by dots, numbers as text', async (t) => {
  const format = {
    kind: 'fields',
    map: { question: 'task.prompt', answer: 'gold', difficulty: 'level' },
    defaults: { type: 'science' },
  } as const;
  const path = file(
    'fields.jsonl',
    lines({ task: { prompt: 'Boiling point of water in C?' }, gold: 100, level: 'easy' }),
  );
  const { examples } = await ReasoningDataset.load(path, { format });
  t.match(examples[0], {
    question: 'Boiling point of water in C?',
    answer: '100',
    difficulty: 'easy',
    type: 'science',
  });
  const bad = file('fields-bad.jsonl', lines({ task: null, gold: 1 }));
  t.match(await complaint(ReasoningDataset.load(bad, { format })), /:1: task\.prompt is missing/);
});

t.test('prompts have the fixed template, or the chat template of a model', async (t) => {
  const dataset = new ReasoningDataset(evaluation);
  const expected = `You are a helpful AI that shows reasoning step-by-step.

**Instructions:**
- Think through the problem carefully
- Show your work in <reasoning> tags
- Put your final answer in <answer> tags

**Question:**
What is 2 + 3?

**Response:**`;
  t.equal(dataset.createPrompt({ question: 'What is 2 + 3?' }), expected);
  const rendered = dataset.createPrompt({ question: 'What is 2 + 3?' }, (messages) =>
    messages.map(({ role, content }) => `<${role}>${content}`).join(''),
  );
  t.equal(rendered, `<user>${expected.replace('\n\n**Response:**', '')}`);
});
