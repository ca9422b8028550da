/** Did you mean: which name is near enough. */
import t from 'tap';
import { editDistance, nearest } from '../../../src/config/suggest.js';

t.test('the edit distance counts insertions, deletions, substitutions and swaps of neighbours', async (t) => {
  t.equal(editDistance('beta', 'beta'), 0);
  t.equal(editDistance('beta', 'betta'), 1);
  t.equal(editDistance('beta', 'bta'), 1);
  t.equal(editDistance('beta', 'bota'), 1);
  t.equal(editDistance('beta', 'btea'), 1);
  t.equal(editDistance('', 'abc'), 3);
  t.equal(editDistance('kitten', 'sitting'), 3);
});

const keys = [
  'seed',
  'updates',
  'learner.beta',
  'learner.learningRate',
  'sampling.groupSize',
  'data.domains',
];

t.test('a mistyped key finds its nearest neighbour', async (t) => {
  t.equal(nearest('sede', keys), 'seed');
  t.equal(nearest('learner.betta', keys), 'learner.beta');
  t.equal(nearest('lerner.beta', keys), 'learner.beta');
});

t.test('a key without its section, or with another spelling of it, is found', async (t) => {
  t.equal(nearest('beta', keys), 'learner.beta');
  t.equal(nearest('learning_rate', keys), 'learner.learningRate');
  t.equal(nearest('sampler.group-size', keys), 'sampling.groupSize');
});

t.test('a word unlike all keys gets no suggestion', async (t) => {
  t.equal(nearest('tensorboard', keys), undefined);
  t.equal(nearest('', keys), undefined);
  t.equal(nearest('x'.repeat(100_000), keys), undefined);
});
