/** Open problems outside training: read from a file, judged in an evaluation, and in the self-test of the rewards. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { completionText } from '../../../src/data/prompt.js';
import { testRewardsOn } from '../../../src/doctor/reward-self-test.js';
import { type EvaluationItem, readItems } from '../../../src/evaluation/items.js';
import { judgeCompletion } from '../../../src/evaluation/judge-completion.js';
import { temporaryFolder } from '../../kit/cli.js';

const item: EvaluationItem = {
  id: 'o',
  question: 'Say why the tide comes.',
  type: 'science',
  difficulty: 'easy',
  domain: 'physics',
  answer: 'The moon pulls at the sea, so that 2 hills of water go around the earth.',
  lineage: null,
  constraints: { requiredKeywords: ['moon'], minWords: 5, maxWords: 40 },
};

t.test('constraints of a row are read, and a wrong one is named', async (t) => {
  const file = join(temporaryFolder(t), 'data.jsonl');
  const write = (constraints: unknown): void =>
    writeFileSync(file, `${JSON.stringify({ question: 'q', answer: 'a', metadata: { constraints } })}\n`);
  const good = { required_keywords: ['sea'], min_words: 2, max_words: 9, source_text: 'The sea.' };
  write(good);
  t.same((await readItems(file))[0]!.constraints, {
    requiredKeywords: ['sea'],
    minWords: 2,
    maxWords: 9,
    sourceText: 'The sea.',
  });
  for (const [constraints, field] of [
    [[], 'constraints'],
    [{ ...good, required_keywords: 'sea' }, 'constraints.required_keywords'],
    [{ ...good, min_words: -1 }, 'constraints.min_words'],
    [{ ...good, max_words: undefined }, 'constraints.max_words'],
    [{ ...good, max_words: 1 }, 'constraints.max_words'],
    [{ ...good, source_text: 7 }, 'constraints.source_text'],
  ] as const) {
    write(constraints);
    await t.rejects(readItems(file), { message: new RegExp(`:1: metadata\\.${field} is wrong`) }, field);
  }
});

t.test(
  'a completion of an open problem is neither right nor wrong, whatever its type; it has a score',
  async (t) => {
    const given = { item: 0, sample: 0, tokens: 9, stopped: true };
    const { constraints: _, ...withoutConstraints } = item;
    for (const open of [item, { ...withoutConstraints, type: 'creative' }]) {
      const row = judgeCompletion(
        open,
        { ...given, text: completionText('The moon.', item.answer) },
        'greedy',
      );
      t.match(row, { isCorrect: null, isPartial: null, isFormatted: true });
      t.ok(row.rubric! > 0.9);
      t.ok(Math.abs(row.rubric! - row.rewards.answer!) < 1e-6, 'the answer reward is the score');
      t.match(judgeCompletion(open, { ...given, text: item.answer }, 'sampled'), {
        isCorrect: null,
        rubric: 0,
      });
    }
  },
);

t.test('the self-test names an open example that is no good answer to its own question', async (t) => {
  t.same(testRewardsOn([item]), { problems: 1, perturbed: 1, failures: [] });
  const constraints = { requiredKeywords: ['moon'], minWords: 5, maxWords: 9 };
  t.same(testRewardsOn([{ ...item, constraints }]).failures, ['o: its gold answer earns 0']);
});
