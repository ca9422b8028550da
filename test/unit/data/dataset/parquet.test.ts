/** Parquet: the same examples as from JSON lines, row group by row group, and what damaged or oversized files are told. */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteFile } from 'hyparquet-writer';
import t from 'tap';
import type { Example } from '../../../../src/data/dataset/example.js';
import { generateDataset } from '../../../../src/data/dataset/generate.js';
import { readParquet } from '../../../../src/data/dataset/parquet.js';
import { readExamples } from '../../../../src/data/dataset/read-examples.js';
import type { ReadOptions } from '../../../../src/data/dataset/read-rows.js';
import { ReasoningDataset } from '../../../../src/data/dataset/reasoning-dataset.js';
import { DialecticError } from '../../../../src/errors.js';

type Options = Omit<Parameters<typeof parquetWriteFile>[0], 'filename'>;

const folder = t.testdir();

function parquet(name: string, options: Options): string {
  const filename = join(folder, name);
  parquetWriteFile({ filename, ...options });
  return filename;
}

const texts = (name: string, data: unknown[], type: 'STRING' | 'JSON' = 'STRING') => ({ name, data, type });

const gsm8k = (...answers: unknown[]): Options => ({
  columnData: [
    texts(
      'question',
      answers.map((_, i) => `How many in ${i}?`),
    ),
    texts('answer', answers),
  ],
});

async function complaint(path: string, options?: ReadOptions): Promise<string> {
  try {
    await ReasoningDataset.load(path, options);
  } catch (error) {
    t.ok(error instanceof DialecticError && error.code === 'DATA', String((error as Error).stack));
    return (error as Error).message;
  }
  return 'accepted';
}

t.test('our own examples come back the same, in any codec and size of row group', async (t) => {
  const examples = generateDataset(42).evaluation;
  const column = (name: keyof Example, type?: 'JSON') =>
    texts(
      name,
      examples.map((each) => each[name]),
      type,
    );
  const columnData = [
    ...(['question', 'answer', 'reasoning_trace', 'type', 'difficulty', 'domain'] as const).map((name) =>
      column(name),
    ),
    column('metadata', 'JSON'),
  ];
  for (const [name, options] of Object.entries({
    snappy: {},
    plain: { codec: 'UNCOMPRESSED', rowGroupSize: 7 },
    gzip: { codec: 'GZIP', compressors: { GZIP: (bytes: Uint8Array) => gzipSync(bytes) }, rowGroupSize: 64 },
  } satisfies Record<string, Partial<Options>>)) {
    const path = parquet(`${name}.parquet`, { columnData, ...options });
    const dataset = await ReasoningDataset.load(path);
    t.same(dataset.examples, examples, name);
  }
});

t.test('GSM8K, chat messages and field maps are read as from JSON lines', async (t) => {
  const format = { kind: 'gsm8k' } as const;
  const path = parquet('gsm8k.parquet', gsm8k('3 * 24 = <<3*24=72>>72\n#### 72', '#### 1,072'));
  const { examples } = await ReasoningDataset.load(path, { format });
  t.same(
    examples.map(({ answer }) => answer),
    ['72', '1072'],
  );
  t.equal(examples[0]!.reasoning_trace, '3 * 24 = 72');

  const messages = [
    { role: 'user', content: 'What is 2 + 3?' },
    { role: 'assistant', content: '<reasoning>2 + 3 = 5</reasoning><answer>5</answer>' },
  ];
  const chat = parquet('chat.parquet', { columnData: [texts('messages', [messages], 'JSON')] });
  const [example] = (await ReasoningDataset.load(chat, { format: { kind: 'messages' } })).examples;
  t.match(example, { question: 'What is 2 + 3?', answer: '5', reasoning_trace: '2 + 3 = 5' });

  const mapped = parquet('mapped.parquet', {
    columnData: [
      texts('task', [{ prompt: 'Boiling point of water in C?' }], 'JSON'),
      { name: 'gold', data: [100n], type: 'INT64' },
      texts('level', [null]),
      texts('group', ['water']),
      { name: 'picture', data: [new Uint8Array(9)], type: 'BYTE_ARRAY' },
    ],
  });
  const map = { question: 'task.prompt', answer: 'gold', difficulty: 'level', lineage: 'group' };
  const [row] = (await ReasoningDataset.load(mapped, { format: { kind: 'fields', map } })).examples;
  t.match(row, { answer: '100', difficulty: 'medium', metadata: { lineage: 'water' } });
});

