/** Finds files of the package from a test, wherever the test was compiled to. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findRoot(from: string): string {
  return existsSync(join(from, 'package.json')) ? from : findRoot(dirname(from));
}

/** Folder of package.json. */
export const packageRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

/** Absolute path of a file under test/fixtures. */
export function fixture(...parts: string[]): string {
  return join(packageRoot, 'test', 'fixtures', ...parts);
}
