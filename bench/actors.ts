/** Whole updates per second with more and more role actors: adding actors must never cost more than 5 %. */
import { median, provenance } from './kit.js';
import { trainingRun } from './runs.js';

export interface ActorsBench {
  readonly counts: readonly number[];
  readonly rounds: number;
  readonly updates: number;
  /** Updates of a run that are not counted. */
  readonly warmUp: number;
  readonly settings: Readonly<Record<string, unknown>>;
}

const DEFAULTS: ActorsBench = { counts: [1, 4, 16, 64], rounds: 3, updates: 40, warmUp: 8, settings: {} };

export async function main(options: Partial<ActorsBench> = {}) {
  const { counts, rounds, updates, warmUp, settings: changed } = { ...DEFAULTS, ...options };
  const rates = new Map(counts.map((count): [number, number[]] => [count, []]));
  const settings = {
    'learner.learningRate': 1e-12,
    'data.evaluationProblems': 12,
    'checkpoint.onExit': false,
    ...changed,
  };
  // Interleaved, so that whatever else the machine does hits every count alike.
  for (let round = 0; round < rounds; round++) {
    for (const count of counts) {
      const flags = ['--updates', String(updates), '--actors', `forward=${count}`];
      const { metrics } = trainingRun(settings, flags);
      rates.get(count)!.push(...metrics.slice(warmUp).map((row) => 1 / row.step_time!));
    }
  }
  const updatesPerSecond = Object.fromEntries(counts.map((count) => [count, median(rates.get(count)!)]));
  const baseline = updatesPerSecond[counts[0]!]!;
  return {
    ...provenance('npm run bench -- actors'),
    benchmark: 'actors',
    updatesPerSecond,
    ratioToOneActor: Object.fromEntries(counts.map((count) => [count, updatesPerSecond[count]! / baseline])),
    leastRatioAllowed: 0.95,
  };
}
