/**
 * Counts the faults of a loop, so that a property of many cases is two assertions, one on what is wrong and one on how
 * many cases were looked at, and not an assertion a case.
 *
 * Every fault carries the words that replay it (seed, index) and the values; `report` has to be the last thing a test does
 * with them. A test that forgets it makes no assertion, which the runner takes for a failure.
 */
import { inspect, isDeepStrictEqual } from 'node:util';

const MAX_SHOWN = 20;
const MAX_VALUE_CHARACTERS = 300;

interface Assertions {
  ok(value: unknown, message: string): unknown;
  same(found: unknown, wanted: unknown, message: string): unknown;
}

/** A value on one line, as long as a reader can use. */
function shown(value: unknown): string {
  const text = inspect(value, { depth: 4, breakLength: Number.POSITIVE_INFINITY });
  return text.length > MAX_VALUE_CHARACTERS ? `${text.slice(0, MAX_VALUE_CHARACTERS)}…` : text;
}

export class Checks {
  #seen = 0;
  readonly #faults: string[] = [];

  ok(isRight: unknown, replay: string): void {
    this.#seen++;
    if (!isRight) this.#faults.push(replay);
  }

  /** Structures are equal in every type and value; numbers as `Object.is` has it, but 0 is -0. */
  same(found: unknown, wanted: unknown, replay: string): void {
    const isSame = found === wanted || isDeepStrictEqual(found, wanted);
    this.ok(isSame, isSame ? replay : `${replay}: ${shown(found)} instead of ${shown(wanted)}`);
  }

  near(found: number, wanted: number, tolerance: number, replay: string): void {
    this.ok(Math.abs(found - wanted) <= tolerance, `${replay}: ${found} instead of ${wanted}`);
  }

  /** Asserts, once each, that nothing was wrong and that more than so many cases were seen. */
  report(t: Assertions, { moreThan }: { readonly moreThan: number }): void {
    const count = `${this.#faults.length} of ${this.#seen} checks failed`;
    t.same(this.#faults.slice(0, MAX_SHOWN), [], count);
    t.ok(this.#seen > moreThan, `${this.#seen} checks were made, more than ${moreThan}`);
  }
}
