/** What a run's numbers depend on: its configuration and seed, and nothing else. */
import { join } from 'node:path';
import t from 'tap';
import { readSafetensors } from '../../src/model/safetensors.js';
import { fingerprint, runAll, TINY, temporaryFolder } from '../kit/cli.js';
import { maxDifference } from '../kit/tiny-policies.js';

const UPDATES = 3;
const folder = temporaryFolder(t);

/** Runs each list of arguments and gives what the runs left behind. */
async function readRuns(runs: Readonly<Record<string, readonly string[]>>) {
  await runAll(folder, [...TINY, `--updates=${UPDATES}`], runs);
  return (name: string) => fingerprint(join(folder, name), UPDATES);
}

t.test('the same seed gives the same run, whatever actors and threads share the work', async (t) => {
  const read = await readRuns({
    'forward 4, sampler 2, scorer 1': [],
    'forward 1, sampler 1, scorer 0': ['--actors=forward=1,sampler=1,scorer=0'],
    'forward 2, sampler 3, scorer 2': ['--actors=forward=2,sampler=3,scorer=2', '--threads=2'],
    'forward 8 on 3 threads': ['--actors=forward=8,scorer=2', '--threads=3'],
    '5 slots': ['--set=sampling.slotsPerSampler=5'],
  });
  const base = read('forward 4, sampler 2, scorer 1');
  t.equal(base.metrics.length, UPDATES);
  t.ok(
    base.metrics.every(({ grad_norm: norm }) => (norm as number) > 0),
    'every update learned something',
  );
  for (const name of ['forward 1, sampler 1, scorer 0', 'forward 2, sampler 3, scorer 2', '5 slots'])
    t.strictSame(read(name), base, name);
  t.strictSame(read('forward 8 on 3 threads'), base, 'forward 8 on 3 threads');
});

t.test('so it does when draws are filtered, which gives another run', async (t) => {
  const filter = ['--set=sampling.topP=0.9', '--set=sampling.topK=20'];
  const read = await readRuns({
    filtered: filter,
    'filtered, one of each': [...filter, '--actors=forward=1,sampler=1,scorer=0'],
  });
  t.strictSame(read('filtered, one of each'), read('filtered'));
  t.notSame(read('filtered').metrics, read('forward 4, sampler 2, scorer 1').metrics);
});

t.test('another seed gives other problems and other numbers', async (t) => {
  const read = await readRuns({ 'seed 43': ['--seed=43'] });
  const [other, base] = [read('seed 43'), read('forward 4, sampler 2, scorer 1')];
  for (const i of base.metrics.keys()) {
    t.not(other.metrics[i]!.num_tokens, base.metrics[i]!.num_tokens);
    t.not(other.metrics[i]!.loss, base.metrics[i]!.loss);
  }
  t.not(other.weights, base.weights);
  t.strictSame(other.before, base.before, 'the held-out problems are the same for every seed');
});

t.test('threads and micro-batches of the learner change its sums by rounding only', async (t) => {
  const read = await readRuns({
    '1 thread, small micro-batches': ['--set=learner.threads=1', '--set=learner.tokensPerMicroBatch=300'],
  });
  const [other, base] = [read('1 thread, small micro-batches'), read('forward 4, sampler 2, scorer 1')];
  for (const i of base.metrics.keys()) {
    const [loss, expected] = [other.metrics[i]!.loss as number, base.metrics[i]!.loss as number];
    t.ok(Math.abs(loss - expected) < 1e-5, `loss ${loss}, expected ${expected}`);
  }
  const weights = (name: string) =>
    readSafetensors(join(folder, name, 'checkpoints', 'update-000003', 'model.safetensors'));
  const [a, b] = [weights('1 thread, small micro-batches'), weights('forward 4, sampler 2, scorer 1')];
  const differences = [...a].map(([name, tensor]) =>
    maxDifference(tensor.data as Float32Array, b.get(name)!.data as Float32Array),
  );
  // Learning rates 2e-5, 4e-5, 6e-5 move every parameter by up to 1.2e-4.
  t.ok(Math.max(...differences) <= 2e-5, `weights differ by up to ${Math.max(...differences)}`);
});
