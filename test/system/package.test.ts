/**
 * The package as a user gets it: packed, installed into an empty project with the line of README, run, imported and compiled against.
 *
 * The registry is asked as by any user. Where it does not answer, the project is given our lockfile, with which npm takes
 * everything from the cache that `npm ci` filled.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../kit/cli.js';
import { packageRoot } from '../kit/root.js';
import { type Outcome, shell } from '../kit/shell.js';

const MEGABYTE = 1e6;
/** What users install and download today, with some air: a library that brings its own zoo would exceed it. */
const MAX_INSTALLED_MB = 450;
const MAX_TARBALL_MB = 8;

const PATIENCE = {
  npm_config_prefer_offline: 'true',
  npm_config_fetch_retries: '1',
  npm_config_fetch_retry_mintimeout: '2000',
};
/** Else `npx` runs what the registry has by that name, if ours is not installed. */
const NO_STRANGER = { npm_config_yes: 'false' };
const NO_REGISTRY = /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|ENOTCACHED|E50\d/;

const readPackageFile = (name: string): string => readFileSync(join(packageRoot, name), 'utf8');

/** Size of a file, or of all files below a folder. */
function megabytesOf(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).size / MEGABYTE;
  const entries = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return (
    entries.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0) / MEGABYTE
  );
}

/** The lockfile of a project that has the tarball and what we locked for it. */
function seedLockfile(project: string, tarball: string): void {
  const { packages } = JSON.parse(readPackageFile('package-lock.json')) as {
    packages: Record<string, { dev?: boolean; devDependencies?: object }>;
  };
  const { devDependencies: _, ...dialectic } = packages['']!;
  const dependencies = { dialectic: `file:${tarball}` };
  const used = Object.entries(packages).filter(([path, entry]) => path !== '' && !entry.dev);
  const locked = {
    '': { dependencies },
    'node_modules/dialectic': { ...dialectic, resolved: dependencies.dialectic },
    ...Object.fromEntries(used),
  };
  writeFileSync(join(project, 'package.json'), JSON.stringify({ dependencies }));
  writeFileSync(
    join(project, 'package-lock.json'),
    JSON.stringify({ lockfileVersion: 3, requires: true, packages: locked }),
  );
}

const project = temporaryFolder(t);
const installed = join(project, 'node_modules', 'dialectic');

interface Equality {
  equal(found: unknown, wanted: unknown, message: string): boolean;
}

/** Fails with all that the command printed. */
function succeeded(t: Equality, { code, stdout, stderr }: Outcome, message: string): void {
  t.equal(code, 0, code === 0 ? message : `${message}\n${stdout}\n${stderr}`);
}

t.test('the tarball installs into an empty project with the line of README', async (t) => {
  // Building is what `npm test` has just done, and other tests are using what it built.
  succeeded(
    t,
    await shell(`npm pack --ignore-scripts --pack-destination "${project}"`, packageRoot),
    'npm pack',
  );
  const [tarball = ''] = readdirSync(project);
  const line = /^npm install .*\.tgz/m.exec(readPackageFile('README.md'))?.[0] ?? '';
  t.ok(line.endsWith(`/${tarball}`), `README installs ${tarball}: "${line}"`);
  let outcome = await shell(line, project, PATIENCE);
  if (NO_REGISTRY.test(outcome.stderr)) {
    t.comment('the registry does not answer; installing from the cache');
    seedLockfile(project, tarball);
    outcome = await shell(line, project, { npm_config_offline: 'true' });
  }
  succeeded(t, outcome, line);

  const sizes = {
    tarball: megabytesOf(join(project, tarball)),
    installed: megabytesOf(join(project, 'node_modules')),
  };
  t.ok(sizes.tarball < MAX_TARBALL_MB, `${sizes.tarball} MB`);
  t.ok(sizes.installed < MAX_INSTALLED_MB, `${sizes.installed} MB`);
  t.comment(
    `figure: the tarball has ${sizes.tarball.toFixed(1)} MB; installed with all it needs ${sizes.installed.toFixed(0)} MB`,
  );
});

