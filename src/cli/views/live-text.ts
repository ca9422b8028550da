/**
 * Shows a text that is still growing: as it grows, or line by line.
 *
 * Invariants: what is written is safe for a terminal, wherever the text was cut: from the first control character that may begin an
 * escape sequence on, everything waits for the end of the text.
 */
import { sanitizeText } from '../../observe/sanitize.js';

const MAY_BEGIN_A_SEQUENCE = /[\u001b\u0080-\u009f]/;

export class LiveText {
  #shown = 0;
  #endsLine = false;

  constructor(
    private readonly write: (text: string) => void,
    /** Only whole lines before the end. */
    private readonly byLine: boolean,
  ) {}

  /** `text`: all there is so far. Its last character may be incomplete. */
  grow(text: string): void {
    const control = text.search(MAY_BEGIN_A_SEQUENCE);
    const known = (control < 0 ? text : text.slice(0, control)).replace(/\ufffd+$/, '');
    this.#writeTo(text, this.byLine ? known.lastIndexOf('\n') + 1 : known.length);
  }

  /** Writes what is left, and ends the line. */
  end(text: string): void {
    this.#writeTo(text, text.length);
    if (!this.#endsLine) this.write('\n');
  }

  #writeTo(text: string, end: number): void {
    if (end <= this.#shown) return;
    const safe = sanitizeText(text.slice(this.#shown, end));
    this.#shown = end;
    if (safe === '') return;
    this.write(safe);
    this.#endsLine = safe.endsWith('\n');
  }
}
