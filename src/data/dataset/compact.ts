/**
 * Pieces of compact traces that several topics share, besides arithmetic in columns.
 *
 * Invariants: as in columns.ts; a decimal is worked out as an integer of its last place, and gets its point at the end.
 */
import { division, multiplication } from './columns.js';
import { decimal, gcd } from './writing.js';

/** Numerator and denominator without common factors. */
export function lowest(numerator: number, denominator: number): readonly [number, number] {
  const divisor = gcd(numerator, denominator);
  return [numerator / divisor, denominator / divisor];
}

/** The step from n/d to its lowest terms; none where it is in lowest terms. */
export function reduction(numerator: number, denominator: number): string[] {
  const [n, d] = lowest(numerator, denominator);
  return n === numerator ? [] : [`${numerator}/${denominator} = ${n}/${d}`];
}

/** The step from an integer of units to the decimal that it stands for; none where there are no decimals. */
export function placePoint(units: number, places: number): string[] {
  return places === 0 ? [] : [`${units} / ${10 ** places} = ${decimal(units, places)}`];
}

/** A decimal as it is written: its digits as an integer without zeros at the end, and how many of them are decimals. */
export function writtenDigits(units: number, places: number): readonly [number, number] {
  return places > 0 && units % 10 === 0 ? writtenDigits(units / 10, places - 1) : [units, places];
}

/** Half of an integer, which may end in .5. */
export function half(value: number): string[] {
  if (value % 2 === 0) return division(value, 2);
  return [...multiplication(value, 5), ...placePoint(value * 5, 1)];
}
