/**
 * The schema as a flat list of dotted keys, for suggestions, tables and documentation.
 */
import { configSchema } from '../config.js';

/** What is known of one key. */
export interface KeyInfo {
  readonly description: string;
  readonly defaultValue: unknown;
  /** Checks one value of this key. */
  readonly schema: { safeParse(value: unknown): { success: boolean } };
}

const entries: [string, KeyInfo][] = [];
const sections = new Set<string>();
const defaults = configSchema.parse({});

for (const [name, schema] of Object.entries(configSchema.shape)) {
  if (schema.type === 'prefault') {
    sections.add(name);
    for (const [child, childSchema] of Object.entries(schema.unwrap().shape)) {
      const values = defaults[name as keyof typeof defaults] as Record<string, unknown>;
      entries.push([
        `${name}.${child}`,
        { description: childSchema.description ?? '', defaultValue: values[child], schema: childSchema },
      ]);
    }
  } else {
    const defaultValue = defaults[name as keyof typeof defaults];
    entries.push([name, { description: schema.description ?? '', defaultValue, schema }]);
  }
}

/** Every key of the configuration in schema order. */
export const KEYS: ReadonlyMap<string, KeyInfo> = new Map(entries);

/** Keys that hold other keys. */
export const SECTIONS: ReadonlySet<string> = sections;
