/**
 * `npm run bench -- NAME`: prints one JSON object with machine, figure and ratio.
 * Nothing here is asserted in tests: times belong to machines.
 */
const BENCHMARKS = {
  learner: async () => (await import('./learner.mjs')).benchLearner(),
  sampler: async () => (await import('./sampler.mjs')).benchSampler(),
  messages: async () => (await import('./messages.mjs')).benchMessages(),
  actors: async () => (await import('./actors.mjs')).benchActors(),
  learning: async () => (await import('./learning.mjs')).benchLearning(),
  scoring: async () => (await import('./scoring.mjs')).benchScoring(),
  tree: async () => (await import('./tree.mjs')).benchTree(),
  strategy: async () => (await import('./strategy.mjs')).benchStrategy(),
  debate: async () => (await import('./debate.mjs')).benchDebate(),
  techniques: async () => (await import('./techniques.mjs')).benchTechniques(),
  rollout: async () => (await import('./rollout.mjs')).benchRollout(),
};

const name = process.argv[2];
const run = BENCHMARKS[name];
if (run) {
  process.stdout.write(`${JSON.stringify(await run(), null, 2)}\n`);
} else {
  process.stderr.write(`npm run bench -- ${Object.keys(BENCHMARKS).join('|')}, not ${name ?? 'nothing'}\n`);
  process.exitCode = 2;
}
