/** The public face of the package as one text: every exported name with its type, and every type that these are made of. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Declaration, exportsOf, referencesOf } from './declarations.js';
import { fixture, packageRoot } from './root.js';

/** Where the committed report lies. */
export const REPORT = fixture('api-report.txt');
export const RENEW = 'npm run api-report';

/** Entries of the package that have types: `.` and the absolute path of its declarations, and so on. */
export function entries(): [entry: string, file: string][] {
  const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    exports: Record<string, string | { types: string }>;
  };
  return Object.entries(manifest.exports).flatMap(([entry, target]) =>
    typeof target === 'string' ? [] : [[entry, join(packageRoot, target.types)]],
  );
}

const section = (name: string, { text }: Declaration): string => `### ${name}\n${text}\n`;

/** The report of what lies in dist/ now. */
export function apiReport(): string {
  const parts = [`What the package exports, and of which types. After a change that is meant: ${RENEW}\n`];
  const shown = new Set<Declaration>();
  for (const [entry, file] of entries()) {
    parts.push(`## ${join('dialectic', entry)}\n`);
    for (const [name, declaration] of exportsOf(file)) {
      shown.add(declaration);
      parts.push(section(name, declaration));
    }
  }
  const inner: Declaration[] = [];
  const foreign = new Set<string>();
  for (const queue = [...shown]; queue.length > 0; ) {
    for (const reference of referencesOf(queue.shift()!)) {
      if (reference.file === null) foreign.add(`${reference.name} of ${reference.text}`);
      if (reference.file === null || shown.has(reference)) continue;
      shown.add(reference);
      inner.push(reference);
      queue.push(reference);
    }
  }
  parts.push('## Not exported, but part of the types above\n');
  inner.sort((a, b) => (`${a.name} ${a.file}` < `${b.name} ${b.file}` ? -1 : 1));
  for (const declaration of inner) parts.push(section(declaration.name, declaration));
  parts.push('## Of other packages\n', `${[...foreign].sort().join('\n')}\n`);
  return parts.join('\n');
}
