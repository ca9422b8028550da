/**
 * The schema as a flat list of dotted keys, for suggestions, tables and documentation.
 */
import { configSchema } from './schema.js';

/** What is known of one key. */
export interface KeyInfo {
  readonly description: string;
  readonly defaultValue: unknown;
  /** Checks one value of this key. */
  readonly schema: { safeParse(value: unknown): { success: boolean } };
}

/** What this file needs to know of a schema; one with `unwrap` to a shape is a section. */
interface Node {
  readonly type: string;
  readonly description?: string | undefined;
  safeParse(value: unknown): { success: boolean };
}
type Section = Node & { unwrap(): { readonly shape: Readonly<Record<string, Node>> } };

const isSection = (node: Node): node is Section => node.type === 'prefault';

const entries: [string, KeyInfo][] = [];
const sections = new Set<string>();

function list(shape: Readonly<Record<string, Node>>, values: Record<string, unknown>, prefix: string): void {
  for (const [name, schema] of Object.entries(shape)) {
    const key = prefix + name;
    if (isSection(schema)) {
      sections.add(key);
      list(schema.unwrap().shape, values[name] as Record<string, unknown>, `${key}.`);
    } else {
      entries.push([key, { description: schema.description ?? '', defaultValue: values[name], schema }]);
    }
  }
}
list(configSchema.shape, configSchema.parse({}), '');

/** Every key of the configuration in schema order. */
export const KEYS: ReadonlyMap<string, KeyInfo> = new Map(entries);

/** Keys that hold other keys. */
export const SECTIONS: ReadonlySet<string> = sections;
