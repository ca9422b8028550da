/** Problems that a program hands over. */
import t from 'tap';
import { examplesOfRows, type ProblemRow } from '../../../../src/data/dataset/given-rows.js';

t.test('what a row does not say has a default; what it says is kept', async (t) => {
  const [plain, full] = examplesOfRows(
    [
      { question: ' What is 1 + 1? ', answer: 2 },
      {
        question: 'Who?',
        answer: 'me',
        type: 'logic_puzzle',
        difficulty: 'hard',
        domain: 'names',
        id: 'p1',
        lineage: 'l1',
        keywords: ['me'],
      },
    ],
    'data',
  );
  t.match(plain, {
    question: 'What is 1 + 1?',
    answer: '2',
    type: 'math',
    difficulty: 'medium',
    domain: 'general',
  });
  t.match(plain!.metadata, { keywords: [], lineage: /^question:[0-9a-f]+$/ });
  t.match(full, { answer: 'me', type: 'logic_puzzle', difficulty: 'hard', domain: 'names' });
  t.match(full!.metadata, { id: 'p1', lineage: 'l1', keywords: ['me'] });
});

t.test('a row of a dataset file is taken as it is', async (t) => {
  const metadata = { source: 'synthetic', verification: 'verifiable', keywords: [], unordered: true };
  const row = {
    question: 'q',
    answer: 'a, b',
    type: 'code',
    difficulty: 'easy',
    domain: 'd',
    metadata,
  } as const;
  t.match(examplesOfRows([row], 'data'), [{ answer: 'a, b', metadata: { unordered: true } }]);
});

t.test('a bad row is named with its place and field', async (t) => {
  const good = { question: 'q', answer: 'a' };
  const cases: [row: unknown, says: RegExp][] = [
    [{ question: 'q' }, /^data\[1\]: answer is missing\./],
    [{ ...good, question: '  ' }, /^data\[1\]: question is empty\./],
    [{ ...good, type: 'riddle' }, /^data\[1\]: type /],
    [{ ...good, metadata: {} }, /^data\[1\]: type /],
    ['q', /^data\[1\]: \(row\) is not a JSON object\./],
    [null, /^data\[1\]: \(row\) is not a JSON object\./],
  ];
  for (const [row, message] of cases)
    t.throws(() => examplesOfRows([good, row as ProblemRow], 'data'), { code: 'DATA', message });
  t.throws(() => examplesOfRows({} as ProblemRow[], 'data.training'), {
    code: 'DATA',
    message: 'data.training: expected a list of problems.',
  });
});
