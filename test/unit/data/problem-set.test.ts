/** Which problems a run gets, and in which order. */

import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import type { Example } from '../../../src/data/dataset/example.js';
import { generateDataset } from '../../../src/data/dataset/generate.js';
import { heldOut, problemOf, TrainingOrder } from '../../../src/data/problem-set.js';
import { DOMAINS, type Domain } from '../../../src/protocol/index.js';
import { problem } from '../../../src/protocol/task.js';

const { train, evaluation } = generateDataset(6, { augment: true });
const all = Array.from({ length: 100 }, (_, i) => i);
const pass = (order: TrainingOrder, number: number): number[] => all.map((i) => order.at(100 * number + i));
const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);

t.test('every example comes once before any comes twice, in another order each time', async (t) => {
  const order = new TrainingOrder(42, 100);
  const passes = [0, 1, 2, 7].map((number) => pass(order, number));
  for (const each of passes) t.same(sorted(each), all);
  t.equal(new Set(passes.map(String)).size, passes.length, 'no two passes are alike');
  t.notSame(passes[0], all, 'nor the order of the dataset');
});

t.test('the place in training alone says which example comes', async (t) => {
  const order = new TrainingOrder(42, 100);
  const straight = all.flatMap((i) => [order.at(i), order.at(100 + i)]);
  t.same(pass(new TrainingOrder(42, 100), 0), pass(order, 0), 'after other passes were asked for');
  const other = new TrainingOrder(42, 100);
  for (const i of [150, 3, 199, 99, 100]) t.equal(other.at(i), straight[2 * (i % 100) + (i < 100 ? 0 : 1)]);
  t.same(new TrainingOrder(42, 1).at(5), 0);
});

t.test('another seed gives another order', async (t) => {
  const orders = [41, 42, 43].map((seed) => pass(new TrainingOrder(seed, 100), 0));
  t.equal(new Set(orders.map(String)).size, 3);
  const [first, second] = orders as [number[], number[]];
  // A random permutation has one fixed place on average.
  t.ok(first.filter((example, i) => example === second[i]).length < 10);
  const shifted = first.slice(1).filter((example, i) => example === second[i]).length;
  t.ok(shifted < 10, 'and none is the shift of another');
});

t.test('fewer held-out problems are the first of more', async (t) => {
  const most = heldOut(evaluation, DOMAINS, 1e6);
  t.equal(most.length, evaluation.length);
  t.same(new Set(most), new Set(evaluation), 'all of them, once each');
  for (const count of [1, 12, 500]) t.same(heldOut(evaluation, DOMAINS, count), most.slice(0, count));
});

t.test('types are taken out of the same order', async (t) => {
  const most = heldOut(evaluation, DOMAINS, 1e6);
  for (const types of [['code'], ['math', 'science']] as Domain[][]) {
    const expected = most.filter(({ type }) => types.includes(type));
    t.same(heldOut(evaluation, types, 1e6), expected);
    t.same(heldOut(evaluation, types, 7), expected.slice(0, 7));
  }
});

t.test('any prefix has about the shares of the whole', async (t) => {
  const shares = (examples: readonly Example[], type: Domain): number =>
    examples.filter((example) => example.type === type).length / examples.length;
  for (const count of [100, 300]) {
    const prefix = heldOut(evaluation, DOMAINS, count);
    for (const type of DOMAINS) {
      const difference = Math.abs(shares(prefix, type) - shares(evaluation, type));
      t.ok(difference < 4 * Math.sqrt(0.25 / count), `${type} of ${count}: ${difference}`);
    }
  }
});

t.test('an example becomes a problem that the protocol takes, with all that its rewards need', async (t) => {
  let open = 0;
  let withoutOrder = 0;
  for (const example of [...train, ...evaluation]) {
    const { question, answer, type, difficulty, domain, metadata } = example;
    const { id, topic: family, keywords, constraints: given, unordered } = metadata;
    const constraints = given && {
      requiredKeywords: given.required_keywords,
      minWords: given.min_words,
      maxWords: given.max_words,
      ...(given.source_text === undefined ? {} : { sourceText: given.source_text }),
    };
    if (given) open++;
    if (unordered) withoutOrder++;
    const expected = {
      id,
      question,
      answer,
      type,
      difficulty,
      domain,
      family,
      ...(unordered ? { unordered } : {}),
      ...(keywords.length > 0 ? { keywords } : {}),
      ...(constraints ? { constraints } : {}),
    };
    const made = problemOf(example);
    if (!isDeepStrictEqual(made, expected)) t.same(made, expected);
    if (!isDeepStrictEqual(problem.parse(made), made)) t.same(problem.parse(made), made);
  }
  t.ok(open > 400, `${open} with constraints`);
  t.ok(withoutOrder > 80, `${withoutOrder} without order`);
});

t.test('a row without an id is known by its lineage, and without a topic by its domain', async (t) => {
  const row: Example = {
    question: 'Q?',
    answer: 'A',
    type: 'math',
    difficulty: 'easy',
    domain: 'algebra',
    metadata: { source: 'human_authored', verification: 'verifiable', keywords: [], lineage: 'question:1f' },
  };
  const made = problemOf(row);
  t.match(made, { id: 'question:1f', family: 'algebra' });
  t.notOk('keywords' in made || 'constraints' in made || 'unordered' in made);
});
