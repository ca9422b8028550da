import t from 'tap';
import { chunkCount, tokenLogProbs } from '../../../src/learner/token-log-probs.js';
import { Random } from '../../../src/random.js';
import { gradientsOfLoss } from '../../../src/tensor/gradients.js';
import { Graph } from '../../../src/tensor/graph.js';
import { sum } from '../../../src/tensor/reduction.js';
import { floats, integers } from '../../../src/tensor/runtime.js';
import { fixtureConfig, maxDifference, runtime } from '../../kit/tiny-policies.js';

const config = fixtureConfig('gemma2');
const { vocabSize: V, hiddenSize: D } = config;
const [TOKENS, PREDICTIONS] = [7, 12];
const random = new Random(3);
const hidden = Float32Array.from({ length: TOKENS * D }, () => random.normal());
const table = Float32Array.from({ length: V * D }, () => random.normal());
const predictors = Int32Array.from({ length: PREDICTIONS }, () => random.integer(0, TOKENS - 1));
const targets = Int32Array.from({ length: PREDICTIONS }, () => random.integer(0, V - 1));

interface Results {
  readonly logProbs: Float32Array;
  readonly entropies: Float32Array;
  readonly byHidden: Float32Array;
  readonly byTable: Float32Array;
}

function run(chunks: number, temperature: number, scale = 1, finalSoftcap = config.finalSoftcap): Results {
  const graph = new Graph();
  const states = graph.input('hidden', 'float32', ['N', D]);
  const output = graph.input('table', 'float32', [V, D]);
  const results = tokenLogProbs(
    { ...config, finalSoftcap },
    states,
    output,
    graph.input('predictors', 'int32', [chunks, 'm']),
    graph.input('targets', 'int32', [chunks, 'm']),
    temperature,
  );
  const [byHidden, byTable] = gradientsOfLoss(sum(results.logProbs), [states, output]);
  graph.output('logProbs', results.logProbs);
  graph.output('entropies', results.entropies);
  graph.output('byHidden', byHidden!);
  graph.output('byTable', byTable!);
  const shape = [chunks, PREDICTIONS / chunks];
  const executable = runtime.compile(graph);
  const values = executable.run({
    hidden: floats(
      hidden.map((x) => x * scale),
      [TOKENS, D],
    ),
    table: floats(table, [V, D]),
    predictors: integers(predictors, shape),
    targets: integers(targets, shape),
  });
  executable.release();
  const data = (name: keyof Results): Float32Array => values[name]!.data as Float32Array;
  return {
    logProbs: data('logProbs'),
    entropies: data('entropies'),
    byHidden: data('byHidden'),
    byTable: data('byTable'),
  };
}

/** Log-softmax and entropy in double precision. */
function oracle(
  temperature: number,
  scale: number,
  cap: number | null,
): { logProbs: number[]; entropies: number[] } {
  const logProbs: number[] = [];
  const entropies: number[] = [];
  predictors.forEach((predictor, i) => {
    const logits = Array.from({ length: V }, (_, v) => {
      let logit = 0;
      for (let d = 0; d < D; d++)
        logit += Math.fround(hidden[predictor * D + d]! * scale) * table[v * D + d]!;
      return (cap === null ? logit : cap * Math.tanh(logit / cap)) / temperature;
    });
    const top = Math.max(...logits);
    const logTotal = top + Math.log(logits.reduce((total, logit) => total + Math.exp(logit - top), 0));
    logProbs.push(logits[targets[i]!]! - logTotal);
    entropies.push(logits.reduce((h, logit) => h - Math.exp(logit - logTotal) * (logit - logTotal), 0));
  });
  return { logProbs, entropies };
}

for (const temperature of [1, 0.7, 2]) {
  t.test(`at temperature ${temperature} they are those of a softmax in double precision`, async (t) => {
    for (const cap of [config.finalSoftcap, null]) {
      const expected = oracle(temperature, 0.3, cap);
      const { logProbs, entropies } = run(1, temperature, 0.3, cap);
      t.ok(maxDifference(logProbs, expected.logProbs) < 1e-5);
      t.ok(maxDifference(entropies, expected.entropies) < 1e-5);
    }
  });
}

t.test('logits far apart overflow nothing', async (t) => {
  const { logProbs, entropies, byHidden, byTable } = run(1, 1, 1e4, null);
  const expected = oracle(1, 1e4, null);
  const scale = Math.max(...expected.logProbs.map(Math.abs));
  t.ok(scale > 1e5, `log-probabilities of ${-scale}`);
  t.ok(maxDifference(logProbs, expected.logProbs) < 1e-6 * scale);
  t.ok(maxDifference(entropies, expected.entropies) < 1e-3);
  t.ok([...byHidden, ...byTable].every(Number.isFinite));
});

t.test('chunks that are computed twice give the same numbers and gradients', async (t) => {
  const whole = run(1, 0.7);
  for (const chunks of [2, 3, 12]) {
    const cut = run(chunks, 0.7);
    for (const name of ['logProbs', 'entropies', 'byHidden', 'byTable'] as const) {
      const scale = Math.max(...whole[name].map(Math.abs));
      const difference = maxDifference(cut[name], whole[name]) / scale;
      t.ok(difference < 1e-6, `${chunks} chunks, ${name}: ${difference}`);
    }
  }
});

t.test('no gradient flows through entropies', async (t) => {
  const graph = new Graph();
  const states = graph.input('hidden', 'float32', [TOKENS, D]);
  const output = graph.constant(table, [V, D]);
  const { entropies } = tokenLogProbs(
    config,
    states,
    output,
    graph.constant(predictors, [1, PREDICTIONS]),
    graph.constant(targets, [1, PREDICTIONS]),
    1,
  );
  t.throws(() => gradientsOfLoss(sum(entropies), [states]), { code: 'SHAPE', message: /does not influence/ });
});

t.test('chunks keep 64 MiB of logits at most', async (t) => {
  t.equal(chunkCount(432, 4096), 1); // 7 MB
  t.equal(chunkCount(256_000, 64), 1); // 65.5 MB of 67.1
  t.equal(chunkCount(256_000, 66), 2);
  t.equal(chunkCount(256_000, 4096), 63);
  t.equal(chunkCount(10, 0), 1);
});
