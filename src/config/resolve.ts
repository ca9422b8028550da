/**
 * Puts defaults and an object, or a file, `--set` and flags together into one checked configuration that knows where each value came from.
 *
 * Invariants:
 * - precedence is default < object < file < --set < dedicated flag, later ones of a kind win;
 * - all problems are reported at once, each with key, value, origin and what was expected;
 * - only keys of the schema are ever written, so no input can reach a prototype;
 * - the result is frozen.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { DialecticError } from '../errors.js';
import { type Leaf, readJsonLeaves } from './json-source.js';
import { KEYS, SECTIONS } from './keys.js';
import { refusals } from './refusals.js';
import { type Config, type ConfigInput, configSchema } from './schema.js';
import { nearest } from './suggest.js';

/** A value given by its own flag, e.g. `--updates 3`. */
export interface FlagValue {
  readonly flag: string; // '--updates'
  readonly key: string; // 'updates'
  readonly text: string; // '3'
}

export interface ConfigInputs {
  /** Settings of a program that uses the library. */
  readonly object?: ConfigInput;
  /** Path of a JSON file. */
  readonly file?: string;
  /** `--set key=value` pairs in order; a value is JSON when it parses as the key's type, else text. */
  readonly sets?: readonly (readonly [key: string, text: string])[];
  readonly flags?: readonly FlagValue[];
}

export interface ResolvedConfig {
  readonly config: Config;
  /** For each dotted key: `default`, `config` (an object), `file PATH`, `--set` or the flag that set it. */
  readonly sources: Readonly<Record<string, string>>;
}

/** A value on its way in: `source` is what `sources` will say, `origin` adds the line for messages. */
interface Given {
  readonly key: string;
  readonly value: unknown;
  readonly source: string;
  readonly origin: string;
}

/**
 * The checked configuration. `rewardFunctions`: the run has rewards beside those of the configuration. Throws CONFIG (exit 2)
 * listing every problem.
 */
export function resolveConfig(inputs: ConfigInputs = {}, rewardFunctions = false): ResolvedConfig {
  const given = [
    ...(inputs.object === undefined ? [] : fromObject(inputs.object)),
    ...(inputs.file === undefined ? [] : fromFile(inputs.file)),
    ...(inputs.sets ?? []).flatMap(([key, text]) => fromText(key, text, '--set')),
    ...(inputs.flags ?? []).flatMap(({ flag, key, text }) => fromText(key, text, flag)),
  ];
  const problems: string[] = [];
  const accepted = new Map<string, Given>();
  for (const item of given) {
    if (KEYS.has(item.key)) accepted.set(item.key, item);
    else problems.push(`${shown(item)}: ${whyUnknown(item.key)}`);
  }

  const parsed = configSchema.safeParse(nested(accepted));
  if (!parsed.success) {
    const complained = new Set<string>();
    for (const issue of parsed.error.issues) {
      const item = accepted.get(leafOf(issue.path));
      if (!item || complained.has(item.key)) continue;
      complained.add(item.key);
      problems.push(`${shown(item)}: expected ${issue.message}.`);
    }
  } else {
    for (const { keys, reason } of refusals(parsed.data, rewardFunctions)) {
      const items = keys.map(
        (key) =>
          accepted.get(key) ?? { key, value: valueAt(parsed.data, key), source: '', origin: 'default' },
      );
      problems.push(`${items.map(shown).join(' with ')}: ${reason}.`);
    }
  }
  if (problems.length > 0 || !parsed.success) throw configError(problems);

  const sources: Record<string, string> = {};
  for (const key of KEYS.keys()) sources[key] = accepted.get(key)?.source ?? 'default';
  return { config: deepFreeze(parsed.data), sources: Object.freeze(sources) };
}

/**
 * Absolute folder of the policy: `model` in the working directory, else in the package.
 * Throws MODEL_FILE (exit 3) naming both places when neither exists.
 */
export function resolveModelPath(model: string, workingDirectory: string, packageRoot: string): string {
  const places = [...new Set([resolve(workingDirectory, model), resolve(packageRoot, model)])];
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new DialecticError(
    'MODEL_FILE',
    `No policy at ${places.join(' nor at ')}. Expected a folder with config.json, model.safetensors and tokenizer.json; set "model" to one.`,
  );
}

/** Value of a dotted key. */
export function valueAt(config: Config, key: string): unknown {
  let value: unknown = config;
  for (const part of key.split('.')) value = (value as Record<string, unknown>)[part];
  return value;
}

// ---- reading --------------------------------------------------------------------------------------------

function fromFile(file: string): Given[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DialecticError(
      'CONFIG',
      `--config ${file}: cannot be read (${reason}). Expected a JSON file.`,
      {
        cause,
      },
    );
  }
  return readJsonLeaves(text, file).map(({ path, value, line }: Leaf) => ({
    key: path.join('.'),
    value,
    source: `file ${file}`,
    origin: `${file}:${line}`,
  }));
}

