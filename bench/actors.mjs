/** Whole updates per second with more and more role actors: adding actors must never cost more than 5 %. */
import { median, provenance } from './kit.mjs';
import { trainingRun } from './runs.mjs';

const [COUNTS, ROUNDS, UPDATES, WARM_UP] = [[1, 4, 16, 64], 3, 40, 8];

export async function benchActors() {
  const rates = new Map(COUNTS.map((count) => [count, []]));
  const settings = {
    'learner.learningRate': 1e-12,
    'data.evaluationProblems': 12,
    'checkpoint.onExit': false,
  };
  // Interleaved, so that whatever else the machine does hits every count alike.
  for (let round = 0; round < ROUNDS; round++) {
    for (const count of COUNTS) {
      const flags = ['--updates', String(UPDATES), '--actors', `forward=${count}`];
      const { metrics } = trainingRun(settings, flags);
      rates.get(count).push(...metrics.slice(WARM_UP).map((row) => 1 / row.step_time));
    }
  }
  const updatesPerSecond = Object.fromEntries(COUNTS.map((count) => [count, median(rates.get(count))]));
  const baseline = updatesPerSecond[COUNTS[0]];
  return {
    ...provenance('npm run bench -- actors'),
    benchmark: 'actors',
    updatesPerSecond,
    ratioToOneActor: Object.fromEntries(COUNTS.map((count) => [count, updatesPerSecond[count] / baseline])),
    leastRatioAllowed: 0.95,
  };
}
