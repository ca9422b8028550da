import t from 'tap';
import { type BatchOptions, buildBatch } from '../../../src/learner/batch.js';
import { type GroupCompleted, noOutcomes } from '../../../src/protocol/index.js';
import { Random } from '../../../src/random.js';
import { groupCompleted } from '../../../src/testing/messages.js';
import { Checks } from '../../kit/checks.js';

const SEED = Number(process.env.TEST_SEED ?? 1);
const OPTIONS: BatchOptions = {
  scale: 'group',
  epsilon: 1e-4,
  loss: 'dapo',
  rewards: { answer: { weight: 2, kind: 'outcome' }, format: { weight: 1, kind: 'shaping' } },
  maskTruncated: true,
  maxCompletionTokens: 16,
  shuffleSeed: null,
};

interface Draft {
  readonly answer: readonly number[];
  readonly format?: readonly number[];
  readonly stopped?: readonly number[];
  readonly promptIndex?: number;
  readonly change?: Partial<GroupCompleted>;
}

/** A group whose completion i has i + 1 tokens. */
function group({ answer, format, stopped, promptIndex = 0, change = {} }: Draft): GroupCompleted {
  const size = answer.length;
  const lengths = Int32Array.from({ length: size }, (_, i) => i + 1);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return groupCompleted({
    groupId: `g${promptIndex}`,
    taskId: `t${promptIndex}`,
    promptIndex,
    tokens: Int32Array.from({ length: total }, (_, i) => 10 * promptIndex + i),
    lengths,
    logProbs: Float32Array.from({ length: total }, (_, i) => -1 - i / 100),
    supportLogMass: new Float32Array(total),
    stopped: Uint8Array.from(stopped ?? new Array(size).fill(1)),
    rewardNames: ['answer', 'format', 'unknown'],
    rewards: Float32Array.from([
      ...answer,
      ...(format ?? new Array(size).fill(0)),
      ...new Array(size).fill(7),
    ]),
    scored: new Uint8Array(size).fill(1),
    ...change,
  });
}

const build = (groups: readonly GroupCompleted[], change: Partial<BatchOptions> = {}, lost = noOutcomes()) =>
  buildBatch(groups, lost, { ...OPTIONS, ...change });
const total = (outcomes: Readonly<Record<string, number>>): number =>
  Object.values(outcomes).reduce((sum, count) => sum + count, 0);

t.test('trajectories carry their tokens, advantages and weights', async (t) => {
  // Rewards 2·answer + format: 2, 2.5, 0: mean 1.5, deviation sqrt((0.25 + 1 + 2.25) / 2) = 1.322876
  const { groups, outcomes, dropped } = build([
    group({ answer: [1, 1, 0], format: [0, 0.5, 0], promptIndex: 3 }),
  ]);
  t.equal(groups.length, 1);
  const { trajectories, completions, promptTokens } = groups[0]!;
  t.strictSame(promptTokens, Int32Array.of(1, 2));
  t.strictSame([...completions.map((tokens) => [...tokens])], [[30], [31, 32], [33, 34, 35]]);
  t.strictSame(
    trajectories.map(({ behaviourLogProbs }) => behaviourLogProbs.length),
    [1, 2, 3],
  );
  t.equal(trajectories[2]!.behaviourLogProbs[0], Math.fround(-1.03));
  const deviation = Math.sqrt(3.5 / 2) + 1e-4;
  const expected = [0.5, 1, -1.5].map((x) => Math.fround(x / deviation));
  t.strictSame(
    trajectories.map(({ advantage }) => advantage),
    expected,
  );
  t.strictSame(
    trajectories.map(({ weight }) => weight),
    [1 / 6, 1 / 6, 1 / 6],
  );
  t.strictSame(outcomes, { ...noOutcomes(), applied: 3 });
  t.strictSame(dropped, []);
});

