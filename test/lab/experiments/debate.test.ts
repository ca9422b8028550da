/** The experiment on debates in its smallest form. */
import t from 'tap';
import { main as debate } from '../../../lab/experiments/debate/debate.js';

/** A run of seconds. */
const SMALL = {
  'sampling.promptsPerUpdate': 2,
  'sampling.groupSize': 2,
  'sampling.maxCompletionTokens': 48,
  'evaluation.maxCompletionTokens': 48,
  'data.evaluationProblems': 6,
};

t.test('debate: simulated debaters, a policy, and the audit of its roles', async (t) => {
  const result = await debate({ simulatedDebates: 200, problems: 2, auditedProblems: 1, slots: 4 }, [
    'audit',
  ]);
  t.match(result, {
    simulated: { measured: { length: 3 }, sycophancy: { length: 4 } },
    real: { rows: { length: 7 } },
    earlyStop: { rows: { length: 3 } },
    withoutRoles: { left: { length: 4 } },
    sycophancy: { length: 3 },
    audit: { coalitions: { length: 16 } },
  });
});

t.test('debate trained: before and after two updates', async (t) => {
  const trained = {
    strategies: ['debate'],
    seeds: [1],
    problems: 2,
    slots: 4,
    trainingSeconds: 0,
    calibrationUpdates: 3,
    settings: SMALL,
  };
  const { arms } = (await debate({ trained }, ['trained'])) as unknown as {
    arms: { arm: string; accuracy: number; bySeed: { training: { updates: number } | null }[] }[];
  };
  t.strictSame(
    arms.map(({ arm, bySeed }) => [arm, bySeed[0]!.training?.updates ?? 0]),
    [
      ['before', 0],
      ['debate', 2],
    ],
  );
  t.ok(arms.every(({ accuracy }) => accuracy >= 0 && accuracy <= 1));
});
