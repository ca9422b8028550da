/**
 * Pieces of the compact traces (`Written.work`) that the topics of code and logic share.
 *
 * Invariants: every equation and comparison holds; a loop's arithmetic takes one short equation per decimal place of what
 * is added, because columns (columns.ts) for every turn would be too long for a small context.
 */
import { multiplication } from '../columns.js';

/** From here on a loop's sums stand in one equation. */
const UNSPLIT_FROM = 200;

/** How every compact trace ends; `answer` in the form in which it is scored. */
export function answerIs(answer: string | number): string {
  return `answer ${answer}`;
}

/** "3 < 7", "7 = 7" or "9 > 7". */
export function compared(a: number, b: number): string {
  return `${a} ${a < b ? '<' : a > b ? '>' : '='} ${b}`;
}

/**
 * value + amount or value - amount (amount >= 0, for "+" also value >= 0): in one equation where at most the highest place
 * of the amount carries or borrows, else the places of the amount one by one from the highest on. Values below 0 and from
 * UNSPLIT_FROM on are changed in one equation for want of room.
 */
export function changed(value: number, sign: '+' | '-', amount: number): string[] {
  if (sign === '-' && value > 0 && value < amount) {
    return [`${amount} - ${value} = ${amount - value}`, `${value} - ${amount} = ${value - amount}`];
  }
  const places = Array.from({ length: String(amount).length }, (_, k) => 10 ** k).reverse();
  const isSimple = places.slice(1).every((place) => {
    const [a, b] = [digitAt(value, place), digitAt(amount, place)];
    return sign === '+' ? a + b < 10 : a >= b;
  });
  const parts = places.map((place) => digitAt(amount, place) * place).filter((part) => part > 0);
  let now = value;
  return (isSimple || value <= 0 || value >= UNSPLIT_FROM ? [amount] : parts).map((part) => {
    const next = sign === '+' ? now + part : now - part;
    const equation = `${now} ${sign} ${part} = ${next}`;
    now = next;
    return equation;
  });
}

function digitAt(value: number, place: number): number {
  return Math.floor(value / place) % 10;
}

/** The sum of integers >= 0, from left to right. */
export function runningSum(terms: readonly number[]): string[] {
  let sum = terms[0] ?? 0;
  return terms.slice(1).flatMap((term) => {
    const steps = changed(sum, '+', term);
    sum += term;
    return steps;
  });
}

/**
 * value * factor for integers >= 0 with a small factor (below 20), as a loop needs it. Doubling and tripling stand alone, and
 * so do products of long numbers, for want of room.
 */
export function scaled(value: number, factor: number): string[] {
  const last = `${value} * ${factor} = ${value * factor}`;
  if (value >= 1000 || value <= 12 || factor <= 3 || factor === 10) return [last];
  if (factor < 10) return value < 100 ? [last] : multiplication(value, factor);
  const rest = value * (factor - 10);
  return [
    `${value} * 10 = ${value * 10}`,
    ...(factor > 11 ? [`${value} * ${factor - 10} = ${rest}`] : []),
    `${value * 10} + ${rest} = ${value * factor}`,
    last,
  ];
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'] as const;

/** "first Maya, second Omar", so that a place can be looked up. */
export function inPlaces(names: readonly string[]): string {
  return names.map((name, i) => `${ORDINALS[i]} ${name}`).join(', ');
}
