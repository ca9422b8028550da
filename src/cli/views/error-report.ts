/**
 * The last word of a run that failed: what went wrong, without a stack unless asked, and the exit code.
 */
import picocolors from 'picocolors';
import { toDialecticError } from '../../errors.js';
import { sanitizeText } from '../../observe/sanitize.js';

/** Text for stderr, newline included. With `debug`, the stack of the error and of what caused it. */
export function renderError(thrown: unknown, options: { debug: boolean; color: boolean }): string {
  const error = toDialecticError(thrown);
  const { red } = picocolors.createColors(options.color);
  const lines = [`${red('error:')} ${sanitizeText(error.message)}`];
  if (options.debug) {
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
      lines.push(sanitizeText(cause.stack ?? cause.message));
    }
  } else if (error.code === 'INTERNAL') {
    lines.push('This is a defect of the program. --debug shows where it happened.');
  }
  return `${lines.join('\n')}\n`;
}

/** Exit code of a process that ends with `thrown`. */
export function exitCodeOf(thrown: unknown): number {
  return toDialecticError(thrown).exitCode;
}
