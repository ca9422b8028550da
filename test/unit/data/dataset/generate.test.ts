/** What the dataset promises: counts, shares, trace lengths, determinism, and splits that share nothing. */
import t from 'tap';
import { TOPICS } from '../../../../src/data/dataset/catalogue.js';
import type { Example } from '../../../../src/data/dataset/example.js';
import { generateDataset } from '../../../../src/data/dataset/generate.js';
import {
  fingerprintOf,
  maskNumbers,
  normalizeQuestion,
  piecesOf,
  similarity,
  TWIN_SIMILARITY,
  TwinIndex,
} from '../../../../src/data/dataset/near-duplicates.js';
import { brokenPromises, statisticsOf, statisticsTable } from '../../../../src/data/dataset/statistics.js';
import { wordCount } from '../../../../src/data/dataset/writing.js';
import { splitOf } from '../../../../src/data/splits.js';

const base = generateDataset(42);
const augmented = generateDataset(42, { augment: true });
const other = generateDataset(43);
const allOf = ({ train, evaluation }: typeof base): Example[] => [...train, ...evaluation];
const questionsOf = (examples: readonly Example[]): string[] => examples.map(({ question }) => question);

t.test('there are exactly 1,000 examples in the promised shares', async (t) => {
  const { examples, types, difficulties, traceWords } = statisticsOf(allOf(base));
  t.equal(examples, 1000);
  t.same(types, { math: 400, code: 200, logic_puzzle: 150, science: 100, creative: 100, summarization: 50 });
  t.same(difficulties, { easy: 300, medium: 500, hard: 200 });
  t.ok(traceWords.min >= 50 && traceWords.max <= 400, JSON.stringify(traceWords));
  t.ok(Math.abs(traceWords.mean - 150) <= 15, JSON.stringify(traceWords));
  t.same(brokenPromises(allOf(base)), []);
});

t.test('every topic occurs, in both splits', async (t) => {
  for (const examples of [base.train, base.evaluation]) {
    const found = new Set(examples.map(({ metadata }) => metadata.topic));
    for (const { name } of TOPICS) t.ok(found.has(name), name);
  }
});

t.test(
  'augmentation keeps the 1,000, adds at least 1,500 by three means, and names each parent',
  async (t) => {
    const all = allOf(augmented);
    const byId = new Map(all.map((example) => [example.metadata.id, example]));
    t.ok(all.length >= 2500);
    t.equal(byId.size, all.length, 'ids are unique');
    t.same(
      all.filter(({ metadata }) => metadata.augmentation === undefined),
      allOf(base),
    );
    t.same(brokenPromises(all), []);
    const kinds = new Set<string>();
    for (const { question, answer, difficulty, metadata, reasoning_trace: trace = '' } of all) {
      if (wordCount(trace) < 50 || wordCount(trace) > 400)
        t.fail(`${metadata.id}: ${wordCount(trace)} words`);
      if (metadata.augmentation === undefined) continue;
      kinds.add(metadata.augmentation);
      const parent = byId.get(metadata.parent);
      if (!parent || parent.metadata.lineage !== metadata.lineage)
        t.fail(`${metadata.id} has not the lineage of its parent`);
      if (parent?.question === question) t.fail(`${metadata.id} repeats its parent`);
      if (metadata.augmentation === 'paraphrase') {
        if (
          metadata.form !== 'explanation' &&
          parent?.metadata.verification === 'verifiable' &&
          parent.answer !== answer
        )
          t.fail(`${metadata.id}: a paraphrase changed the answer`);
        const numbers = (text: string): string => (text.match(/\d+(\.\d+)?/g) ?? []).sort().join();
        if (parent && numbers(parent.question) !== numbers(question))
          t.fail(`${metadata.id}: a paraphrase changed a number`);
      }
      if (
        metadata.augmentation === 'difficulty_scaling' &&
        parent?.difficulty !== 'hard' &&
        parent?.difficulty === difficulty
      )
        t.fail(`${metadata.id} is not harder`);
    }
    t.equal(kinds.size, 3);
  },
);