/** Deeper than any key of the schema; an object may hold itself. */
const MAX_DEPTH = 4;

/** Settings of an object, taken apart into keys; what is undefined is left out. */
function fromObject(object: unknown, path: readonly string[] = []): Given[] {
  if (path.length === 0 && !isPlainObject(object))
    throw configError([`config: expected an object, got ${inspect(object)}.`]);
  const key = path.join('.');
  const isLeaf = !isPlainObject(object) || KEYS.has(key) || path.length >= MAX_DEPTH;
  const isEmpty = isPlainObject(object) && Object.keys(object).length === 0;
  if (isLeaf || (isEmpty && path.length > 0 && !SECTIONS.has(key))) return [givenBy(path, object)];
  return Object.entries(object).flatMap(([name, value]) =>
    value === undefined ? [] : fromObject(value, [...path, name]),
  );
}

function givenBy(path: readonly string[], value: unknown): Given {
  return { key: path.join('.'), value, source: 'config', origin: 'config' };
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value typed on the command line; an object is taken apart into its keys. */
function fromText(key: string, text: string, flag: string): Given[] {
  if (SECTIONS.has(key) && text.trimStart().startsWith('{')) {
    return readJsonLeaves(text, `${flag} ${key}`).map(({ path, value }) => ({
      key: [key, ...path].join('.'),
      value,
      source: flag,
      origin: flag,
    }));
  }
  return [{ key, value: parsedText(key, text), source: flag, origin: flag }];
}

/** JSON when the key can take what it parses to, else the text itself: `model=7b` and `model=7` are both text. */
function parsedText(key: string, text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  const schema = KEYS.get(key)?.schema;
  return schema && !schema.safeParse(value).success && schema.safeParse(text).success ? text : value;
}

/** An object for the schema; only keys of the schema get here. */
function nested(accepted: ReadonlyMap<string, Given>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [key, { value }] of accepted) {
    const sections = key.split('.');
    const name = sections.pop()!;
    let section = root;
    for (const each of sections) {
      section[each] ??= {};
      section = section[each] as Record<string, unknown>;
    }
    section[name] = value;
  }
  return root;
}

// ---- complaining ----------------------------------------------------------------------------------------

function configError(problems: readonly string[]): DialecticError {
  const count = problems.length === 1 ? 'One problem' : `${problems.length} problems`;
  return new DialecticError(
    'CONFIG',
    `${count} in the configuration, nothing was written:\n${problems.map((line) => `  ${line}`).join('\n')}`,
  );
}

/** Keys whose refused value may be a secret put in the wrong place. */
const NEVER_SHOWN = new Set(['rewards.judge.url', 'rewards.judge.keyVariable']);

function shown({ key, value, origin }: Given): string {
  if (NEVER_SHOWN.has(key) && value !== null) return `${key} (from ${origin})`;
  // A program may hand over what JSON cannot say: functions, big integers, circles.
  const isJson = typeof value !== 'object' && typeof value !== 'bigint';
  const json = (origin !== 'config' || isJson ? JSON.stringify(value) : undefined) ?? inspect(value);
  return `${key || '""'} = ${json.length > 80 ? `${json.slice(0, 77)}...` : json} (from ${origin})`;
}

function whyUnknown(key: string): string {
  if (SECTIONS.has(key)) return `is a section, expected an object with keys such as ${firstKeyOf(key)}.`;
  const parent = [...KEYS.keys()].find((known) => key.startsWith(`${known}.`));
  if (parent !== undefined) return `unknown key; ${parent} takes a single value, not an object.`;
  const near = nearest(key, [...KEYS.keys()]);
  if (near !== undefined) return `unknown key; did you mean ${near}?`;
  const section = [...SECTIONS].filter((known) => key.startsWith(`${known}.`)).at(-1);
  if (section !== undefined) {
    const names = [...KEYS.keys()].filter((known) => known.startsWith(`${section}.`));
    return `unknown key; ${section} has ${names.map((name) => name.slice(section.length + 1)).join(', ')}.`;
  }
  return 'unknown key; --dry-run lists all keys.';
}

function firstKeyOf(section: string): string {
  return [...KEYS.keys()].find((key) => key.startsWith(`${section}.`))!;
}

/** The key an issue is about; an issue inside a list (`data.domains.0`) belongs to the list. */
function leafOf(path: readonly PropertyKey[]): string {
  const parts = path.map(String);
  while (parts.length > 0 && !KEYS.has(parts.join('.'))) parts.pop();
  return parts.join('.');
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const child of Object.values(value)) deepFreeze(child);
    Object.freeze(value);
  }
  return value;
}
