/** The page that shows the whole algorithm computes what a run computes, and learns. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { grpo } from '../../examples/grpo.js';
import { readPolicy } from '../../src/model/policy-files.js';
import { cli, readLines, temporaryFolder } from '../kit/cli.js';
import { packageRoot } from '../kit/root.js';

const SMALL = { updates: 2, seed: 7, promptCount: 4, groupSize: 4, learningRate: 1e-4 };

t.test('the example computes the losses and gradients of the full program', async (t) => {
  const folder = join(temporaryFolder(t), 'run');
  const { code, stderr } = await cli([
    ...[`--run-dir=${folder}`, '--quiet', '--updates=2', '--seed=7', '--set=data.evaluationProblems=1'],
    ...['--set=sampling.promptsPerUpdate=4', '--set=sampling.groupSize=4'],
    ...['--set=learner.schedule=constant', '--set=learner.warmupUpdates=0'],
  ]);
  t.equal(code, 0, stderr);
  const run = readLines(folder, 'metrics.jsonl');
  const rows: Record<string, number>[] = [];
  const weights = await grpo(SMALL, (row) => rows.push(row));
  t.same(
    rows.map(({ loss, gradNorm }) => [loss, gradNorm]),
    run.map((row) => [row.loss, row.grad_norm]),
    'bit for bit',
  );
  rows.forEach(({ reward }, i) => {
    t.ok(Math.abs(reward! - (run[i]!.reward as number)) < 1e-6, `reward of update ${i + 1}: ${reward}`);
  });
  t.ok(
    rows.some(({ loss }) => loss !== 0),
    'there was something to learn',
  );
  const before = readPolicy(join(packageRoot, 'models', 'nano')).weights.flat;
  t.not(Buffer.compare(bytesOf(weights), bytesOf(before)), 0, 'the weights have changed');
  t.ok(weights.every(Number.isFinite));
  const trained = readPolicy(join(folder, 'checkpoints', 'update-000002')).weights.flat;
  t.equal(Buffer.compare(bytesOf(weights), bytesOf(trained)), 0, 'they are those that the run saved');
});

t.test('the example fits on one page', async (t) => {
  const lines = readFileSync(join(packageRoot, 'examples', 'grpo.ts'), 'utf8')
    .trimEnd()
    .split('\n');
  t.ok(lines.length <= 120, `${lines.length} lines`);
});

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
