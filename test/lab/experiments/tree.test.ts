/** The experiment on trees in its smallest form. */
import t from 'tap';
import { main as tree } from '../../../lab/experiments/tree/tree.js';
import { notFinite } from '../../kit/finite.js';

t.test('tree: simulated tasks and a policy', async (t) => {
  const { simulated, policy } = await tree({ share: 0.004, policy: { problems: 2, samples: 3, slots: 4 } });
  t.equal(simulated!.searchAgainstSampling!.length, 9);
  t.equal(simulated!.workers!.length, 9);
  const { policyValue: _ratios, ...others } = simulated!;
  t.strictSame(notFinite(others).faults, []);
  t.strictSame(
    simulated!.smallTrees!.map(({ exactMaxError }) => exactMaxError),
    [0, 0, 0, 0, 0, 0],
    'small trees are searched to their end',
  );
  t.strictSame(
    policy!.byBudget.map(({ rollouts, methods }) => [rollouts, methods.length]),
    [
      [4, 11],
      [8, 11],
      [16, 11],
    ],
  );
  t.ok(notFinite(policy).seen > 100);
  t.strictSame(notFinite(policy).faults, []);
});
