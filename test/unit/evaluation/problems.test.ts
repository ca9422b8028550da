/** The problems of a run: of the generated dataset or of a file, and never the same lineage on both sides. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Config, configSchema } from '../../../src/config/schema.js';
import { generateDataset } from '../../../src/data/dataset/generate.js';
import { splitOf } from '../../../src/data/splits.js';
import { heldOutProblems, openProblems } from '../../../src/evaluation/problems.js';
import { DOMAINS } from '../../../src/protocol/index.js';
import { Checks } from '../../kit/checks.js';
import { temporaryFolder } from '../../kit/cli.js';

const configOf = (data: Partial<Config['data']>, seed = 42): Config => configSchema.parse({ seed, data });
const open = (data: Partial<Config['data']> = {}, seed = 42) => openProblems(configOf(data, seed), () => {});
/** The problems of a run by default. */
const base = await open();
const typesOf = (problems: readonly { readonly type: string }[]): string[] =>
  [...new Set(problems.map(({ type }) => type))].sort();

t.test(
  'by default a run trains on the dataset of 42 with its variants, and is tested on 500 others',
  async (t) => {
    const { training, evaluation } = base;
    const dataset = generateDataset(42, { augment: true });
    t.same(
      training.map(({ id }) => id),
      dataset.train.map(({ metadata }) => metadata.id),
    );
    t.equal(evaluation.length, 500);
    const held = new Set(dataset.evaluation.map(({ question }) => question));
    t.ok(evaluation.every(({ question }) => held.has(question)));
    t.equal(new Set(evaluation.map(({ id }) => id)).size, 500);
    const trained = new Set(dataset.train.map(({ metadata }) => metadata.lineage));
    t.notOk(evaluation.some(({ lineage }) => trained.has(lineage!)));
    t.same(typesOf(training), [...DOMAINS].sort());
    t.same(typesOf(evaluation), [...DOMAINS].sort());
  },
);

t.test('the held-out problems do not depend on the seed of the run', async (t) => {
  const other = await open({}, 1);
  t.strictSame(other.evaluation, base.evaluation);
  t.strictSame(other.training, base.training, 'nor what is trained on: a run orders it');
});

t.test('pretrain, doctor and a run by default test on the same problems', async (t) => {
  const { evaluation } = base;
  const held = heldOutProblems(500);
  t.strictSame(held, evaluation);
  for (const { id, family } of held.slice(0, 50)) {
    t.match(id, /^evaluation-42-/);
    t.ok(family);
  }
});

t.test('each key of data changes the problems', async (t) => {
  const other = await open({ seed: 43 });
  const questions = new Set(base.training.map(({ question }) => question));
  const shared = other.training.filter(({ question }) => questions.has(question)).length;
  t.ok(shared < 50, `${shared} questions of another dataset`);
  const plain = await open({ augment: false });
  t.equal(plain.training.length, 800);
  t.equal(plain.evaluation.length, 200, 'no more than there are');
  t.equal((await open({ evaluationProblems: 12 })).evaluation.length, 12);
  t.same((await open({ evaluationProblems: 12 })).evaluation, base.evaluation.slice(0, 12));
});

t.test('domains limit training and evaluation alike', async (t) => {
  const { training, evaluation } = await open({ domains: ['science', 'creative'] });
  t.same(typesOf(training), ['creative', 'science']);
  t.same(typesOf(evaluation), ['creative', 'science']);
  const ofTheDomains = ({ type }: { type: string }): boolean => ['science', 'creative'].includes(type);
  t.same(training, base.training.filter(ofTheDomains));
  const among = base.evaluation.filter(ofTheDomains);
  t.same(evaluation.slice(0, among.length), among);
  t.ok(evaluation.length > among.length, 'which are not only those among the first 500');
});

// ---- files --------------------------------------------------------------------------------------------------------------

/** Rows of two wordings for each of 200 lineages, half of them logic puzzles. */
const OWN = Array.from({ length: 400 }, (_, i) => ({
  question: `Question ${i}?`,
  answer: String(i),
  difficulty: 'easy',
  domain: 'mine',
  type: i % 4 < 2 ? 'math' : 'logic_puzzle',
  metadata: {
    source: 'human_authored',
    verification: 'verifiable',
    keywords: [],
    lineage: `mine:${Math.floor(i / 2)}`,
    id: `row-${i}`,
  },
}));

function fileOf(t: { teardown(release: () => void): void }, rows: readonly object[]): string {
  const path = join(temporaryFolder(t), 'mine.jsonl');
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return path;
}

t.test('a file is divided by lineage, the same way for every run', async (t) => {
  const path = fileOf(t, OWN);
  const { training, evaluation } = await open({ path });
  t.equal(training.length + evaluation.length, OWN.length, 'every row is used');
  t.ok(
    evaluation.length >= 0.03 * OWN.length && evaluation.length <= 0.2 * OWN.length,
    `${evaluation.length}`,
  );
  const lineageOf = new Map(OWN.map(({ metadata }) => [metadata.id, metadata.lineage]));
  const trained = new Set(training.map(({ id }) => lineageOf.get(id)));
  const checks = new Checks();
  for (const { id, lineage } of evaluation) {
    checks.same(lineage, lineageOf.get(id), `lineage of ${id}`);
    checks.ok(!trained.has(lineage!), `${lineage} is on both sides`);
    checks.same(splitOf(lineage!), 'evaluation', lineage!);
  }
  checks.report(t, { moreThan: 30 });
  t.same(
    training.map(({ id }) => id),
    OWN.filter(({ metadata }) => splitOf(metadata.lineage) !== 'evaluation').map(
      ({ metadata }) => metadata.id,
    ),
  );
  t.strictSame(await open({ path }, 7), { training, evaluation });
  const puzzles = await open({ path, domains: ['logic_puzzle'] });
  t.same([typesOf(puzzles.training), typesOf(puzzles.evaluation)], [['logic_puzzle'], ['logic_puzzle']]);
});

