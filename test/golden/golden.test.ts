/** The values of test/golden: what a user may rely on from one version to the next, whatever the processor. */
import t from 'tap';
import { temporaryFolder } from '../kit/cli.js';
import {
  advantagesNow,
  datasetNow,
  firstUpdateNow,
  type GoldenDataset,
  type GoldenGroup,
  type GoldenPrompt,
  type GoldenRewards,
  type GoldenUpdate,
  promptsNow,
  RENEW,
  readGolden,
  rewardsNow,
  UPDATE_TOLERANCE,
} from '../kit/golden.js';

const RENEWAL = `if the change is meant, ${RENEW} writes test/golden anew`;

t.test('the dataset of a run by default has the bytes that it had', async (t) => {
  const [now, golden] = [datasetNow(), readGolden<GoldenDataset>('dataset')];
  t.same(now.first, golden.first, `the first example of each domain; ${RENEWAL}`);
  t.same([now.counts, now.sha256], [golden.counts, golden.sha256], `all of it; ${RENEWAL}`);
  t.equal(Object.keys(golden.first).length, 24);
});

t.test('every role is asked with the same words and the same tokens', async (t) => {
  const golden = readGolden<GoldenPrompt[]>('prompts');
  t.same(promptsNow(golden), golden, RENEWAL);
  t.same(new Set(golden.map(({ role }) => role)).size, 4);
});

t.test('every built-in reward judges completions as it did', async (t) => {
  const golden = readGolden<GoldenRewards[]>('rewards');
  t.same(rewardsNow(golden), golden, RENEWAL);
  t.ok(golden.length >= 40, `${golden.length} completions`);
});

t.test('the advantages of a group are what they were', async (t) => {
  const golden = readGolden<GoldenGroup[]>('advantages');
  t.same(advantagesNow(golden), golden, RENEWAL);
  t.ok(golden.length >= 8, `${golden.length} groups`);
});

t.test('the first update of a run has the loss that it had', async (t) => {
  const golden = readGolden<GoldenUpdate>('first-update');
  const { metrics } = await firstUpdateNow(golden, temporaryFolder(t));
  const differing = Object.entries(golden.metrics).filter(
    ([key, value]) => !(Math.abs(metrics[key]! - value) <= UPDATE_TOLERANCE * Math.abs(value)),
  );
  t.same(
    differing.map(([key, value]) => `${key} is ${metrics[key]} instead of ${value}`),
    [],
    `to a relative ${UPDATE_TOLERANCE}; ${RENEWAL}`,
  );
  t.ok(Math.abs(golden.metrics.loss!) > 1e-3 && golden.metrics.grad_norm! > 0, 'something was learned');
});
