/**
 * Shows the state of a run on stderr: one redrawn line on a terminal, plain lines now and then elsewhere; alarms as lines that stay.
 *
 * Invariants:
 * - nothing is ever written to stdout from here;
 * - at most ten redraws a second, and the last state is always shown;
 * - no escape code leaves for a stream that is no terminal, under NO_COLOR none that colours.
 */

import type { RunState } from '../../observe/run-state.js';
import { sanitizeText } from '../../observe/sanitize.js';
import { renderProgress } from './progress.js';

const REDRAW_MS = 100;
const PLAIN_LINES = 20;
const ERASE_LINE = '\r\u001b[2K';

/** The part of a writable stream that the view needs; process.stderr is one. */
interface TextStream {
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
  #pending: RunState | undefined;
  /** Plain lines that were written, by what they are about. */
  readonly #written = new Set<string>();
  #alarmCount = 0;
  #lineIsOpen = false;
  #lastShown = '';

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#redraws = options.stream.isTTY === true && options.env.TERM !== 'dumb';
  }

  /** Shows a state, unless a newer one follows within a tenth of a second, and the alarms that are new, even under --quiet. */
  show(state: RunState): void {
    const news = Math.min(state.alarmCount - this.#alarmCount, state.alarms.length);
    this.#alarmCount = state.alarmCount;
    if (news > 0) for (const { text } of state.alarms.slice(-news)) this.warn(text);
    if (this.#options.quiet) return;
    if (!this.#redraws) {
      const topic = topicOfLine(state);
      if (topic === null || this.#written.has(topic)) return;
      this.#written.add(topic);
      this.#writeLine(this.#render(state));
      return;
    }
    if (this.#render(state) === '') return;
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
    const line = this.#render(state);
    if (this.#lineIsOpen && line === this.#lastShown) return;
    this.#lastShown = line;
    this.#lineIsOpen = true;
    this.#options.stream.write(`${ERASE_LINE}${line}`);
  }

  #render(state: RunState): string {
    // The last column stays free: a character there makes some terminals wrap. Some say that they have 0.
    const width = this.#redraws ? (this.#options.stream.columns || 80) - 1 : Number.POSITIVE_INFINITY;
    return renderProgress(state, { width, color: hasColor(this.#options), graphics: this.#redraws });
  }
}

/** What a plain line would be about, or null: about twenty updates of a run, evenly spaced, the last, and each evaluation. */
function topicOfLine({ phase, evaluation, update, updates }: RunState): string | null {
  if (evaluation) return `evaluation ${evaluation.update}`;
  const every = Math.max(1, Math.ceil(updates / PLAIN_LINES));
  const isWorthALine = update > 0 && (update === updates || update % every === 0);
  return phase === 'training' && isWorthALine ? `update ${update}` : null;
}
