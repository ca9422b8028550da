import t from 'tap';
import { bestPath } from '../../../lab/search/best-path.js';
import { SearchTree, type Step, type TreeNode } from '../../../src/techniques/search/tree.js';

const step = (text: string, logProb = -1): Step => ({
  text,
  tokens: Int32Array.of(1),
  logProbs: Float32Array.of(logProb),
  supportLogMass: new Float32Array(1),
});
type Given = Partial<Pick<TreeNode, 'visits' | 'valueSum' | 'provenValue'>> & { readonly logProb?: number };

/** Text of the child that is best among these. */
function best(children: Readonly<Record<string, Given>>): string {
  const tree = new SearchTree();
  for (const [text, { logProb, ...given }] of Object.entries(children))
    Object.assign(tree.addChild(tree.root, step(text, logProb), null), given);
  return bestPath(tree, 1).at(-1)!.text;
}

t.test('a proven solution is better than the most visits', async (t) => {
  t.equal(
    best({ visited: { visits: 50, valueSum: 45 }, proven: { visits: 1, valueSum: 1, provenValue: 1 } }),
    'proven',
  );
});

t.test('uncertainty is better than a certain failure', async (t) => {
  t.equal(
    best({ failed: { visits: 50, valueSum: 0, provenValue: 0 }, open: { visits: 1, valueSum: 0 } }),
    'open',
  );
  t.equal(
    best({ failed: { visits: 50, valueSum: -50, provenValue: -1 }, open: { visits: 1, valueSum: -1 } }),
    'open',
  );
});

t.test('otherwise visits decide, then the average, then the prior, then age', async (t) => {
  t.equal(best({ a: { visits: 3, valueSum: 3 }, b: { visits: 9, valueSum: 1 } }), 'b');
  t.equal(best({ a: { visits: 3, valueSum: 1 }, b: { visits: 3, valueSum: 2 } }), 'b');
  t.equal(
    best({ a: { visits: 3, valueSum: 1, logProb: -2 }, b: { visits: 3, valueSum: 1, logProb: -1 } }),
    'b',
  );
  t.equal(best({ a: { visits: 3, valueSum: 1 }, b: { visits: 3, valueSum: 1 } }), 'a');
});

t.test('a tree without children has the root as its path', async (t) => {
  t.same(
    bestPath(new SearchTree(), 1).map(({ id }) => id),
    [0],
  );
});
