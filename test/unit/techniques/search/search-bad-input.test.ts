import t from 'tap';
import { driveSearch } from '../../../../lab/search/drive.js';
import { type Continuation, TreeSearch } from '../../../../src/techniques/search/search.js';
import { tidySteps } from '../../../../src/techniques/search/tidy-steps.js';
import type { Step } from '../../../../src/techniques/search/tree.js';

const step = (text: string, tokens = 1): Step => ({
  text,
  tokens: new Int32Array(tokens).fill(text.length),
  logProbs: new Float32Array(tokens),
  supportLogMass: new Float32Array(tokens),
});
const steps = (...texts: readonly string[]): Step[] => texts.map((text) => step(text));
const ended = (of: readonly Step[], answer: string | null = '1', stopped = true): Continuation => ({
  steps: of,
  ending: { answer, answerClass: answer, stopped },
  reward: 0,
});
/** A search that got these continuations, one after another. */
function searchWith(
  options: ConstructorParameters<typeof TreeSearch>[0],
  ...given: Continuation[]
): TreeSearch {
  const search = new TreeSearch(options);
  for (const continuation of given) {
    const work = search.next();
    if (work.kind !== 'ticket') throw new Error(`expected a ticket, got ${work.kind}`);
    search.complete(work.ticket.ticketId, continuation);
  }
  return search;
}
const texts = (search: TreeSearch): string[] => search.tree.nodes.slice(1).map(({ text }) => text);

t.test('a completion without tags is an ending without an answer, and counted', async (t) => {
  const search = searchWith({}, ended(steps('I give up'), null), ended(steps('I go on'), null, false));
  t.match(search.counts, { rollouts: 2, untagged: 2, cutOff: 1 });
  t.match(
    search.tree.leaves().map(({ text, ending }) => [text, ending!.answer]),
    [
      ['I give up', null],
      ['I go on', null],
    ],
  );
});

t.test('a blank step joins the next one, at the end the one before', async (t) => {
  const search = searchWith({}, ended(steps('\n', ' ', 'a', '\t', 'b', ' ')));
  t.same(texts(search), ['\n a', '\tb ']);
  t.equal(search.counts.blankSteps, 4);
  t.same(
    search.tree.nodes.map(({ tokens }) => tokens.length),
    [0, 3, 3],
  );
});

t.test('a completion of blank steps only, or without tokens, is one ending', async (t) => {
  t.same(texts(searchWith({}, ended(steps(' ', '\n'), null))), [' \n']);
  const search = searchWith({}, ended([], null));
  t.same([texts(search), search.counts.empty, search.counts.rollouts], [[''], 1, 1]);
});

t.test('steps that repeat in a row three times end in one step, and are counted', async (t) => {
  const search = searchWith({}, ended(steps('start.', 'a.', 'b.', 'A', 'b', 'a', 'b', 'a', 'b', 'so 1')));
  t.same(texts(search), ['start.', 'a.', 'b.', 'A', 'b', 'ababso 1']);
  t.equal(search.counts.cycles, 1);
  t.equal(search.tree.leaves()[0]!.ending!.answer, '1');
});

t.test(
  'a cycle that began before the branch is found; a step that comes back now and then is none',
  async (t) => {
    t.match(tidySteps(steps('a', 'a', 'end'), ['a', 'a'], 10), { isCycle: true, joined: 2 });
    t.match(tidySteps(steps('a', 'b', 'a', 'c', 'a', 'd'), [], 10), { isCycle: false, joined: 0 });
  },
);

t.test('a budget too small for one completion ends the search before it begins', async (t) => {
  const search = new TreeSearch({ maxTokens: 15, minCompletionTokens: 16 });
  t.same(search.next(), { kind: 'done', reason: 'budget_too_small' });
  t.match(search.counts, { rollouts: 0, tokens: 0 });
  t.equal(search.tree.size, 1);
});

t.test('tokens under way are reserved, so that the budget is never exceeded', async (t) => {
  for (const workers of [1, 3]) {
    const search = new TreeSearch({
      maxTokens: 100,
      maxCompletionTokens: 40,
      minCompletionTokens: 10,
      width: 9,
      maxDraws: 9,
    });
    let given = 0;
    const reason = driveSearch(
      search,
      { continuation: ({ maxTokens }) => ended([step(`a${given++}`, Math.min(maxTokens, 25))], `${given}`) },
      workers,
    );
    t.equal(reason, 'tokens');
    t.ok(search.counts.tokens <= 100 && search.counts.tokens > 90, `${search.counts.tokens} tokens`);
  }
});

t.test('a continuation longer than its ticket allows is refused', async (t) => {
  const search = new TreeSearch({ maxCompletionTokens: 20, minCompletionTokens: 4 });
  search.next();
  t.throws(() => search.complete(0, ended([step('a', 21)])), {
    code: 'PROTOCOL',
    message: /21 tokens; expected at most 20/,
  });
  t.equal(search.outstanding.length, 1, 'the ticket is still out: whoever drives the search cancels it');
});

t.test('the tree keeps its bounds: what has no room becomes part of the last step', async (t) => {
  const deep = searchWith({ maxDepth: 3 }, ended(steps('a', 'b', 'c', 'd', 'e')));
  t.same([texts(deep), deep.counts.joinedSteps], [['a', 'b', 'cde'], 2]);
  const small = searchWith({ maxNodes: 3 }, ended(steps('a', 'b', 'c')));
  t.same(texts(small), ['a', 'bc']);
  t.same(small.next(), { kind: 'done', reason: 'nodes' });
});

t.test('a reward that is no number cancels its ticket', async (t) => {
  const search = new TreeSearch({});
  search.next();
  t.equal(search.complete(0, { ...ended(steps('a')), reward: Number.NaN }), false);
  t.match(search.counts, { reward_not_finite: 1, rollouts: 0 });
  t.equal(search.tree.root.inFlight, 0);
});

t.test('impossible options are refused by name', async (t) => {
  const refused = (options: ConstructorParameters<typeof TreeSearch>[0], message: RegExp): void => {
    t.throws(() => new TreeSearch(options), { code: 'CONFIG', message });
  };
  refused({ width: 0 }, /width is 0; expected an integer of at least 1/);
  refused({ width: 8, maxDraws: 7 }, /maxDraws is 7; expected at least width 8/);
  refused({ minCompletionTokens: 500 }, /minCompletionTokens is 500; expected at most 256/);
  refused({ maxNodes: 1 }, /maxNodes is 1/);
  refused(
    { selection: { formula: 'ucb1', exploration: Number.NaN, parallel: 'none' } },
    /exploration is NaN/,
  );
});