t.test('messages as a list of structs, which is how most such files hold them', async (t) => {
  const schema = [
    { name: 'root', num_children: 1 },
    { name: 'messages', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'OPTIONAL', num_children: 2 },
    { name: 'role', repetition_type: 'OPTIONAL', type: 'BYTE_ARRAY', converted_type: 'UTF8' },
    { name: 'content', repetition_type: 'OPTIONAL', type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  ] satisfies NonNullable<Options['schema']>;
  const chats = Array.from({ length: 5 }, (_, i) => [
    { role: 'system', content: null },
    { role: 'user', content: `What is 2 + ${i}?` },
    { role: 'assistant', content: String(2 + i) },
  ]);
  const path = parquet('structs.parquet', {
    schema,
    columnData: [{ name: 'messages', data: chats }],
    rowGroupSize: 2,
  });
  const { examples } = await ReasoningDataset.load(path, { format: { kind: 'messages' } });
  t.same(
    examples.map(({ question, answer }) => [question, answer]),
    chats.map((_, i) => [`What is 2 + ${i}?`, String(2 + i)]),
  );
});

t.test('a bad row is named by its number in the file, or skipped and counted', async (t) => {
  const format = { kind: 'gsm8k' } as const;
  const options = { ...gsm8k('#### 1', '#### 2', 'Three.', null, '#### 5'), rowGroupSize: 2 };
  const path = parquet('bad.parquet', options);
  t.match(await complaint(path, { format }), /bad\.parquet: row 3: answer does not end with "#### number"/);
  const dataset = await ReasoningDataset.load(path, { format, onBadRow: 'skip' });
  t.equal(dataset.examples.length, 3);
  t.same(
    [...dataset.skipped],
    [
      ['answer does not end with "#### number"', 1],
      ['answer is not text', 1],
    ],
  );
  const map = { question: 'q', answer: 'a' };
  for (const [a, says] of [
    [{ name: 'a', data: [2n ** 53n], type: 'INT64' }, /row 1: a is an integer of more than 53 bits/],
    [texts('a', ['x'.repeat(4_000_001)]), /row 1: a is longer than 4000000 characters/],
  ] as const) {
    const odd = parquet('odd.parquet', { columnData: [texts('q', ['Q?']), a as Options['columnData'][0]] });
    t.match(await complaint(odd, { format: { kind: 'fields', map } }), says);
  }
  const schema = [
    { name: 'root', num_children: 2 },
    { name: 'q', type: 'BYTE_ARRAY', converted_type: 'UTF8' },
    { name: 'a', type: 'FIXED_LEN_BYTE_ARRAY', type_length: 3 },
  ] satisfies NonNullable<Options['schema']>;
  const columnData = [
    { name: 'q', data: ['Q?'] },
    { name: 'a', data: [new Uint8Array(3)] },
  ];
  const binary = parquet('binary.parquet', { schema, columnData });
  t.match(await complaint(binary, { format: { kind: 'fields', map } }), /row 1: a is binary data/);
});

t.test('a file without the columns is told which it has', async (t) => {
  const path = parquet('other.parquet', { columnData: [texts('prompt', ['Q?']), texts('solution', ['A'])] });
  t.match(await complaint(path), /has the columns prompt, solution; expected question, answer/);
});

t.test('rows come one row group at a time, and a reader may stop early', async (t) => {
  const many = Array.from({ length: 3000 }, (_, i) => `#### ${i}`);
  const path = parquet('many.parquet', { ...gsm8k(...many), rowGroupSize: 1000 });
  // The last row group is damaged: whoever stops before it never meets it.
  const bytes = readFileSync(path);
  bytes.fill(0xff, bytes.indexOf('#### 2000') - 60, bytes.indexOf('#### 2000') + 4000);
  writeFileSync(path, bytes);
  let count = 0;
  for await (const _ of readExamples(path, { format: { kind: 'gsm8k' } })) {
    if (++count === 2000) break;
  }
  t.equal(count, 2000);
  t.match(
    await complaint(path, { format: { kind: 'gsm8k' } }),
    /could not be read after .*many\.parquet: row 2000: /,
  );
});

t.test('cut, empty and foreign files are DATA errors', async (t) => {
  const path = parquet('cut.parquet', gsm8k(...Array.from({ length: 500 }, (_, i) => `#### ${i}`)));
  const whole = readFileSync(path);
  for (const length of [0, 3, 8, 11, 12, 100, whole.length >> 1, whole.length - 1]) {
    writeFileSync(path, whole);
    truncateSync(path, length);
    t.match(await complaint(path), /cut\.parquet could not be read: it does not end as a Parquet file does/);
  }
  const footer = Buffer.from(whole);
  footer.writeUInt32LE(0x7fff_ffff, footer.length - 8);
  writeFileSync(path, footer);
  t.match(await complaint(path), /a footer of 2147483647 bytes; expected at most/);
  t.match(await complaint(join(folder, 'nowhere.parquet')), /could not be read/);
  t.match(await complaint(parquet('none.parquet', gsm8k())), /holds no example/);
});

t.test('bytes that make a decoder loop or fill its memory are an error of the file', async (t) => {
  const rows = 100;
  const options = { ...gsm8k(...Array.from({ length: rows }, (_, i) => `#### ${i}`)), codec: 'UNCOMPRESSED' };
  const path = parquet('loop.parquet', options as Options);
  const bytes = readFileSync(path);
  // The levels of a page are a run "100 times 1"; it becomes one of 2^31 - 1.
  const run = bytes.indexOf(Buffer.from([0xc8, 1, 1]));
  t.ok(run > 0);
  bytes.set([0xfe, 0xff, 0xff, 0xff, 0x0f], run);
  writeFileSync(path, bytes);
  await t.rejects(async () => {
    for await (const _ of readParquet(path, ['question', 'answer'], 1500)) t.fail('a row');
  }, /it is damaged/);
});
