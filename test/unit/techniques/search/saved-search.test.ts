import t from 'tap';
import { driveSearch } from '../../../../lab/search/drive.js';
import { SimulatedPolicy } from '../../../../lab/search/simulated-policy.js';
import { sanitizeLine } from '../../../../src/observe/sanitize.js';
import { renderTree } from '../../../../src/techniques/search/render.js';
import { saveSearch } from '../../../../src/techniques/search/saved-search.js';
import { TreeSearch } from '../../../../src/techniques/search/search.js';

const policyOf = (seed: number): SimulatedPolicy =>
  new SimulatedPolicy({
    seed,
    branching: 3,
    depth: 4,
    rightShare: 0.6,
    skill: 0,
    confidence: 1,
    tokensPerStep: 3,
    distinct: seed % 2 === 0,
  });

t.test('a saved search is plain data that JSON does not change', async (t) => {
  const search = new TreeSearch({ maxRollouts: 12, seed: 3 });
  driveSearch(search, policyOf(3));
  const saved = saveSearch(search);
  t.strictSame(JSON.parse(JSON.stringify(saved)), saved);
  t.equal(saved.nodes.length, search.tree.size);
  const parentsFirst = saved.nodes.every(({ parent }, id) => (id === 0 ? parent === -1 : parent < id));
  t.ok(parentsFirst, 'a reader can rebuild the tree from first to last');
  const [, first] = saved.nodes;
  t.strictSame([first!.text, first!.tokens], [search.tree.node(1).text, [...search.tree.node(1).tokens]]);
});

t.test('draws that are out are saved as free, and values before the first visit as null', async (t) => {
  const search = new TreeSearch({ maxDraws: 3 });
  const draws = [search.next(), search.next()].map((work) => work.kind === 'ticket' && work.ticket.draw);
  t.match(saveSearch(search), { counts: { rollouts: 0 }, nodes: [{ maxValue: null, firstValue: null }] });
  t.strictSame(saveSearch(search).nodes[0]!.freed, draws);
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
