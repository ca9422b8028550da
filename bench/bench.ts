/**
 * `npm run bench -- NAME`: prints one JSON object with machine, figure and ratio.
 * Nothing here is asserted in tests: times belong to machines.
 */
const BENCHMARKS: Readonly<Record<string, () => Promise<object>>> = {
  learner: async () => (await import('./learner.js')).main(),
  sampler: async () => (await import('./sampler.js')).main(),
  messages: async () => (await import('./messages.js')).main(),
  actors: async () => (await import('./actors.js')).main(),
  scoring: async () => (await import('./scoring.js')).main(),
  rollout: async () => (await import('./rollout.js')).main(),
};

const name = process.argv[2] ?? 'nothing';
const run = BENCHMARKS[name];
if (run) {
  process.stdout.write(`${JSON.stringify(await run(), null, 2)}\n`);
} else {
  process.stderr.write(`npm run bench -- ${Object.keys(BENCHMARKS).join('|')}, not ${name}\n`);
  process.exitCode = 2;
}
