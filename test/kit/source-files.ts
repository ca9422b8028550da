/** Reads the sources of the package and what they import, for tests about their structure. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { packageRoot } from './root.js';

export interface SourceFile {
  /** From the folder that was read, with forward slashes: `actors/kernel/mailbox.ts`. */
  readonly path: string;
  readonly text: string;
  readonly lineCount: number;
  /** Files that it imports, loads or starts as a thread, from the same folder: `../src/random.ts` where that is another one. */
  readonly files: readonly string[];
  /** Packages, by name without subpath, and `node:` modules. */
  readonly libraries: readonly string[];
}

// import … from 'x', export … from 'x', import 'x', import('x'), require('x'), resolve('x'), new URL('x', …)
const SPECIFIER = /(?:\bfrom|\bimport|\brequire|\bresolve|\bnew URL)\s*\(?\s*'([^'\s]+)'/g;
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

/** Import specifiers in a TypeScript text. */
export function specifiersOf(text: string): string[] {
  return [...text.replaceAll(COMMENT, '').matchAll(SPECIFIER)].map((match) => match[1]!);
}

/** Every TypeScript file below a folder of the package. */
export function readSourceFiles(folder = 'src'): SourceFile[] {
  const root = join(packageRoot, folder);
  return readdirSync(root, { recursive: true })
    .map((name) => String(name).split(sep).join('/'))
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      const specifiers = specifiersOf(text);
      return {
        path,
        text,
        lineCount: text.trimEnd().split('\n').length,
        files: specifiers
          .filter((name) => name.startsWith('.'))
          .map((name) => posix.normalize(posix.join(posix.dirname(path), name)).replace(/\.js$/, '.ts')),
        libraries: specifiers.filter((name) => !name.startsWith('.')).map(packageOf),
      };
    });
}

/** `@scope/name/sub` is part of the package `@scope/name`; `node:fs/promises` is `node:fs`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