t.test('groups come in the order of their prompts, whatever order they arrived in', async (t) => {
  const arrived = [4, 0, 2, 1, 3].map((promptIndex) => group({ answer: [1, 0], promptIndex }));
  const ordered = build([0, 1, 2, 3, 4].map((promptIndex) => group({ answer: [1, 0], promptIndex })));
  t.strictSame(build(arrived), ordered);
  const renamed = (promptIndex: number) =>
    group({ answer: [1, 0], promptIndex, change: { groupId: `g${9 - promptIndex}` } });
  t.strictSame(build([4, 0, 2, 1, 3].map(renamed)), ordered, 'whatever their names');
  const twins = ['b', 'a'].map((groupId) =>
    group({ answer: [1, 0], change: { groupId, tokens: Int32Array.of(groupId.charCodeAt(0), 1, 2) } }),
  );
  t.strictSame(
    build(twins).groups.map(({ completions }) => completions[0]![0]),
    [97, 98],
    'groups of one prompt in the order of their names',
  );
});

t.test('dead groups are dropped, but their tokens stay in the denominator', async (t) => {
  const alive = group({ answer: [1, 0], promptIndex: 0 });
  const dead = group({ answer: [1, 1, 1], promptIndex: 1 });
  const { groups, outcomes, dropped } = build([alive, dead]);
  t.equal(groups.length, 1);
  t.strictSame(outcomes, { ...noOutcomes(), applied: 2, dead_group: 3 });
  t.strictSame(
    dropped.map(({ outcome, group }) => [outcome, group.groupId]),
    [['dead_group', 'g1']],
  );
  // 3 tokens live and 6 dead ones, as if the dead group's zero advantages had been trained on.
  t.strictSame(
    groups[0]!.trajectories.map(({ weight }) => weight),
    [1 / 9, 1 / 9],
  );
  t.strictSame(
    build([alive, dead], { loss: 'grpo' }).groups[0]!.trajectories.map(({ weight }) => weight),
    [1 / 5, 1 / 10],
  );
});

t.test('groups of one, equal groups and groups that differ in shaping only are dead', async (t) => {
  const { groups, outcomes } = build([
    group({ answer: [1], promptIndex: 0 }),
    group({ answer: [0.3, 0.3], promptIndex: 1 }),
    group({ answer: [0, 0, 0], format: [1, 0, 0.5], promptIndex: 2 }),
  ]);
  t.strictSame(groups, []);
  t.strictSame(outcomes, { ...noOutcomes(), dead_group: 6 });
});

t.test('a number that is not finite, or a missing score, drops its group and no other', async (t) => {
  const good = group({ answer: [1, 0], promptIndex: 9 });
  const defects: Record<string, Partial<GroupCompleted>> = {
    'a reward is not finite': { rewards: Float32Array.of(Number.NaN, 0, 0, 0, 0, 0) },
    'a log-probability is not finite': { logProbs: Float32Array.of(-1, Number.NaN, -1) },
    'a completion was not scored': { scored: Uint8Array.of(1, 0) },
  };
  for (const [detail, change] of Object.entries(defects)) {
    const { groups, outcomes, dropped } = build([group({ answer: [1, 0], change }), good]);
    t.equal(groups.length, 1, detail);
    t.strictSame(outcomes, { ...noOutcomes(), scorer_error: 2, applied: 2 });
    t.match(dropped, [{ outcome: 'scorer_error', detail }]);
    t.strictSame(
      groups[0]!.trajectories.map(({ weight }) => weight),
      [1 / 3, 1 / 3],
      'its tokens leave the denominator',
    );
  }
  const infinite = [
    { rewards: Float32Array.of(Number.POSITIVE_INFINITY, 0, 0, 0, 0, 0) },
    { supportLogMass: Float32Array.of(0, Number.NEGATIVE_INFINITY, 0) },
    { logProbs: Float32Array.of(Number.NEGATIVE_INFINITY, -1, -1) },
  ];
  for (const change of infinite) t.equal(build([group({ answer: [1, 0], change })]).outcomes.scorer_error, 2);
});

