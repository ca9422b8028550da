/** Every key of the configuration that the learner reads changes what it does: an option that does nothing is a defect. */
import t from 'tap';
import { KEYS } from '../../../src/config/keys.js';
import { batchOf, hostLearner } from '../../kit/learner-host.js';
import { maxDifference } from '../../kit/tiny-policies.js';

type Settings = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Weights after three updates. */
async function train(
  t: { teardown(release: () => unknown): void },
  settings: Settings,
): Promise<Float32Array> {
  const host = await hostLearner(t, settings);
  for (let update = 0; update < 3; update++) {
    const { policyVersion } = await host.run(update, batchOf(update));
    if (policyVersion !== update + 1) throw new Error(`update ${update} was not applied`);
  }
  return host.weightsOf(3);
}

/** Changes of one key each, on top of settings under which the key matters. */
const TABLE: readonly (readonly [key: string, value: unknown, base?: Settings])[] = [
  ['learner.loss', 'grpo'],
  ['learner.loss', 'dr_grpo'],
  ['learner.loss', 'gspo'],
  ['learner.loss', 'cispo'],
  ['learner.epsilonLow', 0.01],
  ['learner.epsilonHigh', 50],
  ['learner.delta', 1.3],
  ['learner.cispoEpsilonMax', 0.9, { learner: { loss: 'cispo' } }],
  ['learner.beta', 0.5],
  ['learner.klEstimator', 'k2', { learner: { beta: 0.5 } }],
  ['learner.klEstimator', 'k3', { learner: { beta: 0.5 } }],
  ['learner.learningRate', 2e-2],
  ['learner.warmupUpdates', 2],
  ['learner.schedule', 'constant'],
  ['learner.finalLearningRateFraction', 0.9],
  ['learner.adamBeta1', 0.5],
  ['learner.adamBeta2', 0.5],
  ['learner.adamEpsilon', 0.1],
  ['learner.weightDecay', 0.5],
  ['learner.maxGradNorm', 0.01],
  ['learner.iterations', 2],
  ['learner.scaleRewards', 'none'],
  ['learner.advantageEpsilon', 1],
  ['learner.maskTruncated', false],
  ['learner.shuffleRewards', true],
  ['seed', 43, { learner: { shuffleRewards: true } }],
  ['updates', 40],
  ['sampling.temperature', 0.7],
  ['sampling.maxCompletionTokens', 50, { learner: { loss: 'dr_grpo' } }],
  ['rewards.answer', 0.3],
  ['rewards.format', 0.7],
];

function withKey(settings: Settings, key: string, value: unknown): Settings {
  const [section, name] = key.split('.') as [string, string | undefined];
  const changed = name === undefined ? value : { ...settings[section], [name]: value };
  return { ...settings, [section]: changed } as Settings;
}

t.test('each key changes the policy that comes out', async (t) => {
  const known = new Map<string, Float32Array>();
  for (const [key, value, base = {}] of TABLE) {
    const name = JSON.stringify(base);
    if (!known.has(name)) known.set(name, await train(t, base));
    const changed = await train(t, withKey(base, key, value));
    const difference = maxDifference(changed, known.get(name)!);
    t.ok(
      Number.isFinite(difference) && difference > 1e-6,
      `${key} = ${value} moves weights by ${difference}`,
    );
  }
});

t.test('no key of the learner is missing from the table', async (t) => {
  const listed = new Set(TABLE.map(([key]) => key));
  // These two change how the sums are computed, not what is summed.
  const neutral = new Set(['learner.threads', 'learner.tokensPerMicroBatch']);
  const missing = [...KEYS.keys()].filter(
    (key) => key.startsWith('learner.') && !listed.has(key) && !neutral.has(key),
  );
  t.same(missing, []);
  const base = await train(t, {});
  for (const settings of [{ threads: 2 }, { tokensPerMicroBatch: 15 }, { loss: 'bnpo' }]) {
    const difference = maxDifference(await train(t, { learner: settings }), base);
    t.ok(difference < 1e-4, `${JSON.stringify(settings)}: ${difference}`);
  }
});
