import t from 'tap';
import { createWeights } from '../../../src/model/weights.js';
import { Random } from '../../../src/random.js';
import { type Doubles, evaluate, toDoubles } from '../../kit/float64.js';
import {
  type Cut,
  currentLogProbs,
  ENTROPY_CASES,
  entropies,
  LOSS_CASES,
  type LossCase,
  lengths,
  namedGradients,
  normOf,
  parameterGradient,
  rowOf,
  runCase,
} from '../../kit/grpo-fixture.js';
import { wholeLoss } from '../../kit/policy-graph.js';
import { fixturePolicy, maxDifference } from '../../kit/tiny-policies.js';

const SEED = Number(process.env.TEST_SEED ?? 1);
const policy = fixturePolicy('gemma2');
const named = (name: string): LossCase => LOSS_CASES.find((lossCase) => lossCase.name === name)!;

t.ok(LOSS_CASES.length > 0, 'the fixture has cases');

for (const lossCase of LOSS_CASES) {
  t.test(`${lossCase.name}: the whole policy has TRL's loss and gradients`, async (t) => {
    const pass = runCase(lossCase, policy);
    t.ok(Math.abs(pass.loss - lossCase.loss) < 1e-6, `loss ${pass.loss}, expected ${lossCase.loss}`);
    const logProbs = lengths.map((_, row) =>
      maxDifference(pass.logProbs[row]!, currentLogProbs(lossCase.temperature, row)),
    );
    t.ok(Math.max(...logProbs) < 1e-5, `log-probabilities of rows: ${logProbs}`);
    const entropy = lengths.map((_, row) =>
      maxDifference(pass.entropies[row]!, entropies(lossCase.temperature, row)),
    );
    t.ok(Math.max(...entropy) < 1e-5, `entropies of rows: ${entropy}`);
    const norm = normOf(pass.gradients.flat);
    t.ok(
      Math.abs(norm / lossCase.gradientNorm - 1) < 1e-5,
      `norm ${norm}, expected ${lossCase.gradientNorm}`,
    );
    const gradients = namedGradients(pass.gradients);
    t.equal(gradients.size, Object.keys(lossCase.parameterGradients).length);
    const worst: [difference: number, name: string] = [0, 'none'];
    for (const [name, expected] of Object.entries(lossCase.parameterGradients)) {
      const gradient = gradients.get(name)!;
      const projection = gradient.reduce((sum, x, i) => sum + x * Math.sin(i + 1), 0);
      const differences = [normOf(gradient) - expected.norm, projection - expected.projection];
      if (lossCase.hasFullGradient)
        differences.push(maxDifference(gradient, parameterGradient(lossCase, name)));
      const relative = Math.max(...differences.map(Math.abs)) / expected.norm;
      if (!(relative <= worst[0])) worst.splice(0, 2, relative, name);
    }
    t.ok(worst[0] < 1e-5, `relative difference ${worst[0]} of ${worst[1]}`);
  });
}

t.test('an entropy bonus is no part of the loss, but its entropies are', async (t) => {
  t.ok(ENTROPY_CASES.length > 0, 'the fixture has cases with an entropy bonus');
  for (const lossCase of ENTROPY_CASES) {
    const pass = runCase(lossCase, policy);
    t.ok(Math.abs(pass.loss - lossCase.metrics.policy_loss!) < 1e-6);
    const masks = lengths.map((_, row) => rowOf(lossCase.mask, row));
    const count = masks.reduce((sum, mask) => sum + mask.reduce((a, b) => a + b, 0), 0);
    const entropy = pass.entropies.reduce((sum, row) => sum + row.reduce((a, b) => a + b, 0), 0) / count;
    t.ok(Math.abs(pass.loss - lossCase.entropyCoefficient * entropy - lossCase.loss) < 1e-6);
  }
});

t.test('the update does not depend on how its batch is cut, chunked, shared or ordered', async (t) => {
  const cuts: Record<string, Cut> = {
    'one sequence a micro-batch': { maxTokens: 1 },
    'a few sequences a micro-batch': { maxTokens: 20 },
    'three chunks': { chunks: 3 },
    'more chunks than some micro-batches have tokens': { chunks: 8, maxTokens: 1 },
    'a prompt for each completion': { isShared: false },
    'groups in another order': { order: [2, 0, 1] },
    'all of it': { maxTokens: 20, chunks: 3, isShared: false, order: [1, 2, 0] },
  };
  for (const name of ['dapo', 'gspo', 'grpo-kl-k3-ratio-weighted']) {
    const whole = runCase(named(name), policy);
    for (const [title, cut] of Object.entries(cuts)) {
      const pass = runCase(named(name), policy, cut);
      const difference = pass.gradients.flat.map((x, i) => x - whole.gradients.flat[i]!);
      const relative = normOf(difference) / normOf(whole.gradients.flat);
      t.ok(relative < 1e-6, `${name}, ${title}: gradients differ by ${relative} of their norm`);
      t.ok(Math.abs(pass.loss - whole.loss) < 2e-7, `${name}, ${title}: loss`);
      const logProbs = pass.logProbs.map((row, i) => maxDifference(row, whole.logProbs[i]!));
      t.ok(
        Math.max(...logProbs) < 5e-6,
        `${name}, ${title}: log-probabilities differ by ${Math.max(...logProbs)}`,
      );
    }
  }
});

t.test('a pass repeats bit for bit', async (t) => {
  const once = runCase(named('dapo'), policy);
  const again = runCase(named('dapo'), policy);
  t.equal(maxDifference(again.gradients.flat, once.gradients.flat), 0);
  t.equal(again.loss, once.loss);
});

t.test('gradients are the slopes of the loss along random directions, in double precision', async (t) => {
  const step = 1e-5;
  for (const name of ['dapo-temperature', 'gspo', 'cispo', 'grpo-kl-k3-ratio-weighted']) {
    const lossCase = named(name);
    const { gradients } = runCase(lossCase, policy);
    const { graph, loss, inputs } = wholeLoss(lossCase, policy);
    const doubles = toDoubles(inputs);
    const base = evaluate(graph, doubles);
    t.ok(Math.abs(base.get(loss.id)!.data[0]! - lossCase.loss) < 1e-6, `${name}: loss in double precision`);
    const stopped = graph.nodes
      .filter(({ op }) => op === 'stopGradient')
      .map(({ outputs }) => outputs[0]!.id);
    const held = new Map(stopped.map((id) => [id, base.get(id)!]));
    const random = new Random(SEED, 'direction', name);
    const direction = createWeights(policy.weights.layout);
    let expected = 0;
    direction.flat.forEach((_, i) => {
      direction.flat[i] = random.normal();
      expected += direction.flat[i]! * gradients.flat[i]!;
    });
    const lossAt = (distance: number): number => {
      const moved: Record<string, Doubles> = { ...doubles };
      for (const [parameter, { data }] of Object.entries(direction.values)) {
        const { data: from, shape } = doubles[parameter]!;
        moved[parameter] = { data: from.map((x, i) => x + distance * data[i]!), shape };
      }
      return evaluate(graph, moved, held).get(loss.id)!.data[0]!;
    };
    const slope = (lossAt(step) - lossAt(-step)) / (2 * step);
    const relative = Math.abs(slope - expected) / normOf(gradients.flat);
    t.ok(relative < 1e-4, `${name}, seed ${SEED}: slope ${slope}, gradient ${expected}`);
  }
});
