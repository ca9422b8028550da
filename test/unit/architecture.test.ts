/** The structure that the sources must keep: who imports whom, which library has which door, how long a file is. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Checks } from '../kit/checks.js';
import { packageRoot } from '../kit/root.js';
import { readSourceFiles, specifiersOf } from '../kit/source-files.js';

const sources = readSourceFiles();
/** What every room may import. */
const GROUND = ['errors', 'random', 'clock', 'protocol'];
const MODEL = ['tensor', 'model', ...GROUND];

/** What each room of src/ may import, besides itself: only rooms below it. Actors and the learner meet only in messages. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  errors: [],
  random: [],
  'package-info': [],
  clock: ['errors'],
  protocol: ['errors'],
  config: ['errors', 'protocol'],
  tensor: ['protocol', 'errors', 'random'],
  model: ['tensor', 'errors', 'random'],
  data: GROUND,
  rewards: GROUND,
  sampling: ['data', ...MODEL],
  rollout: ['sampling', 'rewards', 'data', ...GROUND],
  'techniques/debate': ['rollout', 'rewards', 'data', ...GROUND],
  'techniques/search': ['rollout', 'rewards', 'data', ...GROUND],
  'techniques/annealing': ['rollout', ...GROUND],
  'actors/kernel': GROUND,
  actors: ['actors/kernel', 'rollout', 'sampling', ...MODEL],
  learner: ['actors/kernel', 'rewards', ...MODEL],
  evaluation: ['rollout', 'sampling', 'rewards', 'data', 'config', ...MODEL],
  observe: ['config', ...GROUND],
  training: [
    'actors',
    'actors/kernel',
    'rollout',
    'sampling',
    'techniques/debate',
    'techniques/search',
    'techniques/annealing',
    'learner',
    'evaluation',
    'observe',
    'rewards',
    'data',
    'config',
    'package-info',
    ...MODEL,
  ],
  solve: ['rollout', 'sampling', 'techniques/debate', 'techniques/search', 'rewards', ...MODEL],
  doctor: ['sampling', 'learner', 'evaluation', 'rewards', 'data', 'config', ...MODEL],
  cli: [
    'rollout',
    'training',
    'solve',
    'doctor',
    'evaluation',
    'observe',
    'data',
    'config',
    'package-info',
    ...GROUND,
  ],
  run: ['cli', 'errors', 'package-info'],
  index: [
    'training',
    'solve',
    'evaluation',
    'observe',
    'rollout',
    'rewards',
    'data',
    'config',
    'package-info',
    'errors',
    'protocol',
  ],
  testing: ['actors', 'actors/kernel', 'rollout', 'rewards', 'clock', 'protocol'],
};

/** The files that may import each library: one library, one door. A library that is not listed has none. */
const DOORS: Record<string, RegExp> = {
  'node:worker_threads': /^actors\/kernel\/threads\//,
  comlink: /^actors\/kernel\/ask\.ts$/,
  piscina: /^rewards\/pool\.ts$/,
  'quickjs-emscripten-core': /^rewards\/sandbox\/interpreter\.ts$/,
  '@jitl/quickjs-wasmfile-release-sync': /^rewards\/sandbox\/interpreter\.ts$/,
  koffi: /^tensor\/ort-library\.ts$/,
  'onnxruntime-node': /^tensor\/ort-library\.ts$/,
  '@tensorflow/tfjs-core': /^tensor\/tfjs(-[a-z-]+)?\.ts$/,
  '@tensorflow/tfjs-backend-cpu': /^tensor\/tfjs(-[a-z-]+)?\.ts$/,
  '@tensorflow/tfjs-backend-wasm': /^tensor\/tfjs(-[a-z-]+)?\.ts$/,
  '@tensorflow/tfjs-node-gpu': /^tensor\/tfjs(-[a-z-]+)?\.ts$/,
  '@huggingface/tokenizers': /^model\//,
  '@huggingface/jinja': /^model\//,
  hyparquet: /^data\/dataset\/parquet-decoder\.ts$/,
  'hyparquet-compressors': /^data\/dataset\/parquet-decoder\.ts$/,
  zod: /^(protocol\/.*|config\/schema|data\/dataset\/schema)\.ts$/,
  rxjs: /^(actors\/kernel|learner|observe|training|cli)\//,
  commander: /^cli\/arguments\.ts$/,
  picocolors: /^cli\//,
};