t.test('rows without a lineage have that of their wording, so that none is on both sides', async (t) => {
  const rows = OWN.flatMap(({ metadata: { lineage: _, ...metadata }, ...row }) => [
    { ...row, metadata },
    { ...row, question: row.question.toUpperCase(), metadata: { ...metadata, id: `${metadata.id}-again` } },
  ]);
  const { training, evaluation } = await open({ path: fileOf(t, rows), evaluationProblems: 10_000 });
  t.equal(training.length + evaluation.length, rows.length);
  const trained = new Set(training.map(({ question }) => question.toLowerCase()));
  t.ok(evaluation.length > 0);
  t.notOk(evaluation.some(({ question }) => trained.has(question.toLowerCase())));
});

t.test('a file of GSM8K is read as mathematics', async (t) => {
  const checks = new Checks();
  const rows = Array.from({ length: 100 }, (_, i) => ({
    question: `Ann has ${i} eggs and buys 2. How many has she?`,
    answer: `She has ${i} + 2 = <<${i}+2=${i + 2}>>${i + 2} eggs.\n#### ${i + 2}`,
  }));
  const { training, evaluation } = await open({ path: fileOf(t, rows), format: 'gsm8k' });
  t.equal(training.length + evaluation.length, 100);
  t.ok(evaluation.length > 0);
  for (const { question, answer, type } of [...training, ...evaluation]) {
    checks.same(type, 'math', question);
    checks.same(Number(answer), Number(/\d+/.exec(question)![0]) + 2, question);
  }
  const ids = [...training, ...evaluation].map(({ id }) => id);
  t.equal(new Set(ids).size, 100, 'rows without an id are told apart');
  checks.report(t, { moreThan: 199 });
});

t.test('a file with nothing to train on, to hold out or to read is refused by name', async (t) => {
  const of = (split: boolean) =>
    OWN.filter(({ metadata }) => (splitOf(metadata.lineage) === 'evaluation') === split);
  const cases: [Partial<Config['data']>, RegExp][] = [
    [
      { path: fileOf(t, of(false)) },
      /mine\.jsonl has no example of data\.domains .* to hold out; .* a larger file/,
    ],
    [{ path: fileOf(t, of(true)) }, /mine\.jsonl has no example of data\.domains .* to train on/],
    [
      { path: fileOf(t, OWN), domains: ['code'] },
      /no example of data\.domains \(code\) to train on; name others/,
    ],
    [{ path: fileOf(t, []) }, /mine\.jsonl holds no example/],
    [{ path: fileOf(t, [...OWN, { question: 'Q?' }]) }, /mine\.jsonl:401.*answer/],
    [{ path: fileOf(t, OWN), format: 'gsm8k' }, /mine\.jsonl:1.*answer/],
    [{ path: join(temporaryFolder(t), 'not-there.jsonl') }, /not-there\.jsonl/],
  ];
  for (const [data, message] of cases) await t.rejects(open(data), { code: 'DATA', message });
});

t.test('bad rows of a file end the reading, or are left out and told', async (t) => {
  const path = join(temporaryFolder(t), 'rows.jsonl');
  const rows = Array.from({ length: 60 }, (_, i) => ({
    question: `What is ${i} + ${i}?`,
    answer: `#### ${2 * i}`,
  }));
  const lines = rows.map((row) => JSON.stringify(row));
  writeFileSync(path, [...lines.slice(0, 30), '{"question": 4}', ...lines.slice(30)].join('\n'));
  await t.rejects(open({ path, format: 'gsm8k' }), { code: 'DATA', message: /rows\.jsonl:31/ });
  const told: string[] = [];
  const config = configOf({ path, format: 'gsm8k', onBadRow: 'skip' });
  const { training, evaluation } = await openProblems(config, (text) => told.push(text));
  t.equal(training.length + evaluation.length, 60);
  t.equal(told.length, 1);
  t.match(told[0], /rows left out: 1/);
});

t.test("a program's problems take the place of the dataset, split by lineage or as it says", async (t) => {
  const rows = Array.from({ length: 60 }, (_, i) => ({ question: `What is ${i} + 1?`, answer: i + 1 }));
  const { training, evaluation } = await openProblems(configOf({}), undefined, rows);
  t.equal(training.length + evaluation.length, 60);
  t.ok(evaluation.length > 0 && evaluation.every(({ lineage }) => splitOf(lineage!) === 'evaluation'));
  const parts = { training: rows.slice(0, 2), evaluation: rows.slice(1, 4) };
  const given = await openProblems(configOf({ evaluationProblems: 2 }), undefined, parts);
  t.same(
    given.training.map(({ answer }) => answer),
    ['1', '2'],
  );
  t.equal(given.evaluation.length, 2, 'data.evaluationProblems holds');
  const few = openProblems(configOf({}), undefined, rows.slice(0, 1));
  await t.rejects(few, { code: 'DATA', message: /^data has no example of data\.domains .* to / });
});
