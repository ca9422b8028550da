/**
 * `npm run lab -- NAME`: prints what an experiment found as one JSON object, tables on standard error.
 * Figures without a time in them are a function of the seeds.
 */
const args = process.argv.slice(3);
const EXPERIMENTS: Readonly<Record<string, () => Promise<object>>> = {
  annealing: async () => (await import('./experiments/annealing/annealing.js')).main(),
  debate: async () => (await import('./experiments/debate/debate.js')).main({}, args),
  learning: async () => {
    const result = (await import('./experiments/learning.js')).main();
    const { learningTables } = await import('./experiments/learning-tables.js');
    process.stderr.write(`${learningTables(result).join('\n')}\n`);
    return result;
  },
  techniques: async () => (await import('./experiments/techniques.js')).main(),
  tree: async () => (await import('./experiments/tree/tree.js')).main({}, args[0]),
};

const name = process.argv[2] ?? 'nothing';
const run = EXPERIMENTS[name];
if (run) {
  process.stdout.write(`${JSON.stringify(await run(), null, 2)}\n`);
} else {
  process.stderr.write(`npm run lab -- ${Object.keys(EXPERIMENTS).join('|')}, not ${name}\n`);
  process.exitCode = 2;
}
