import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { completionText } from '../../../src/data/prompt.js';
import { perturb, testRewards } from '../../../src/doctor/reward-self-test.js';
import { readItems, UNKNOWN } from '../../../src/evaluation/items.js';
import { judgeCompletion } from '../../../src/evaluation/judge-completion.js';
import { heldOutProblems } from '../../../src/evaluation/problems.js';
import { Random } from '../../../src/random.js';
import { temporaryFolder } from '../../kit/cli.js';

t.test('rows are read with their defaults, a byte order mark and blank lines', async (t) => {
  const file = join(temporaryFolder(t), 'data.jsonl');
  const full = {
    id: 'x',
    question: 'Q?',
    answer: 'A',
    type: 'creative',
    difficulty: 'hard',
    domain: 'fiction',
    metadata: { lineage: 'l', keywords: ['a'] },
  };
  writeFileSync(file, `\ufeff{"question":"1+1?","answer":"2"}\r\n\n${JSON.stringify(full)}\n`);
  t.same(
    await readItems(file),
    [
      {
        id: `${file}:1`,
        question: '1+1?',
        answer: '2',
        type: 'unknown',
        difficulty: 'unknown',
        domain: 'unknown',
        lineage: null,
      },
      { ...full, metadata: undefined, lineage: 'l', keywords: ['a'] },
    ].map(({ metadata: _, ...item }: Record<string, unknown>) => item),
  );
  t.equal((await readItems(file, { count: 1 })).length, 1);
});

t.test('a bad row is an error with its file, line and field', async (t) => {
  const file = join(temporaryFolder(t), 'data.jsonl');
  for (const [row, says] of [
    ['{"answer":"2"}', /data\.jsonl:2: question is wrong/],
    ['{"question":"x"}', /:2: answer/],
    ['{"question":"x","answer":" "}', /:2: answer/],
    ['{"question":"x","answer":3}', /:2: answer/],
    ['{"question":"x","answer":"3","type":1}', /:2: type/],
    ['{"question":"x","answer":"3","lineage":1}', /:2: lineage/],
    ['{"question":"x","answer":"3","metadata":{"keywords":"a"}}', /:2: metadata\.keywords/],
    ['{"question":"x","answer":"3","metadata":{"unordered":1}}', /:2: metadata\.unordered is wrong/],
    ['[1]', /:2: \(row\) is not a JSON object/],
    ['{"question"', /:2: \(row\) is not JSON/],
  ] as const) {
    writeFileSync(file, `{"question":"q","answer":"a"}\n${row}\n`);
    await t.rejects(readItems(file), { code: 'DATA', message: says }, row);
    t.equal((await readItems(file, { onBadRow: 'skip' })).length, 1, row);
  }
  writeFileSync(file, '\n');
  await t.rejects(readItems(file), { code: 'DATA', message: /no rows/ });
  await t.rejects(readItems(`${file}.not`), { code: 'DATA', message: /could not be read/ });
  writeFileSync(file, '{}\n{}\n');
  const skipping = readItems(file, { onBadRow: 'skip', skipped: new Map() });
  await t.rejects(skipping, { message: /no good row: 2 x question is wrong/ });
});

t.test('rows of other layouts become the same items', async (t) => {
  const file = join(temporaryFolder(t), 'data.jsonl');
  writeFileSync(file, '{"prompt":"1+1?","solution":2,"source":"s"}\n');
  const map = { question: 'prompt', answer: 'solution', lineage: 'source' };
  const [item] = await readItems(file, { format: { kind: 'fields', map, defaults: UNKNOWN } });
  t.same(item, { id: `${file}:1`, question: '1+1?', answer: '2', ...UNKNOWN, lineage: 's', keywords: [] });
  writeFileSync(file, '{"question":"How many?","answer":"6*7=<<6*7=42>>42\\n#### 42"}\n');
  t.match((await readItems(file, { format: { kind: 'gsm8k' } }))[0], { answer: '42', domain: 'gsm8k' });
});

t.test('a completion is judged in every way, and keeps what each reward says', async (t) => {
  const [item] = heldOutProblems(1);
  const given = { item: 0, sample: 0, tokens: 9, stopped: true };
  const right = { ...given, text: completionText('because 1 + 1 = 2.', item!.answer) };
  const row = judgeCompletion(item!, right, 'greedy');
  t.match(row, {
    isCorrect: true,
    isFormatted: true,
    gold: item!.answer,
    answer: item!.answer,
    rubric: null,
  });
  t.match(row.rewards, { answer: 1, format: 1, match_format_exactly: 3, check_answer: 3 });
  const none = judgeCompletion(item!, { ...given, text: null }, 'greedy');
  t.match(none, { isCorrect: false, isFormatted: false, completion: null, answer: null, quality: 0 });
  const open = { ...item!, type: 'creative', answer: 'In the old town, a clock dreamed of the sea.' };
  const graded = judgeCompletion(open, { ...given, text: completionText('a b', open.answer) }, 'sampled');
  t.match(graded, { isCorrect: null, mode: 'sampled' });
  t.ok(graded.rubric! > 0.5);
});

t.test('a held-out list of knights is judged in any order, from a file as well', async (t) => {
  const file = join(temporaryFolder(t), 'data.jsonl');
  const held = heldOutProblems(600).find(
    ({ family, answer }) => family === 'knights_and_knaves' && answer.includes(', '),
  )!;
  const { id, question, answer, type, unordered } = held;
  const row = { id, question, answer, type, metadata: { unordered } };
  writeFileSync(file, `${JSON.stringify(row)}\n${JSON.stringify({ ...row, metadata: {} })}\n`);
  const [read, ordered] = await readItems(file);
  t.notOk('unordered' in ordered!);
  const names = answer.split(', ');
  for (const [claimed, isCorrect] of [
    [names, true],
    [names.toReversed(), true],
    [names.slice(1), false],
    [[...names, names[0]!], false],
    [[...names, 'Nobody'], false],
  ] as const) {
    const text = completionText('because', claimed.join(', '));
    for (const item of [held, read!]) {
      const judged = judgeCompletion(item, { item: 0, sample: 0, tokens: 9, stopped: true, text }, 'greedy');
      t.match(judged, { isCorrect, rewards: { answer: Number(isCorrect) } }, text);
    }
  }
  const text = completionText('because', names.toReversed().join(', '));
  const judged = judgeCompletion(ordered!, { item: 0, sample: 0, tokens: 9, stopped: true, text }, 'greedy');
  t.match(
    judged,
    { isCorrect: false, rewards: { answer: 0 } },
    'its order matters where the row says nothing',
  );
});

t.test('each held-out gold answer scores full marks and each perturbed one none', async (t) => {
  t.same(testRewards(600), { problems: 600, perturbed: 600, failures: [] });
  const random = new Random('perturb');
  for (const answer of ['7', '-12', '[1, 2]', 'Ben, Cal', '1/2', 'True']) {
    for (let i = 0; i < 20; i++) {
      const other = perturb(answer, random);
      t.ok(other !== answer && other.length === answer.length, `${answer} -> ${other}`);
    }
  }
});
