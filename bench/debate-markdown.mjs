/** Cells and tables that the parts of the debate benchmark share. */

export const percent = (share) => (Number.isFinite(share) ? (100 * share).toFixed(1) : '–');
export const signed = (share) => `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`;
export const intervalText = ({ mean, interval: [low, high] }) =>
  `${signed(mean)} [${signed(low)}, ${signed(high)}]`;
export const CONCLUSIONS = { gain: 'debate gain', loss: 'debate loss', 'no gain': 'no debate gain' };

const line = (cells) => `| ${cells.join(' | ')} |`;

/** Lines of a table. */
export function table(head, rows) {
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)];
}
