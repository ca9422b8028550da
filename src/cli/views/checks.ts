/** What checks of this machine found, as a table for people. */
import picocolors from 'picocolors';
import type { CheckResult } from '../../doctor/doctor.js';
import { sanitizeText } from '../../observe/sanitize.js';

export function renderChecks(results: readonly CheckResult[], color: boolean): string {
  const { green, yellow, red, dim } = picocolors.createColors(color);
  const paint = { pass: green, warn: yellow, fail: red, skip: dim };
  const width = Math.max(...results.map(({ name }) => name.length));
  const lines = results.flatMap(({ name, status, detail, fix }) => [
    `${paint[status](status)}  ${name.padEnd(width)}  ${sanitizeText(detail)}`,
    ...(fix ? [`${' '.repeat(width + 8)}→ ${sanitizeText(fix)}`] : []),
  ]);
  const failed = results.filter(({ status }) => status === 'fail').length;
  lines.push('', failed === 0 ? 'Ready.' : `${failed} of ${results.length} checks failed.`, '');
  return lines.join('\n');
}
