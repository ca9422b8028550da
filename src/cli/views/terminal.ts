/**
 * Shows progress on stderr: one redrawn line on a terminal, plain lines now and then elsewhere.
 *
 * Invariants:
 * - nothing is ever written to stdout from here;
 * - at most ten redraws a second, and the last state is always shown;
 * - no escape code leaves for a stream that is no terminal, under NO_COLOR none that colours.
 */

import { sanitizeText } from '../../observe/sanitize.js';
import { type ProgressState, renderProgress } from './progress.js';

const REDRAW_MS = 100;
const PLAIN_LINES = 20;
const ERASE_LINE = '\r\u001b[2K';

/** The part of a writable stream that the view needs; process.stderr is one. */
export interface TextStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface TerminalOptions {
  readonly stream: TextStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** False under --no-color. */
  readonly color: boolean;
  readonly quiet: boolean;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** True if colours are wanted and can be shown (https://no-color.org). */
export function hasColor(options: Pick<TerminalOptions, 'stream' | 'env' | 'color'>): boolean {
  const { env, stream, color } = options;
  return color && !env.NO_COLOR && env.TERM !== 'dumb' && stream.isTTY === true;
}

export class TerminalView {
  readonly #options: TerminalOptions;
  readonly #redraws: boolean;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #pending: ProgressState | undefined;
  #lineIsOpen = false;
  #lastShown = '';

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#redraws = options.stream.isTTY === true && options.env.TERM !== 'dumb';
  }

  /** Shows a state, unless a newer one follows within a tenth of a second. */
  show(state: ProgressState): void {
    if (this.#options.quiet) return;
    if (!this.#redraws) {
      if (isWorthALine(state)) this.#writeLine(this.#render(state));
      return;
    }
    this.#pending = state;
    if (this.#options.now() - this.#drawnAt >= REDRAW_MS) this.#draw();
  }

  /** A line that stays: a phase begins, a checkpoint was written. Silent under --quiet. */
  note(text: string): void {
    if (!this.#options.quiet) this.#writeLine(sanitizeText(text));
  }

  /** A line that stays, even under --quiet: something needs attention. */
  warn(text: string): void {
    this.#writeLine(sanitizeText(text));
  }

  /** Shows the last state and leaves the line; the view can be used again afterwards. */
  finish(): void {
    if (this.#pending) this.#draw();
    if (this.#lineIsOpen) this.#options.stream.write('\n');
    this.#lineIsOpen = false;
    this.#drawnAt = Number.NEGATIVE_INFINITY;
  }

  #writeLine(text: string): void {
    const { stream } = this.#options;
    stream.write(this.#lineIsOpen ? `${ERASE_LINE}${text}\n` : `${text}\n`);
    // The status line was erased to make room: it comes back below.
    if (this.#lineIsOpen && this.#lastShown) stream.write(this.#lastShown);
  }

  #draw(): void {
    const state = this.#pending;
    if (!state) return;
    this.#pending = undefined;
    this.#drawnAt = this.#options.now();
    this.#lastShown = this.#render(state);
    this.#lineIsOpen = true;
    this.#options.stream.write(`${ERASE_LINE}${this.#lastShown}`);
  }

  #render(state: ProgressState): string {
    // The last column stays free: a character there makes some terminals wrap. Some say that they have 0.
    const width = this.#redraws ? (this.#options.stream.columns || 80) - 1 : Number.POSITIVE_INFINITY;
    return renderProgress(state, { width, color: hasColor(this.#options), graphics: this.#redraws });
  }
}

/** About twenty lines a run: the first state, the last, and evenly between. */
function isWorthALine(state: ProgressState): boolean {
  if (state.phase === 'evaluation') return state.done === 0;
  const every = Math.max(1, Math.ceil(state.updates / PLAIN_LINES));
  return state.update > 0 && (state.update === state.updates || state.update % every === 0);
}
