/** What the package offers to programs changes only when someone says so, and each name of it is explained. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { apiReport, entries, RENEW, REPORT } from '../kit/api-report.js';
import { temporaryFolder } from '../kit/cli.js';
import { type Declaration, exportsOf, referencesOf } from '../kit/declarations.js';

const names = (declarations: readonly Declaration[]): string[] => declarations.map(({ name }) => name).sort();

t.test('the reader of declarations follows re-exports to the text of each name', async (t) => {
  const folder = temporaryFolder(t);
  const files = {
    'index.d.ts':
      "/** The file. */\nimport type { Wheel } from './parts.js';\nexport { engine as motor, type Wheel } from './parts.js';\nexport * from './more.js';\n" +
      '/** Drives. */\nexport declare function drive(on: readonly Wheel[]): import("./parts.js").Seat;\n',
    'parts.d.ts':
      '/** The file, not the seat. */\nexport interface Seat {\n    /** Inside. */\n    readonly height: number;\n}\n' +
      "/**\n * Round.\n */\nexport type Wheel = {\n    spoke: Spoke;\n} | {\n    tyre: 'Seat';\n};\ndeclare const Spoke: unique symbol;\n" +
      'type Spoke = typeof Spoke;\n/** Runs. */\nexport declare const engine: number;\n',
    'more.d.ts':
      "import { Observable } from 'rxjs';\n/** First. */\nexport declare function watch(a: string): Observable<string>;\n" +
      'export declare function watch(a: number): Observable<number>;\nexport {};\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const found = exportsOf(join(folder, 'index.d.ts'));
  t.same([...found.keys()], ['Wheel', 'drive', 'motor', 'watch']);
  t.equal(found.get('motor')?.text, 'const engine: number;');
  t.equal(found.get('watch')?.text.split('\n').length, 2, 'an overload is a line of its own');
  t.same(names(referencesOf(found.get('drive')!)), ['Seat', 'Wheel'], 'imports inside a type are followed');
  t.same(names(referencesOf(found.get('Wheel')!)), ['Spoke'], 'texts and properties are no references');
  t.same(referencesOf(found.get('watch')!)[0], {
    name: 'Observable',
    file: null,
    text: 'rxjs',
    hasDocComment: true,
  });
  t.ok([...found.values()].every(({ hasDocComment }) => hasDocComment));
  const seat = exportsOf(join(folder, 'parts.d.ts')).get('Seat')!;
  t.equal(seat.hasDocComment, false, 'the comment of a file does not explain its first name');
  t.notMatch(seat.text, /Inside/);
});

t.test('the names and types that the package exports are those of the committed report', async (t) => {
  const now = apiReport().split('\n');
  const before = readFileSync(REPORT, 'utf8').split('\n');
  const kept = new Set(before);
  const present = new Set(now);
  const difference = [
    ...before.filter((line) => !present.has(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !kept.has(line)).map((line) => `+ ${line}`),
  ];
  t.ok(
    now.join('\n') === before.join('\n'),
    `the types of dist/ are those of test/fixtures/api-report.txt; if the change is meant: ${RENEW}\n${difference.join('\n')}`,
  );
});

t.test('every exported name has a doc comment', async (t) => {
  const exported = entries().flatMap(([, file]) => [...exportsOf(file).values()]);
  t.same(names(exported.filter(({ hasDocComment }) => !hasDocComment)), []);
  t.ok(exported.some(({ name }) => name === 'train'));
});
