import t from 'tap';
import { clusterBootstrap, wilsonInterval } from '../../../src/evaluation/intervals.js';
import { Random } from '../../../src/random.js';

t.test("the interval is Wilson's", async (t) => {
  // Reference values: statsmodels proportion_confint(method='wilson').
  const cases: [number, number, number, number][] = [
    [0, 10, 0, 0.27753],
    [10, 10, 0.72247, 1],
    [50, 100, 0.40383, 0.59617],
    [1, 300, 0.00059, 0.01862],
  ];
  for (const [successes, trials, low, high] of cases) {
    const interval = wilsonInterval(successes, trials);
    t.ok(Math.abs(interval[0] - low) < 1e-4 && Math.abs(interval[1] - high) < 1e-4, `${successes}/${trials}`);
  }
  t.same(wilsonInterval(0, 0), [0, 1]);
});

t.test('a bootstrap interval covers the true mean as often as it says, and repeats', async (t) => {
  let covered = 0;
  for (let trial = 0; trial < 200; trial++) {
    const random = new Random('coverage', trial);
    const values: number[] = [];
    const clusters: string[] = [];
    for (let cluster = 0; cluster < 40; cluster++) {
      const share = random.uniform();
      for (let i = 0; i < 4; i++) {
        values.push(Number(random.uniform() < share));
        clusters.push(String(cluster));
      }
    }
    const [low, high] = clusterBootstrap(values, clusters, 200);
    if (low <= 0.5 && high >= 0.5) covered++;
  }
  // 95 % of 200 is 190; five standard deviations are 15.
  t.ok(covered >= 175, `${covered} of 200`);
  t.same(clusterBootstrap([0, 1, 1], ['a', 'b', 'c']), clusterBootstrap([0, 1, 1], ['a', 'b', 'c']));
});
