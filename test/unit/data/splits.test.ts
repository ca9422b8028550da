import t from 'tap';
import type { Problem, Split } from '../../../src/data/problem.js';
import { FAMILY_NAMES, familyNamesOf, generateProblem, splitOf } from '../../../src/data/splits.js';

const SPLITS: readonly Split[] = ['pretrain', 'train', 'evaluation'];
const DRAWS = 12_000;

const problems = new Map<Split, Problem[]>(
  SPLITS.map((split) => [
    split,
    Array.from({ length: DRAWS }, (_, index) => generateProblem(index % 3, split, index)),
  ]),
);
const of = (split: Split): Problem[] => problems.get(split) ?? [];

t.test('no lineage and no question text is in two splits', async (t) => {
  const ownerOf = new Map<string, Split>();
  for (const split of SPLITS) {
    for (const { lineage, question } of of(split)) {
      for (const key of [lineage, question]) {
        const owner = ownerOf.get(key);
        if (owner !== undefined && owner !== split) t.fail(`"${key}" is in ${owner} and in ${split}`);
        ownerOf.set(key, split);
      }
      if (splitOf(lineage) !== split) t.fail(`${lineage} was drawn for ${split}`);
    }
  }
  t.ok(ownerOf.size > 10_000, 'enough different problems were compared');
});

t.test('one question text has one lineage and one answer', async (t) => {
  const seen = new Map<string, string>();
  for (const { question, lineage, answer } of SPLITS.flatMap(of)) {
    const facts = `${lineage} ${answer}`;
    if ((seen.get(question) ?? facts) !== facts) t.fail(`${question}: ${seen.get(question)} or ${facts}`);
    seen.set(question, facts);
  }
});

t.test(
  'wording is not lineage: some lineage is asked in several ways, always with one outcome',
  async (t) => {
    const wordings = new Map<string, Set<string>>();
    for (const { family, lineage, question } of of('evaluation')) {
      if (family !== 'rectangle') continue;
      const known = wordings.get(lineage) ?? new Set();
      wordings.set(lineage, known.add(question));
    }
    t.ok([...wordings.values()].some((texts) => texts.size === 3));
  },
);

t.test('a problem is a pure function of seed, split and index', async (t) => {
  for (const index of [0, 7, 1234]) {
    t.same(generateProblem(5, 'train', index), generateProblem(5, 'train', index));
  }
  const first = Array.from({ length: 200 }, (_, i) => generateProblem(41, 'pretrain', i).question);
  const shifted = Array.from({ length: 200 }, (_, i) => generateProblem(42, 'pretrain', Math.max(i - 1, 0)));
  const same = shifted.filter((problem, i) => problem.question === first[i]).length;
  t.ok(same < 10, `seeds are not shifts of each other (${same} equal questions)`);
});

t.test(
  'every round of indices holds every family once, and every second index still holds all',
  async (t) => {
    const count = FAMILY_NAMES.length;
    for (let round = 0; round < 50; round++) {
      const families = Array.from(
        { length: count },
        (_, i) => generateProblem(1, 'train', round * count + i).family,
      );
      t.same(families.sort(), [...FAMILY_NAMES].sort());
    }
    const even = new Set(Array.from({ length: 200 }, (_, i) => generateProblem(1, 'train', 2 * i).family));
    t.equal(even.size, count);
  },
);

t.test('families can be chosen by name or by type; an unknown name or none is a clear error', async (t) => {
  t.equal(generateProblem(1, 'train', 3, ['sorting']).family, 'sorting');
  t.same(familyNamesOf(['code']), ['comprehension', 'sorting', 'loop']);
  t.same(familyNamesOf(['math', 'code', 'logic_puzzle']), FAMILY_NAMES);
  t.throws(() => generateProblem(1, 'train', 0, ['nonsense']), { code: 'CONFIG', message: /nonsense/ });
  t.throws(() => generateProblem(1, 'train', 0, []), { code: 'CONFIG' });
});

t.test(
  'buckets have their shares: a tenth held out, four tenths for GRPO, half for the warm start',
  async (t) => {
    const shares = { evaluation: 0, train: 0, pretrain: 0 };
    const total = 20_000;
    for (let i = 0; i < total; i++) shares[splitOf(`addition:${100 + (i % 141)},${200 + i}`)]++;
    // Standard deviation of the largest share: sqrt(0.25 / 20000) = 0.35 %.
    t.ok(Math.abs(shares.evaluation / total - 0.1) < 0.02, String(shares.evaluation));
    t.ok(Math.abs(shares.train / total - 0.4) < 0.02, String(shares.train));
    t.ok(Math.abs(shares.pretrain / total - 0.5) < 0.02, String(shares.pretrain));
  },
);

t.test(
  'every problem has a type, a domain and a difficulty, and ids do not repeat within a run',
  async (t) => {
    const ids = new Set(Array.from({ length: 5000 }, (_, i) => generateProblem(1, 'train', i).id));
    t.equal(ids.size, 5000);
    const levels = new Set(of('train').map((problem) => problem.difficulty));
    t.same([...levels].sort(), ['easy', 'hard', 'medium']);
    const types = new Set(of('train').map((problem) => problem.type));
    t.same([...types].sort(), ['code', 'logic_puzzle', 'math']);
  },
);

t.test('the first word of a trace tells its style, whatever the family', async (t) => {
  for (const { traces, answer } of of('train')) {
    if (!traces.quick.startsWith('The answer is ') || !traces.quick.endsWith(`${answer}.`))
      t.fail(traces.quick);
    if (!traces.worked.startsWith('Step 1: ') || !traces.worked.endsWith('.')) t.fail(traces.worked);
  }
});
