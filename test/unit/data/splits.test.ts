/** The split of a lineage: fixed for ever, in known shares, and the same question never in two of them. */
import t from 'tap';
import { TOPICS } from '../../../src/data/dataset/catalogue.js';
import { DIFFICULTIES } from '../../../src/data/dataset/example.js';
import { drawExample } from '../../../src/data/dataset/generate.js';
import { type Split, splitOf } from '../../../src/data/splits.js';

const SPLITS: readonly Split[] = ['pretrain', 'train', 'evaluation'];
const DRAWS = 25;

/** FNV-1a in arbitrary precision. */
function hash(text: string): bigint {
  let value = 2_166_136_261n;
  for (const character of text) value = ((value ^ BigInt(character.charCodeAt(0))) * 16_777_619n) % 2n ** 32n;
  return value;
}

/** Candidates of every topic, difficulty and split. */
const drawn = SPLITS.flatMap((split) =>
  TOPICS.flatMap((topic) =>
    DIFFICULTIES.flatMap((difficulty) =>
      Array.from({ length: DRAWS }, (_, i) => {
        const key = [3, 'splits', split, i];
        return { split, topic: topic.name, ...drawExample(topic, difficulty, split, key, () => true) };
      }),
    ),
  ),
);

t.test('the split is the hash of the lineage modulo ten, and nothing else', async (t) => {
  const lineages = [
    ...drawn.slice(0, 2000).map(({ lineage }) => lineage),
    'drill:12+7',
    'question:1f2e',
    '',
    'a lineage',
  ];
  for (const lineage of lineages) {
    const bucket = hash(lineage) % 10n;
    const expected = bucket === 0n ? 'evaluation' : bucket <= 4n ? 'train' : 'pretrain';
    if (splitOf(lineage) !== expected) t.fail(`${lineage}: ${splitOf(lineage)}, expected ${expected}`);
  }
  // Known ones: a change of the hash would move held-out lineages into training.
  t.equal(splitOf('percentages/share:15,240'), 'pretrain');
  t.equal(splitOf('drill:12+7'), 'train');
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

t.test('no lineage and no question text is in two splits', async (t) => {
  const ownerOf = new Map<string, Split>();
  for (const { split, lineage, written } of drawn) {
    for (const key of [lineage, written.question]) {
      const owner = ownerOf.get(key);
      if (owner !== undefined && owner !== split) t.fail(`"${key}" is in ${owner} and in ${split}`);
      ownerOf.set(key, split);
    }
    if (splitOf(lineage) !== split) t.fail(`${lineage} was drawn for ${split}`);
  }
  t.ok(ownerOf.size > 10_000, `${ownerOf.size} different lineages and questions were compared`);
});

t.test('one question text has one lineage and, where there is a right one, one answer', async (t) => {
  const seen = new Map<string, string>();
  for (const { lineage, written } of drawn) {
    const facts = `${lineage} ${written.constraints ? '' : written.answer}`;
    if ((seen.get(written.question) ?? facts) !== facts)
      t.fail(`${written.question}: ${seen.get(written.question)} or ${facts}`);
    seen.set(written.question, facts);
  }
  t.ok(seen.size > 5000, `${seen.size} questions`);
});

t.test('wording is not lineage: most lineages that come again are asked in another way', async (t) => {
  const wordings = new Map<string, Set<string>>();
  for (const { lineage, written } of drawn)
    wordings.set(lineage, (wordings.get(lineage) ?? new Set()).add(written.question));
  const several = [...wordings.values()].filter((texts) => texts.size > 1).length;
  t.ok(several > 100, `${several} lineages`);
});