const MAX_LINES = 400;
const MEDIAN_LINES = 180;
const MAX_ACTOR_LINES = 150;
const KERNEL_USERS = ['actors', 'actors/kernel', 'learner', 'training', 'testing'];

/** `model/decoder.ts` is in the room `model`, `techniques/debate/debate.ts` in `techniques/debate`, `run.ts` in `run`. */
function partOf(path: string): string {
  const names = path.replace(/\.ts$/, '').split('/');
  const isNested = names[0] === 'techniques' || (names[0] === 'actors' && names[1] === 'kernel');
  return isNested ? names.slice(0, 2).join('/') : names[0]!;
}

t.test('the reader of imports sees every way to import', async (t) => {
  const text = [
    "import a from './a.js';",
    "import {\n  type B,\n} from '../b.js';",
    "export * from './c.js';",
    "import './d.js';",
    "const e = await import('./e.js');",
    "const f = require('f');",
    "new Worker(new URL('./g.js', import.meta.url));",
    "/* import h from './h.js' */",
    "// import i from './i.js'",
  ];
  t.same(specifiersOf(text.join('\n')), ['./a.js', '../b.js', './c.js', './d.js', './e.js', 'f', './g.js']);
});

t.test('imports go one way', async (t) => {
  const checks = new Checks();
  for (const { path, files } of sources) {
    const part = partOf(path);
    const allowed = MAY_IMPORT[part];
    checks.ok(allowed, `src/${path} is in ${part}, a part of src/ that the table does not know`);
    for (const file of files) {
      const target = partOf(file);
      checks.ok(
        target === part || allowed?.includes(target),
        `src/${path} imports src/${file}: ${part} may import ${allowed?.join(', ') || 'nothing of src/'}`,
      );
    }
  }
  checks.report(t, { moreThan: 500 });
});

t.test('benchmarks and experiments import sources, never the other way round', async (t) => {
  const mayImport: Readonly<Record<string, RegExp>> = {
    bench: /^(?!\.\.\/)|^\.\.\/src\//,
    lab: /^(?!\.\.\/)|^\.\.\/(src|bench)\//,
  };
  const found = { files: 0, faults: [] as string[] };
  for (const [room, allowed] of Object.entries(mayImport)) {
    for (const { path, text, lineCount, files } of readSourceFiles(room)) {
      found.files++;
      const isThere = (file: string): boolean => existsSync(join(packageRoot, room, file));
      for (const file of files.filter((name) => name.endsWith('.ts')))
        if (!allowed.test(file) || !isThere(file)) found.faults.push(`${room}/${path} imports ${file}`);
      if (lineCount >= MAX_LINES) found.faults.push(`${room}/${path} has ${lineCount} lines`);
      if (!text.startsWith('/**')) found.faults.push(`${room}/${path} does not say why it exists`);
    }
  }
  const climbing = sources.flatMap(({ path, files }) =>
    files.filter((file) => file.startsWith('../')).map((file) => `src/${path} imports ${file}`),
  );
  t.same([...found.faults, ...climbing], []);
  t.ok(found.files > 30);
});

t.test('the table of imports has no cycle', async (t) => {
  const settled = new Set<string>();
  for (let added = true; added; ) {
    added = false;
    for (const [part, targets] of Object.entries(MAY_IMPORT)) {
      if (!settled.has(part) && targets.every((target) => settled.has(target))) {
        settled.add(part);
        added = true;
      }
    }
  }
  t.same(
    Object.keys(MAY_IMPORT).filter((part) => !settled.has(part)),
    [],
  );
});

t.test('each library is imported only through its door', async (t) => {
  for (const { path, libraries } of sources) {
    for (const library of libraries) {
      const door = DOORS[library];
      if (door === undefined && library.startsWith('node:')) continue;
      if (!door?.test(path)) t.fail(`src/${path} imports ${library}, whose door is ${door ?? 'nowhere'}`);
    }
  }
  t.ok(sources.some(({ libraries }) => libraries.includes('zod')));
});

