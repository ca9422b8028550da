/**
 * Small pieces of text that all topics share: numbers in plain decimal form, fractions, lists, numbered traces.
 *
 * Invariants: no binary floating point reaches a text; a decimal is an integer number of tenths, hundredths, …
 */
import type { Random } from '../../random.js';
import type { ExampleDifficulty } from './example.js';

/** `units` / 10^places without trailing zeros: decimal(1250, 2) is "12.5". */
export function decimal(units: number, places: number): string {
  const digits = String(Math.abs(units)).padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const rest = digits.slice(digits.length - places).replace(/0+$/, '');
  return `${units < 0 ? '-' : ''}${whole}${rest ? `.${rest}` : ''}`;
}

/** Hundredths as an amount of money with both decimals: money(1250) is "12.50". */
export function money(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
}

export function gcd(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : gcd(b, a % b);
}

/** Lowest terms; a whole number when the denominator becomes 1. */
export function fraction(numerator: number, denominator: number): string {
  const divisor = gcd(numerator, denominator);
  const [n, d] = [numerator / divisor, denominator / divisor];
  return d === 1 ? String(n) : `${n}/${d}`;
}

/** "a, b and c". */
export function series(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** Runs of characters between white space, as length is counted everywhere in the dataset. */
export function wordCount(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}

/** One numbered step a line. */
export function traceOf(steps: readonly string[]): string {
  return steps.map((step, i) => `Step ${i + 1}: ${step}`).join('\n');
}

/** The value for a difficulty. */
export function byLevel<T>(difficulty: ExampleDifficulty, easy: T, medium: T, hard: T): T {
  return { easy, medium, hard }[difficulty];
}

export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const CLOSINGS = [
  '',
  ' Think it through step by step.',
  ' Show your work.',
  ' Explain how you get there.',
  ' Give your reasoning first.',
  ' Work carefully and check the result.',
  ' Reason it out before you answer.',
  ' Write down each step.',
] as const;

/** A request for reasoning to end a question with, or nothing. */
export function closing(wording: Random): string {
  return wording.pick(CLOSINGS);
}