t.test('completions cut at the limit count for their group but teach nothing', async (t) => {
  const cut = group({ answer: [1, 0, 0], stopped: [1, 0, 1] });
  const masked = build([cut]);
  t.strictSame(masked.outcomes, { ...noOutcomes(), applied: 2, truncated: 1 });
  t.strictSame(
    masked.groups[0]!.completions.map((tokens) => tokens.length),
    [1, 3],
  );
  t.strictSame(
    masked.groups[0]!.trajectories.map(({ weight }) => weight),
    [1 / 4, 1 / 4],
  );
  const kept = build([cut], { maskTruncated: false });
  t.strictSame(kept.outcomes, { ...noOutcomes(), applied: 3 });
  t.equal(masked.groups[0]!.trajectories[0]!.advantage, kept.groups[0]!.trajectories[0]!.advantage);
});

t.test('a batch of completions that were all cut has nothing to train on', async (t) => {
  const { groups, outcomes } = build([group({ answer: [1, 0, 0], stopped: [0, 0, 0] })]);
  t.strictSame(groups, []);
  t.strictSame(outcomes, { ...noOutcomes(), truncated: 3 });
});

t.test('every trajectory ends in exactly one outcome', async (t) => {
  const checks = new Checks();
  for (let trial = 0; trial < 100; trial++) {
    const random = new Random(SEED, 'outcomes', trial);
    let trajectories = 0;
    const groups = Array.from({ length: random.integer(0, 6) }, (_, promptIndex) => {
      const size = random.integer(1, 4);
      trajectories += size;
      const bits = (): number[] => Array.from({ length: size }, () => random.integer(0, 1));
      const draft = { answer: bits(), format: bits(), stopped: bits(), promptIndex };
      const isScored = random.uniform() < 0.8;
      return group(isScored ? draft : { ...draft, change: { scored: new Uint8Array(size) } });
    });
    const lost = { ...noOutcomes(), cancelled: random.integer(0, 3), stale: 1 };
    const { outcomes, groups: live } = build(groups, {}, lost);
    const trained = live.reduce((sum, { trajectories }) => sum + trajectories.length, 0);
    const isComplete = total(outcomes) === trajectories + total(lost) && outcomes.applied === trained;
    checks.ok(isComplete, `seed ${SEED}, trial ${trial}: ${JSON.stringify(outcomes)}`);
    checks.same(outcomes.cancelled, lost.cancelled, `seed ${SEED}, trial ${trial}: cancelled`);
  }
  checks.report(t, { moreThan: 199 });
});

t.test('what was lost before is not changed in place', async (t) => {
  const lost = noOutcomes();
  build([group({ answer: [1, 0] })], {}, lost);
  t.strictSame(lost, noOutcomes());
});

t.test(
  'shuffled rewards are the same rewards of other completions, and a function of the seed',
  async (t) => {
    const answer = Array.from({ length: 8 }, (_, i) => i);
    const advantagesOf = (shuffleSeed: number | null, promptIndex = 0): number[] => {
      const batch = build([group({ answer, promptIndex })], { shuffleSeed });
      return batch.groups[0]!.trajectories.map(({ advantage }) => advantage);
    };
    const plain = advantagesOf(null);
    const numeric = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
    const shuffles = Array.from({ length: 20 }, (_, seed) => advantagesOf(seed));
    for (const shuffled of shuffles) t.strictSame(numeric(shuffled), numeric(plain));
    t.ok(new Set(shuffles.map(String)).size > 15, 'seeds differ');
    t.strictSame(advantagesOf(3), advantagesOf(3));
    t.notSame(advantagesOf(3, 0), advantagesOf(3, 1), 'so do prompts');
    t.notSame(advantagesOf(4), plain);
  },
);
