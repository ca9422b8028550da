/**
 * Where `solve` shows its work: JSON lines, a transcript, or nothing but the answer.
 *
 * Invariants: under --json stdout holds JSON lines only; under --quiet one line of them, or the answer; progress goes to stderr.
 */

import { sanitizeText } from '../../observe/sanitize.js';
import type { CompletionEvent, ExpansionEvent, PlanEvent } from '../../rollout/plan-events.js';
import type { Solution } from '../../solve/solution.js';
import type { SolveOptions } from '../arguments.js';
import { JsonLines } from './json-lines.js';
import { LiveText } from './live-text.js';
import {
  answerLine,
  completionTitle,
  interruptedLine,
  partialText,
  renderExpansion,
  renderSolution,
  renderTurn,
} from './solution-text.js';
import { hasColor } from './terminal.js';

interface SolveView {
  /** A token was drawn for a completion of a request. */
  token(stream: number, token: number): void;
  event(event: PlanEvent): void;
  /** `tree`: the drawing of a search tree, or nothing. */
  end(solution: Solution, tree: string): void;
}

interface ViewOptions {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly decode: (tokens: Int32Array) => string;
  /** Completions of forward or backward. */
  readonly samples: number;
  readonly budget: number;
  /** Completions grow on the screen. */
  readonly isLive: boolean;
}

export function createView(
  { json, quiet, color }: Pick<SolveOptions, 'json' | 'quiet' | 'color'>,
  options: ViewOptions,
): SolveView {
  const { stdout } = options;
  const progress = quiet ? () => {} : progressOn(options);
  if (json) {
    const lines = new JsonLines(stdout);
    return {
      token: () => {},
      event: (event) => {
        if (!quiet) lines.write(event);
        progress(event);
      },
      end: (solution) => {
        progress(null);
        lines.write(solution);
      },
    };
  }
  if (quiet)
    return {
      token: () => {},
      event: () => {},
      end: (solution) => {
        const { answer, interrupted } = solution;
        if (answer !== null) stdout.write(`${sanitizeText(answer)}\n`);
        if (answer !== null && interrupted) options.stderr.write(`${partialText(solution)}\n`);
      },
    };
  const transcript = new Transcript(options, hasColor({ stream: stdout, env: options.env, color }));
  return {
    token: (stream, token) => transcript.token(stream, token),
    event: (event) => {
      transcript.event(event);
      progress(event);
    },
    end: (solution, tree) => {
      progress(null);
      transcript.cut();
      if (tree) stdout.write(`${tree}\n`);
      stdout.write(renderSolution(solution, transcript.color));
    },
  };
}

/** Completions under way at once are shown one after another. */
class Transcript {
  readonly #tokens = new Map<number, number[]>();
  #index = 0;
  #live: LiveText | null = null;

  constructor(
    private readonly options: ViewOptions,
    readonly color: boolean,
  ) {}

  token(stream: number, token: number): void {
    if (!this.options.isLive) return;
    const tokens = this.#tokens.get(stream) ?? [];
    this.#tokens.set(stream, tokens);
    tokens.push(token);
    if (stream === this.#index) this.#liveText().grow(this.options.decode(Int32Array.from(tokens)));
  }

  event(event: PlanEvent): void {
    if (event.type === 'turn') this.options.stdout.write(renderTurn(event, this.color));
    else if (event.type === 'completion') this.#endCompletion(event);
  }

  /** Ends a completion that will not be finished. */
  cut(): void {
    const tokens = this.#tokens.get(this.#index) ?? [];
    this.#live?.end(this.options.decode(Int32Array.from(tokens)));
    if (this.#live) this.options.stdout.write(`${interruptedLine(this.color)}\n`);
    this.#live = null;
  }

  #liveText(): LiveText {
    const { samples, stdout } = this.options;
    if (!this.#live && samples > 1) stdout.write(completionTitle(this.#index, samples, this.color));
    const byLine = stdout.isTTY !== true;
    this.#live ??= new LiveText((text) => stdout.write(text), byLine);
    return this.#live;
  }

  #endCompletion(event: CompletionEvent): void {
    if (event.index !== this.#index) this.cut();
    this.#index = event.index;
    this.#liveText().end(event.text);
    if (this.options.samples > 1) this.options.stdout.write(answerLine(event, this.color));
    this.options.stdout.write('\n');
    this.#live = null;
    this.#tokens.delete(event.index);
    this.#index = event.index + 1;
  }
}

/** Rollouts between two lines where nothing can be redrawn. */
const ROLLOUTS_A_LINE = 16;

/** Shows how far a search is; `null` ends it. */
function progressOn({ stderr, env, budget }: ViewOptions): (event: PlanEvent | null) => void {
  const redraws = stderr.isTTY === true && env.TERM !== 'dumb';
  let isOpen = false;
  let shown = 0;
  const show = (event: ExpansionEvent): void => {
    const text = renderExpansion(event, budget);
    if (redraws) stderr.write(`\r\u001b[2K${text}`);
    else if (event.rollouts >= shown + ROLLOUTS_A_LINE) {
      shown = event.rollouts;
      stderr.write(`${text}\n`);
    }
    isOpen = redraws;
  };
  return (event) => {
    if (event?.type === 'expansion') show(event);
    else if (event === null && isOpen) stderr.write('\r\u001b[2K');
  };
}