t.test('it holds the program, its declarations, its policy and its papers, and nothing else', async (t) => {
  t.same(readdirSync(installed).sort(), [
    'LICENSE',
    'README.md',
    'config',
    'dist',
    'docs',
    'models',
    'package.json',
  ]);
  for (const file of [
    'dist/run.js',
    'dist/index.js',
    'dist/index.d.ts',
    'models/nano/model.safetensors',
    'docs/operations.md',
  ]) {
    t.ok(existsSync(join(installed, file)), file);
  }
  const files = readdirSync(join(installed, 'dist'), { recursive: true }).map(String);
  t.same(
    files.filter((name) => /\.test\.|\.map$/.test(name)),
    [],
  );
});

t.test('npx runs it with a configuration of the project', async (t) => {
  const config = {
    updates: 1,
    data: { evaluationProblems: 6 },
    sampling: { groupSize: 2, promptsPerUpdate: 2 },
    learner: { warmupUpdates: 0 },
  };
  writeFileSync(join(project, 'tiny.json'), JSON.stringify(config));
  const run = await shell(
    'npx dialectic --config tiny.json --run-dir from-command-line --json',
    project,
    NO_STRANGER,
  );
  succeeded(t, run, 'npx dialectic');
  const summary = JSON.parse(run.stdout.trim().split('\n').at(-1)!) as { updates?: number };
  t.equal(summary.updates, 1);
  t.ok(existsSync(join(project, 'from-command-line', 'checkpoints', 'update-000001', 'model.safetensors')));
});

/** A program of a user: typed configuration, a reward of its own, events. */
const PROGRAM = `
import { DialecticError, train, type ConfigInput, type Event, type RewardFunction } from 'dialectic';

const config: ConfigInput = {
  updates: 1,
  runDir: 'from-program',
  data: { evaluationProblems: 6 },
  sampling: { groupSize: 2, promptsPerUpdate: 2 },
  learner: { warmupUpdates: 0 },
};
const brief: RewardFunction = {
  name: 'brief',
  weight: 0.1,
  kind: 'shaping',
  score: (batch) => batch.map(({ completion }) => Math.exp(-completion.length / 1000)),
};
const types = new Set<Event['type']>();
const run = train(config, { rewards: [brief], onEvent: (event) => types.add(event.type) });
const subscription = run.events.subscribe((event: Event) => types.add(event.type));
const summary = await run.summary;
subscription.unsubscribe();
const wrong = await train({ updates: -1 }).summary.catch((error: unknown) => error);
const code: string = wrong instanceof DialecticError ? wrong.code : 'none';
console.log(JSON.stringify({ updates: summary.updates, code, events: types.size }));
`;

const tsc = `"${process.execPath}" "${join(packageRoot, 'node_modules', 'typescript', 'bin', 'tsc')}"`;

t.test('a program in TypeScript that imports it compiles as strictly as can be, and runs', async (t) => {
  mkdirSync(join(project, 'program'));
  writeFileSync(join(project, 'program', 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(join(project, 'program', 'main.ts'), PROGRAM);
  const strict = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    target: 'ES2022',
  };
  const typeRoots = [join(packageRoot, 'node_modules', '@types')];
  const ways = {
    nodenext: { module: 'nodenext', moduleResolution: 'nodenext', types: ['node'], typeRoots },
    bundler: {
      module: 'esnext',
      moduleResolution: 'bundler',
      types: [],
      lib: ['ES2023', 'DOM'],
      noEmit: true,
    },
  };
  for (const [way, options] of Object.entries(ways)) {
    const file = join(project, `tsconfig.${way}.json`);
    writeFileSync(file, JSON.stringify({ compilerOptions: { ...strict, ...options }, include: ['program'] }));
    succeeded(t, await shell(`${tsc} -p "${file}"`, project), `tsc, moduleResolution ${way}`);
  }
  const run = await shell(`"${process.execPath}" program/main.js`, project);
  succeeded(t, run, 'node program/main.js');
  t.match(JSON.parse(run.stdout.trim().split('\n').at(-1)!), { updates: 1, code: 'CONFIG' });
});
