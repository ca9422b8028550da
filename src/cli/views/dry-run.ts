/**
 * Shows a resolved configuration with the origin of each value, for people and for programs.
 */
import picocolors from 'picocolors';
import { KEYS } from '../../config/keys.js';
import { type ResolvedConfig, valueAt } from '../../config/resolve.js';
import { sanitizeLine } from '../../observe/sanitize.js';

/** A table of key, value and source, one line a key; values that are not the default stand out. */
export function renderConfigTable({ config, sources }: ResolvedConfig, color: boolean): string {
  const { bold, dim } = picocolors.createColors(color);
  const rows = [...KEYS.keys()].map((key) => [
    key,
    sanitizeLine(JSON.stringify(valueAt(config, key))),
    sanitizeLine(sources[key] ?? 'default'),
  ]);
  rows.unshift(['key', 'value', 'source']);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map(([key, value, source], i) => {
    const line = `${key!.padEnd(widths[0]!)}  ${value!.padEnd(widths[1]!)}  ${source}`;
    if (i > 0 && source === 'default') return dim(line);
    return bold(line);
  });
  return `${lines.join('\n')}\n`;
}

/** The same for programs: `config` is itself a valid configuration file. */
export function configRecord({ config, sources }: ResolvedConfig): object {
  return { type: 'config', config, sources };
}
