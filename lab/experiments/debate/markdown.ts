/** Cells and tables that the parts of the experiment on debate share. */
import type { Gain } from '../../debate/gain.js';

export const percent = (share: number): string => (Number.isFinite(share) ? (100 * share).toFixed(1) : '–');
export const signed = (share: number): string => `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`;
export const intervalText = ({ mean, interval: [low, high] }: Gain): string =>
  `${signed(mean)} [${signed(low)}, ${signed(high)}]`;
export const CONCLUSIONS = { gain: 'debate gain', loss: 'debate loss', 'no gain': 'no debate gain' } as const;

export const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
export const mean = (values: readonly number[]): number => total(values) / values.length;

type Cells = readonly (string | number)[];
const line = (cells: Cells): string => `| ${cells.join(' | ')} |`;

/** Lines of a table. */
export function table(head: Cells, rows: readonly Cells[]): string[] {
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)];
}