t.test('a seed gives the same bytes', async (t) => {
  t.equal(JSON.stringify(generateDataset(42, { augment: true })), JSON.stringify(augmented));
});

t.test('two seeds share nothing but chance', async (t) => {
  const first = new Set(questionsOf(allOf(base)).map(normalizeQuestion));
  const shared = questionsOf(allOf(other)).filter((question) => first.has(normalizeQuestion(question)));
  t.ok(shared.length < 20, `${shared.length} questions`);
});

t.test('splits are disjoint by lineage, by exact and by number-masked question', async (t) => {
  const { train, evaluation } = augmented;
  const lineages = new Set(evaluation.map(({ metadata }) => metadata.lineage));
  t.equal(train.filter(({ metadata }) => lineages.has(metadata.lineage)).length, 0);
  t.ok(train.every(({ metadata }) => splitOf(metadata.lineage) === 'train'));
  t.ok(evaluation.every(({ metadata }) => splitOf(metadata.lineage) === 'evaluation'));
  for (const form of [normalizeQuestion, maskNumbers]) {
    const held = new Set(questionsOf(evaluation).map(form));
    t.same(
      questionsOf(train).filter((question) => held.has(form(question))),
      [],
    );
  }
});

t.test('a lineage belongs to the same split for every seed', async (t) => {
  const held = new Set(augmented.evaluation.map(({ metadata }) => metadata.lineage));
  t.equal(other.train.filter(({ metadata }) => held.has(metadata.lineage)).length, 0);
});

t.test('no training question resembles an evaluation question: all pairs compared', async (t) => {
  const held = questionsOf(augmented.evaluation).map(piecesOf);
  let nearest = 0;
  for (const question of questionsOf(augmented.train)) {
    const pieces = piecesOf(question);
    for (const other of held) {
      // The index is at most the ratio of the sizes.
      if (Math.min(pieces.length, other.length) < TWIN_SIMILARITY * Math.max(pieces.length, other.length))
        continue;
      nearest = Math.max(nearest, similarity(pieces, other));
    }
  }
  t.ok(nearest < TWIN_SIMILARITY, `nearest pair ${nearest.toFixed(3)}`);
  t.ok(nearest > 0.5, 'pairs were compared');
});

t.test('the twin index finds equal, renumbered and nearly equal questions, and no others', async (t) => {
  const index = new TwinIndex();
  index.add(
    fingerprintOf('A train travels 120 km in 2 hours. How far does it travel in 5 hours at the same speed?'),
  );
  t.ok(
    index.hasTwin(
      fingerprintOf('a train travels 120 km in 2 hours: how far does it travel in 5 hours at the same speed'),
    ),
  );
  t.ok(
    index.hasTwin(
      fingerprintOf('A train travels 90 km in 3 hours. How far does it travel in 7 hours at the same speed?'),
    ),
  );
  t.ok(
    index.hasTwin(
      fingerprintOf('A tram travels 120 km in 2 hours. How far does it travel in 5 hours at the same speed?'),
    ),
  );
  t.notOk(index.hasTwin(fingerprintOf('What is 15% of 240?')));
});

t.test('the statistics table has the counts, shares and lengths', async (t) => {
  const table = statisticsTable(statisticsOf(allOf(base)));
  for (const line of [
    /^Total Examples: 1,000$/m,
    /├── Math: +400 \(40%\)/,
    /└── Summarization: +50 \(5%\)/,
    /├── Easy: +300 \(30%\)/,
    /└── Hard: +200 \(20%\)/,
    /├── Mean: +1\d\d words/,
  ]) {
    t.match(table, line);
  }
});

t.test('a dataset that is not as promised is told so', async (t) => {
  const all = allOf(base);
  t.match(brokenPromises(all.slice(1)).join('\n'), /999 examples instead of 1000/);
  t.match(
    brokenPromises(all.map((example) => ({ ...example, reasoning_trace: 'too short' }))).join('\n'),
    /traces have 2 to 2 words/,
  );
  t.match(brokenPromises(allOf(augmented).slice(0, 2300)).join('\n'), /instead of/);
});
