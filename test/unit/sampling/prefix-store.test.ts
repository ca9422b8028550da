import t from 'tap';
import { Random } from '../../../src/random.js';
import { KvCache } from '../../../src/sampling/kv-cache.js';
import { PrefixStore, type Sequence } from '../../../src/sampling/prefix-store.js';
import { fixturePolicy } from '../../kit/tiny-policies.js';

const SEED = Number(process.env.TEST_SEED ?? 1);
const { config } = fixturePolicy('gemma2');
const sequence = (prompt: readonly number[], completion: readonly number[] = []): Sequence => ({
  promptTokens: Int32Array.from(prompt),
  completionTokens: Int32Array.from(completion),
});
const cacheOf = ({ promptTokens, completionTokens }: Sequence): KvCache =>
  new KvCache(config, 1, promptTokens.length + completionTokens.length - 1);
const BYTES_A_POSITION = new KvCache(config, 1, 1).byteLength;

t.test('an unknown prompt has no known beginning, not even if it begins with a known one', async (t) => {
  const store = new PrefixStore(1e6);
  t.equal(store.find(sequence([1, 2])), null);
  store.keep(sequence([1, 2]), cacheOf(sequence([1, 2])));
  t.equal(store.find(sequence([1, 2, 3])), null, 'prompts are prefilled whole');
  t.equal(store.find(sequence([1])), null);
  t.equal(store.find(sequence([1, 2]))!.length, 1, 'the last token is fed by whoever goes on');
  t.equal(store.find(sequence([1, 2], [3, 4]))!.length, 1);
});

t.test('of several sequences the one that shares most is found, as by trying all of them', async (t) => {
  const random = new Random(SEED, 'prefixes');
  const draw = (least: number, most: number): number[] =>
    Array.from({ length: random.integer(least, most) }, () => random.integer(0, 1));
  for (let round = 0; round < 200; round++) {
    const store = new PrefixStore(1e9);
    const kept = Array.from({ length: 6 }, () => sequence(draw(1, 2), draw(0, 5)));
    for (const each of kept) store.keep(each, cacheOf(each));
    const asked = sequence(draw(1, 2), draw(0, 5));
    const wanted = [...asked.promptTokens, ...asked.completionTokens];
    const lengths = kept
      .filter(({ promptTokens }) => `${promptTokens}` === `${asked.promptTokens}`)
      .map(({ promptTokens, completionTokens }) => {
        const fed = [...promptTokens, ...completionTokens].slice(0, -1);
        let length = 0;
        while (length < fed.length && length < wanted.length - 1 && fed[length] === wanted[length]) length++;
        return length;
      });
    const found = store.find(asked);
    t.equal(
      found?.length ?? null,
      lengths.length > 0 ? Math.max(...lengths) : null,
      `seed ${SEED}, ${round}`,
    );
  }
});

t.test('no more is kept than there is room for, and what was used last stays', async (t) => {
  const store = new PrefixStore(7 * BYTES_A_POSITION);
  const [a, b, c] = [sequence([1, 1, 1, 1]), sequence([2, 2, 2, 2]), sequence([3, 3])];
  for (const each of [a, b, c]) store.keep(each, cacheOf(each));
  t.equal(store.byteLength, 7 * BYTES_A_POSITION);
  store.find(a);
  const last = sequence([4, 4]);
  store.keep(last, cacheOf(last));
  t.strictSame(
    [a, b, c, last].map((each) => store.find(each) !== null),
    [true, false, true, true],
  );
  t.equal(store.byteLength, 5 * BYTES_A_POSITION);
  const huge = sequence(Array.from({ length: 20 }, () => 5));
  store.keep(huge, cacheOf(huge));
  t.equal(store.find(huge), null, 'what is larger than the room is not kept');
  t.equal(store.byteLength, 0);
});

t.test('a cleared store knows nothing', async (t) => {
  const store = new PrefixStore(1e6);
  store.keep(sequence([1, 2]), cacheOf(sequence([1, 2])));
  store.clear();
  t.equal(store.find(sequence([1, 2])), null);
  t.equal(store.byteLength, 0);
});
