import t from 'tap';
import { driveSearch } from '../../../../lab/search/drive.js';
import { SimulatedPolicy } from '../../../../lab/search/simulated-policy.js';
import { sanitizeLine } from '../../../../src/observe/sanitize.js';
import { renderTree } from '../../../../src/techniques/search/render.js';
import { loadSearch, type SavedSearch, saveSearch } from '../../../../src/techniques/search/saved-search.js';
import { TreeSearch } from '../../../../src/techniques/search/search.js';

const policyOf = (seed: number): SimulatedPolicy =>
  new SimulatedPolicy({
    ...{ seed, branching: 3, depth: 4, rightShare: 0.6, skill: 0, confidence: 1 },
    ...{ tokensPerStep: 3, distinct: seed % 2 === 0 },
  });
const toJson = (search: TreeSearch): string => JSON.stringify(saveSearch(search));
const reload = (search: TreeSearch): TreeSearch => loadSearch(JSON.parse(toJson(search)));

/** One ticket and its continuation; false when the search is done. */
function advance(search: TreeSearch, policy: SimulatedPolicy): boolean {
  const work = search.next();
  if (work.kind !== 'ticket') return false;
  search.complete(work.ticket.ticketId, policy.continuation(work.ticket));
  return true;
}

t.test('a search saved and loaded at any point ends in the same tree', async (t) => {
  for (const seed of [2, 3]) {
    const policy = policyOf(seed);
    const straight = new TreeSearch({ maxRollouts: 30, seed });
    while (advance(straight, policy));
    let search = new TreeSearch({ maxRollouts: 30, seed });
    do {
      const copy = reload(search);
      t.equal(toJson(copy), toJson(search), `seed ${seed}`);
      search = copy;
    } while (advance(search, policy));
    t.equal(toJson(search), toJson(straight), `seed ${seed}`);
  }
});

t.test('tickets that were out are given out again after loading', async (t) => {
  const search = new TreeSearch({ maxDraws: 3 });
  const out = [search.next(), search.next()];
  const loaded = reload(search);
  t.equal(loaded.outstanding.length, 0);
  t.equal(loaded.tree.root.inFlight, 0);
  for (const before of out) {
    const after = loaded.next();
    if (before.kind !== 'ticket' || after.kind !== 'ticket') return t.fail('expected tickets');
    t.same([after.ticket.nodeId, after.ticket.draw], [before.ticket.nodeId, before.ticket.draw]);
  }
});

t.test('a saved search that breaks its own rules is refused by key', async (t) => {
  const search = new TreeSearch({ maxRollouts: 6 });
  driveSearch(search, policyOf(2));
  const good = saveSearch(search);
  const refused = (change: (saved: SavedSearch) => unknown, message: RegExp): void => {
    const copy = JSON.parse(JSON.stringify(good)) as SavedSearch;
    t.throws(() => loadSearch(change(copy)), { code: 'DATA', message }, String(message));
  };
  const withNode = (id: number, fields: object) => (saved: SavedSearch) => ({
    ...saved,
    nodes: saved.nodes.map((node, i) => (i === id ? { ...node, ...fields } : node)),
  });
  refused(() => null, /format is null; expected 1/);
  refused((saved) => ({ ...saved, format: 2 }), /format is 2; expected 1/);
  refused((saved) => ({ ...saved, counts: {} }), /counts is \{\}/);
  refused((saved) => ({ ...saved, nodes: [] }), /nodes is \[\]/);
  refused(withNode(1, { parent: 1 }), /nodes\[1\]\.parent is 1; expected an index below 1/);
  refused(withNode(1, { tokens: ['x'] }), /nodes\[1\]\.tokens/);
  refused(withNode(2, { visits: 99 }), /visits is \d+; expected its children's and its merged ones/);
  refused(withNode(0, { drawCount: 7 }), /nodes\[0\]\.drawCount is 7; expected its children's, \d/);
  refused(withNode(1, { valueSum: null }), /nodes\[1\]\.valueSum is null/);
  refused(withNode(1, { ending: {} }), /nodes\[1\]\.ending/);
  t.throws(() => loadSearch({ ...good, options: { ...good.options, width: 0 } }), { code: 'CONFIG' });
});

t.test('a tree is drawn with its counts, its text made safe, and not beyond its lines', async (t) => {
  const search = new TreeSearch({ width: 2, maxDraws: 2 });
  const says = (text: string, answer: string | null, reward: number): void => {
    const work = search.next();
    if (work.kind !== 'ticket') return;
    const step = {
      text,
      tokens: new Int32Array(1),
      logProbs: new Float32Array(1),
      supportLogMass: new Float32Array(1),
    };
    const first = { ...step, text: 'begin\n' };
    const ending = { answer, answerClass: answer, stopped: true };
    const steps = work.ticket.nodeId === 0 ? [first, step] : [step];
    search.complete(work.ticket.ticketId, { steps, ending, reward });
  };
  says('\u001b[31mred\u001b[0m\u202e', '7\u0007', 1);
  says('no end', null, 0);
  search.next();
  const drawn = renderTree(search.tree, { show: (text) => sanitizeLine(text) });
  t.equal(
    drawn,
    [
      '[n=2 v=0.50 in flight=1 proven=1.00] (prompt)',
      '`- [n=2 v=0.50 proven=1.00 exhausted] begin',
      '   |- [n=1 v=1.00 proven=1.00] red -> 7',
      '   `- [n=1 v=0.00 proven=0.00] no end -> no answer',
      '',
    ].join('\n'),
  );
  const cut = renderTree(search.tree, { show: (text) => text, maxLines: 2 });
  t.match(cut, /\n\.\.\. 2 more nodes\n$/);
});
