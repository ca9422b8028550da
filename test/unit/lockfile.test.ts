/** What `npm ci` may do on a user's machine, and what it brings there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../kit/root.js';

interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly license?: string;
}

function json<T>(name: string): T {
  return JSON.parse(readFileSync(join(packageRoot, name), 'utf8')) as T;
}

const lock = json<{ packages: Record<string, LockedPackage> }>('package-lock.json');
const manifest = json<{ dependencies: object; devDependencies: object; scripts: object }>('package.json');

/*
 * onnxruntime-node's install script downloads CUDA libraries from outside the registry, which nobody asked for and
 * which fails on a closed network; others have scripts that nothing here needs. `npm ci` runs the scripts
 * of exactly those packages that the lockfile marks with "hasInstallScript", so the marks are removed. `npm install`
 * puts them back; after it, run:
 *
 *   sed -i '/hasInstallScript/d' package-lock.json
 */
t.test('npm ci runs no install script of any dependency', async (t) => {
  const marked = Object.entries(lock.packages).filter(([, entry]) => 'hasInstallScript' in entry);
  t.same(
    marked.map(([name]) => name),
    [],
  );
});

t.test('every dependency is pinned, and locked with a hash', async (t) => {
  for (const [name, range] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    t.match(range, /^\d+\.\d+\.\d+$/, name);
    t.equal(
      lock.packages[`node_modules/${name}`]?.version,
      range,
      `${name} is locked to what package.json says`,
    );
  }
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (path !== '' && !entry.link && !entry.integrity) t.fail(`${path} has no hash`);
  }
});

t.test('installing builds the program and does nothing else', async (t) => {
  const hooks = Object.entries(manifest.scripts).filter(([name]) =>
    /install|^prepare$|^prepublish/.test(name),
  );
  t.same(hooks, [['prepare', 'npm run build']]);
});

/** Licences that ask for no more than their text and names to be kept; with `OR`, one of them is enough. */
const PERMISSIVE = new Set(['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0']);

t.test('what users install has permissive licences', async (t) => {
  const installed = Object.entries(lock.packages).filter(([path, entry]) => path !== '' && !entry.dev);
  const isPermissive = (license = ''): boolean =>
    license
      .replace(/[()]/g, '')
      .split(' OR ')
      .some((choice) => PERMISSIVE.has(choice));
  t.same(
    installed
      .filter(([, { license }]) => !isPermissive(license))
      .map(([path, { license }]) => `${path}: ${license}`),
    [],
  );
  t.ok(installed.length > 40, `${installed.length} packages`);
});