t.test('every dependency of the package has a door', async (t) => {
  const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const libraries = Object.keys(manifest.dependencies);
  t.same(
    libraries.filter((library) => DOORS[library] === undefined),
    [],
  );
  t.ok(libraries.length > 5, `${libraries.length} dependencies`);
});

t.test('the protocol needs zod and nothing of Node', async (t) => {
  const protocol = sources.filter(({ path }) => partOf(path) === 'protocol');
  t.same(new Set(protocol.flatMap(({ libraries }) => libraries)), new Set(['zod']));
});

t.test('randomness comes from src/random.ts alone', async (t) => {
  const other = /\bMath\.random\b|\bcrypto\.(randomBytes|randomUUID|getRandomValues)\b/;
  t.ok(other.test('const x = Math.random();') && other.test('crypto.randomUUID()'));
  t.same(
    sources.filter(({ text }) => other.test(text)).map(({ path }) => path),
    [],
  );
  t.ok(sources.length > 100, `${sources.length} files were read`);
});

/** The files beside the command line that ask the process something, with what and why. */
const ASK_THE_PROCESS: Readonly<Record<string, readonly [property: string, why: string][]>> = {
  'index.ts': [
    ['cwd', 'where relative paths belong to, unless the program says it'],
    ['env', "where the judge's key is looked up, unless the program says it"],
  ],
  'package-info.ts': [['versions', 'which Node runs it']],
  'model/safetensors.ts': [
    ['platform', 'Windows cannot sync a folder'],
    ['pid', 'names of temporary files'],
  ],
  'tensor/tfjs.ts': [
    ['rawListeners', 'TensorFlow.js listens for errors of the whole process, and is unlearned it'],
    ['removeListener', 'TensorFlow.js listens for errors of the whole process, and is unlearned it'],
  ],
  'data/dataset/parquet.ts': [['execPath', 'it starts a process of its own']],
  'tensor/ort-library.ts': [
    ['platform', 'which shared library'],
    ['arch', 'which shared library'],
  ],
  'rewards/user-rewards.ts': [['stderr', "where a user's reward prints, in a thread of its own"]],
  'data/dataset/parquet-process.ts': [
    ['argv', 'it is a process of its own'],
    ['stdout', 'it is a process of its own'],
    ['exit', 'it is a process of its own'],
  ],
};

t.test('only the command line asks the process, but for a list with reasons', async (t) => {
  const asked: Record<string, Set<string>> = {};
  for (const { path, text } of sources) {
    if (path === 'run.ts' || path.startsWith('cli/')) continue;
    const properties = [...text.matchAll(/(?<![-.\w])process\.([a-z]\w*)|\b(cwd)\b/gi)].map(
      (match) => match[1] ?? match[2]!,
    );
    if (properties.length > 0) asked[path] = new Set(properties);
  }
  const listed = Object.entries(ASK_THE_PROCESS).map(([path, properties]) => [
    path,
    new Set(properties.map(([property]) => property)),
  ]);
  t.same(asked, Object.fromEntries(listed));
});

t.test('no file is long and most are short', async (t) => {
  for (const { path, lineCount } of sources) {
    if (lineCount >= MAX_LINES) t.fail(`src/${path} has ${lineCount} lines, the limit is ${MAX_LINES}`);
  }
  const counts = sources.map(({ lineCount }) => lineCount).sort((a, b) => a - b);
  t.ok(counts[counts.length >> 1]! < MEDIAN_LINES, `median ${counts[counts.length >> 1]}`);
});

t.test('src/actors holds the actors, one a file, each a thin shell around the kernel', async (t) => {
  const actors = sources.filter(({ path }) => partOf(path) === 'actors');
  const shells = actors.filter(({ files }) => files.some((file) => partOf(file) === 'actors/kernel'));
  t.same(
    actors.map(({ path }) => path),
    shells.map(({ path }) => path),
    'a file that does not import the kernel belongs elsewhere',
  );
  t.same(
    actors.filter(({ lineCount }) => lineCount > MAX_ACTOR_LINES).map(({ path }) => path),
    [],
  );
  t.same(actors.map(({ path }) => path.replace(/^actors\/|\.ts$/g, '')).sort(), [
    'backward',
    'dispatcher',
    'evaluator',
    'forward',
    'moderator',
    'sampler',
    'scorer',
    'searcher',
    'skeptic',
    'synthesizer',
  ]);
});

