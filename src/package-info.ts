/**
 * Where this package lies and which versions it was built with, wherever it was compiled to.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder with package.json, at or above `folder`. */
function packageFolder(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error('no package.json above the program: it must run from its package');
  return packageFolder(above);
}

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Absolute folder of the package. */
export const packageRoot = packageFolder(dirname(fileURLToPath(import.meta.url)));

const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as PackageJson;

/** Version of Node that runs it. */
export const nodeVersion = process.versions.node;

/** Version of this program. */
export const version = manifest.version;

/** This program and its dependencies, which are pinned exactly. */
export const versions: Readonly<Record<string, string>> = {
  [manifest.name]: manifest.version,
  ...manifest.dependencies,
};
