/**
 * Reads the declaration files that the compiler emits as text, and follows their re-exports.
 *
 * Invariants: relies on how TypeScript prints a declaration file: every top-level statement begins at the first column with a keyword
 * and everything inside it is indented or begins with a bracket; a statement it does not know is an error, never left out.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** One name, wherever it is declared. */
export interface Declaration {
  readonly name: string;
  /** Absolute path of the file that declares it; null for a name of another package. */
  readonly file: string | null;
  /** Without comments; an overloaded function has a statement for each overload. */
  readonly text: string;
  readonly hasDocComment: boolean;
}

interface Source {
  readonly file: string;
  readonly declared: ReadonlyMap<string, Declaration>;
  /** Names that come from elsewhere, by the name they have here. */
  readonly imported: ReadonlyMap<string, Origin>;
  /** Names this file gives, by the name that others see. */
  readonly exported: ReadonlyMap<string, Origin>;
  /** Modules all of whose names this file gives. */
  readonly stars: readonly string[];
}

interface Origin {
  /** Null for the file itself. */
  readonly module: string | null;
  readonly name: string;
}

const STATEMENT = /^(export|declare|import|interface|type|class|abstract|const|let|function|enum)\b/;
const DECLARATION =
  /^(export )?(declare )?(?:abstract )?(?:interface|type|class|const|let|function|enum) ([\w$]+)/;
const COMMENT = /[ \t]*\/\*[\s\S]*?\*\/\n?/g;

/** Top-level statements, each with the comments above it. */
export function statementsOf(text: string): { readonly comments: number; readonly text: string }[] {
  const statements: { comments: number; lines: string[] }[] = [];
  let comments = 0;
  let isInComment = false;
  for (const line of text.split('\n')) {
    if (isInComment || line.startsWith('/**')) {
      if (!isInComment) comments++;
      isInComment = !line.includes('*/');
    } else if (STATEMENT.test(line)) {
      statements.push({ comments, lines: [line] });
      comments = 0;
    } else if (line.trim() !== '' && !/^(\/\/|#!)/.test(line)) {
      const open = statements.at(-1);
      if (open === undefined) throw new Error(`a statement begins with "${line}", which is not known`);
      open.lines.push(line);
    }
  }
  return statements.map(({ comments, lines }) => ({
    comments,
    text: lines.join('\n').replace(COMMENT, ''),
  }));
}

const sources = new Map<string, Source>();

function readSource(file: string): Source {
  const known = sources.get(file);
  if (known) return known;
  const declared = new Map<string, Declaration>();
  const imported = new Map<string, Origin>();
  const exported = new Map<string, Origin>();
  const stars: string[] = [];
  statementsOf(readFileSync(file, 'utf8')).forEach(({ comments, text }, i) => {
    const declaration = DECLARATION.exec(text);
    const names =
      /^(import|export)(?: type)? (?:([\w$]+)(?:, )?)?(?:\{([^}]*)\})?(?: from )?(?:['"](.*)['"])?;$/.exec(
        text,
      );
    const star = /^(import|export)(?: type)? \*(?: as ([\w$]+))? from ['"](.*)['"];$/.exec(text);
    if (declaration) {
      const name = declaration[3]!;
      const before = declared.get(name);
      declared.set(name, {
        name,
        file,
        text: [...(before ? [before.text] : []), text.replace(/^export /, '').replace(/^declare /, '')].join(
          '\n',
        ),
        // The first comment of a file is about the file.
        hasDocComment: before?.hasDocComment ?? comments > (i === 0 ? 1 : 0),
      });
      if (declaration[1]) exported.set(name, { module: null, name });
    } else if (star && (star[1] === 'import' || star[2])) {
      (star[1] === 'import' ? imported : exported).set(star[2]!, { module: star[3]!, name: '*' });
    } else if (star) {
      stars.push(star[3]!);
    } else if (names) {
      const [, keyword, defaultName, list = '', module = null] = names;
      if (defaultName) imported.set(defaultName, { module, name: 'default' });
      for (const item of list.split(',').map((part) => part.trim().replace(/^type /, ''))) {
        const [name, alias = name] = item.split(' as ');
        if (name) (keyword === 'import' ? imported : exported).set(alias!, { module, name });
      }
    } else {
      throw new Error(`${file}: cannot read "${text}"`);
    }
  });
  const source = { file, declared, imported, exported, stars };
  sources.set(file, source);
  return source;
}

const pathOf = (from: string, module: string): string =>
  resolve(dirname(from), module.replace(/\.js$/, '.d.ts'));

/** What a name means inside a file; undefined for a name that belongs to the language. */
function lookUp(file: string, name: string): Declaration | undefined {
  const source = readSource(file);
  const own = source.declared.get(name);
  if (own) return own;
  const origin = source.imported.get(name);
  return origin && follow(file, origin);
}

function follow(file: string, { module, name }: Origin): Declaration {
  if (module === null) {
    const found = lookUp(file, name);
    if (!found) throw new Error(`${file} exports ${name}, which it does not have`);
    return found;
  }
  if (!module.startsWith('.')) return { name, file: null, text: module, hasDocComment: true };
  const target = pathOf(file, module);
  const found = exportsOf(target).get(name);
  if (!found) throw new Error(`${file} takes ${name} from ${target}, which does not export it`);
  return found;
}

/** Every name that a module exports, in alphabetical order. */
export function exportsOf(file: string): ReadonlyMap<string, Declaration> {
  const source = readSource(file);
  const found = new Map<string, Declaration>();
  for (const [name, origin] of source.exported) found.set(name, follow(file, origin));
  for (const module of source.stars) {
    for (const [name, declaration] of exportsOf(pathOf(file, module))) {
      if (!found.has(name)) found.set(name, declaration);
    }
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The declarations that a declaration's text names. */
export function referencesOf(declaration: Declaration): Declaration[] {
  const { file, text } = declaration;
  if (file === null) return [];
  const found = new Set<Declaration | undefined>();
  for (const [, module, name] of text.matchAll(/\bimport\("([^"]+)"\)\.([\w$]+)/g)) {
    found.add(follow(file, { module: module!, name: name! }));
  }
  const code = text.replace(/"[^"]*"|'[^']*'/g, '""');
  // Neither a property (`name:`), nor a method (`name(`), nor a member (`.name`).
  for (const [name] of code.matchAll(/(?<![\w$.])[A-Za-z_$][\w$]*(?![\w$]|\??:|\()/g))
    found.add(lookUp(file, name));
  found.delete(declaration);
  found.delete(undefined);
  return [...found] as Declaration[];
}