t.test('only actors, the learner and the training room know the kernel', async (t) => {
  const knowing = sources.filter(({ files }) => files.some((file) => partOf(file) === 'actors/kernel'));
  const rooms = new Set(knowing.map(({ path }) => partOf(path)));
  t.same([...rooms].filter((room) => !KERNEL_USERS.includes(room)).sort(), []);
  t.ok(knowing.length > 10);
});

t.test('every file begins by saying why it exists', async (t) => {
  const begins = /^(#!.*\n)?\/\*\*/;
  t.same(
    sources.filter(({ text }) => !begins.test(text)).map(({ path }) => path),
    [],
  );
  t.ok(sources.length > 100, `${sources.length} files were read`);
});

// ---- the tree in README ---------------------------------------------------------------------------------

/**
 * Paths in a printed tree, either full on each line (`src/model/   text`) or nested by indentation (`├── model/   text`).
 * Several folders may share a line (`src/actors/debate/ reward/`); later ones are siblings of the first.
 */
function pathsOfTree(tree: string): string[] {
  const paths: string[] = [];
  const open: { depth: number; path: string }[] = [];
  for (const line of tree.split('\n')) {
    const depth = line.search(/[A-Za-z0-9.]/);
    if (depth < 0) continue;
    while (open.length > 0 && open.at(-1)!.depth >= depth) open.pop();
    const parent = open.at(-1)?.path ?? '';
    let folder = parent;
    for (const [i, word] of line.slice(depth).split(/\s+/).entries()) {
      if (!/^[\w.-][\w./-]*(\/|\.\w+)$/.test(word)) break;
      const path = i === 0 ? parent + word : folder + word;
      if (i === 0) {
        folder = path.replace(/[^/]+\/?$/, '');
        if (word.endsWith('/')) open.push({ depth, path });
      }
      paths.push(path);
    }
  }
  return paths;
}

/** Folders of the package that hold files, as deep as a reader of the tree wants to know. */
function foldersToShow(): string[] {
  const top = ['config', 'test', 'bench', 'lab', 'examples', 'docs', 'models'].filter((name) =>
    existsSync(join(packageRoot, name)),
  );
  const parts = new Set(sources.filter(({ path }) => path.includes('/')).map(({ path }) => partOf(path)));
  return [...top, ...[...parts].map((part) => `src/${part}`)].filter(
    (folder) => readdirSync(join(packageRoot, folder)).length > 0,
  );
}

t.test('the reader of trees understands both forms', async (t) => {
  const flat =
    'src/run.ts            the command line\nsrc/actors/kernel/    the kernel: a. b\nsrc/model/ tensor/  the rest';
  t.same(pathsOfTree(flat), ['src/run.ts', 'src/actors/kernel/', 'src/model/', 'src/tensor/']);
  const nested =
    'src/\n├── run.ts       x\n├── actors/\n│   ├── kernel/  y\n│   └── extra/\n└── model/\ntest/   z';
  t.same(pathsOfTree(nested), [
    'src/',
    'src/run.ts',
    'src/actors/',
    'src/actors/kernel/',
    'src/actors/extra/',
    'src/model/',
    'test/',
  ]);
});

t.test('the tree in README shows what is there', async (t) => {
  const text = readFileSync(join(packageRoot, 'README.md'), 'utf8');
  const blocks = [...text.matchAll(/^```[a-z]*\n([\s\S]*?)^```/gm)].map((match) => match[1]!);
  const tree = blocks.find((block) => /^\S{0,8}src\//m.test(block) && /protocol\//.test(block));
  t.ok(tree, 'README.md has a block that shows src/ and protocol/');
  const shown = pathsOfTree(tree ?? '');
  for (const path of shown) t.ok(existsSync(join(packageRoot, path)), `${path} exists`);
  const listed = new Set(shown.map((path) => path.replace(/\/$/, '')));
  for (const folder of foldersToShow()) {
    t.ok(
      [...listed].some((path) => path === folder || path.startsWith(`${folder}/`)),
      `${folder} is shown`,
    );
  }
});
