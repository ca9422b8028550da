import t from 'tap';
import { driveSearch } from '../../../lab/search/drive.js';
import { PrefixCache } from '../../../lab/search/prefix-cache.js';
import { SimulatedPolicy } from '../../../lab/search/simulated-policy.js';
import { Random } from '../../../src/random.js';
import { TreeSearch } from '../../../src/techniques/search/search.js';

const ids = (text: string): Int32Array => Int32Array.from(text, (letter) => letter.charCodeAt(0));

t.test('a common beginning is prefilled once', async (t) => {
  const cache = new PrefixCache();
  const first = cache.open(ids('abcd'));
  const second = cache.open(ids('abxy')); // ab is known
  const third = cache.open(ids('ab'));
  t.match(cache.counts, { asked: 10, prefilled: 6 });
  cache.close(first, ids('abcdef')); // ef was decoded
  cache.open(ids('abcdefg'));
  t.equal(cache.counts.prefilled, 7);
  t.equal(cache.size, 9);
  for (const lease of [second, third]) cache.close(lease);
  t.throws(() => cache.close(second), { code: 'INTERNAL' });
});

t.test('what is in use stays, the rest goes least recently used first', async (t) => {
  const cache = new PrefixCache(6);
  const used = cache.open(ids('aaa'));
  cache.close(cache.open(ids('bbb')));
  cache.close(cache.open(ids('ccc'))); // bbb goes
  t.equal(cache.counts.evicted, 3);
  cache.open(ids('ddddd')); // ccc goes; leases alone need more than 6
  t.equal(cache.size, 8);
  const { prefilled } = cache.counts;
  cache.close(cache.open(ids('aaa')));
  t.equal(cache.counts.prefilled, prefilled, 'aaa is still there');
  cache.close(used);
  t.equal(cache.size, 5, 'and goes when its last lease is closed');
});

t.test('after random use it holds what a set of prefixes would, and no reference is left', async (t) => {
  const faults: string[] = [];
  let opened = 0;
  const check = (isRight: boolean, what: string): void => {
    if (!isRight) faults.push(what);
  };
  for (let seed = 0; seed < 40; seed++) {
    const random = new Random(seed, 'cache');
    const cache = new PrefixCache();
    const prefixes = new Set<string>();
    const remember = (text: string): void => {
      for (let end = 1; end <= text.length; end++) prefixes.add(text.slice(0, end));
    };
    const open: { lease: number; text: string }[] = [];
    for (let i = 0; i < 60; i++) {
      const text = Array.from({ length: random.integer(0, 6) }, () => random.pick(['a', 'b'])).join('');
      const known = prefixes.size;
      const { prefilled } = cache.counts;
      remember(text);
      open.push({ lease: cache.open(ids(text)), text });
      opened++;
      check(cache.counts.prefilled - prefilled === prefixes.size - known, `seed ${seed}: prefilled`);
      if (open.length > 4) {
        const [closed] = open.splice(random.integer(0, 4), 1);
        remember(`${closed!.text}ab`);
        cache.close(closed!.lease, ids(`${closed!.text}ab`));
      }
      check(cache.size === prefixes.size, `seed ${seed}: size`);
    }
    check(cache.references > 0, `seed ${seed}: nothing was referred to`);
    for (const { lease } of open) cache.close(lease);
    check(cache.references === 0, `seed ${seed}: references are left`);
  }
  t.strictSame(faults, []);
  t.equal(opened, 40 * 60);
});

t.test('a search with b = 4 and d = 6 prefills at most 35 % of what it would without a cache', async (t) => {
  const task = { branching: 4, depth: 6, rightShare: 0.5, skill: 0, confidence: 1.5 };
  const policy = new SimulatedPolicy({ ...task, seed: 1, tokensPerStep: 12, distinct: true });
  const search = new TreeSearch({ width: 4, maxRollouts: 64 });
  const cache = new PrefixCache(1024);
  const prompt = new Int32Array(40).fill(9999);
  let largest = 0;
  driveSearch(search, {
    continuation(ticket) {
      const prefix = [...prompt, ...ticket.prefixTokens];
      const lease = cache.open(Int32Array.from(prefix));
      const result = policy.continuation(ticket);
      cache.close(lease, Int32Array.from([...prefix, ...result.steps.flatMap(({ tokens }) => [...tokens])]));
      largest = Math.max(largest, cache.size);
      return result;
    },
  });
  t.ok(largest > 512 && largest <= 1024, `${largest} tokens held`);
  t.ok(
    cache.counts.prefilled <= 0.35 * cache.counts.asked,
    `${cache.counts.prefilled} of ${cache.counts.asked}`,
  );
  t.equal(cache.references, 0);
});
