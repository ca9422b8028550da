/**
 * Numbers as people write them, read as exact rationals.
 *
 * Invariants:
 * - the whole text is one number or it is none: nothing is found inside a longer text, nothing is rounded;
 * - only ASCII digits are digits; at most `MAX_NUMBER_LENGTH` characters are read, so that time and size are bounded.
 */

/** An exact rational; `denominator` is positive. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** A number longer than this is compared as text only. */
export const MAX_NUMBER_LENGTH = 64;

const DECIMAL = /^([+-]?)(0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+)?(?:\.([0-9]+))?$/;
const FRACTION = /^([+-]?(?:0|[1-9][0-9]*)) ?\/ ?([1-9][0-9]*)$/;
const MIXED = /^([+-]?)([1-9][0-9]*) ([1-9][0-9]*) ?\/ ?([1-9][0-9]*)$/;
/** `1e3`, `1.5E-3`; three digits bound the size of the power. */
const EXPONENT = /^([^eE]+)[eE]([+-]?[0-9]{1,3})$/;
/** `10^3`, `1.5 x 10^-3`, `2 × 10^(5)`, `2*10**5`. */
const POWER_OF_TEN =
  /^(?:([^x×·* ]+) ?[x×·*] ?)?(-?)10(?:\^|\*\*)(?:([+-]?[0-9]{1,3})|\(([+-]?[0-9]{1,3})\))$/;
const PERCENT = / ?(?:%| percent| per cent)$/;
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

export function isSame(a: Rational, b: Rational): boolean {
  return a.numerator * b.denominator === b.numerator * a.denominator;
}

export function multiply(a: Rational, b: Rational): Rational {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator };
}

export function add(a: Rational, b: Rational): Rational {
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  };
}

/** a / b, or null where b is 0. */
export function divide(a: Rational, b: Rational): Rational | null {
  if (b.numerator === 0n) return null;
  const sign = b.numerator < 0n ? -1n : 1n;
  return { numerator: sign * a.numerator * b.denominator, denominator: sign * a.denominator * b.numerator };
}

export const integer = (value: bigint | number): Rational => ({ numerator: BigInt(value), denominator: 1n });

/** One text for each value: lowest terms. */
export function rationalKey({ numerator, denominator }: Rational): string {
  let [a, b] = [numerator < 0n ? -numerator : numerator, denominator];
  while (b !== 0n) [a, b] = [b, a % b];
  return `${numerator / a}/${denominator / a}`;
}

/** The typographic minus as `-`, and superscript digits as `^` with digits: `10⁻³` is `10^-3`. */
export function plainSigns(text: string): string {
  if (!/[−⁻⁰¹²³⁴-⁹]/.test(text)) return text;
  return text
    .replaceAll('−', '-')
    .replace(
      /⁻?[⁰¹²³⁴-⁹]+/g,
      (run) => `^${[...run].map((each) => (each === '⁻' ? '-' : SUPERSCRIPTS.indexOf(each))).join('')}`,
    );
}

/** `36`, `-1.50`, `.5`, `12,345`: plain decimals, with thousands separators only where they belong. */
function parseDecimal(text: string): Rational | null {
  if (text.length > MAX_NUMBER_LENGTH) return null;
  const match = DECIMAL.exec(text);
  if (!match) return null;
  const [, sign, whole, decimals = ''] = match;
  if (whole === undefined && decimals === '') return null;
  const magnitude = BigInt((whole ?? '0').replaceAll(',', '') + decimals);
  return { numerator: sign === '-' ? -magnitude : magnitude, denominator: 10n ** BigInt(decimals.length) };
}

function powerOfTen(exponent: number): Rational {
  const power = 10n ** BigInt(Math.abs(exponent));
  return exponent < 0 ? { numerator: 1n, denominator: power } : integer(power);
}

function parseScientific(text: string): Rational | null {
  const short = EXPONENT.exec(text);
  if (short) {
    const significand = parseDecimal(short[1]!);
    return significand && multiply(significand, powerOfTen(Number(short[2])));
  }
  const long = POWER_OF_TEN.exec(text);
  if (!long || (long[1] !== undefined && long[2] !== '')) return null;
  const significand = long[1] === undefined ? integer(long[2] === '-' ? -1 : 1) : parseDecimal(long[1]);
  return significand && multiply(significand, powerOfTen(Number(long[3] ?? long[4])));
}

function parsePlain(text: string): Rational | null {
  const fraction = FRACTION.exec(text);
  if (fraction) return { numerator: BigInt(fraction[1]!), denominator: BigInt(fraction[2]!) };
  const mixed = MIXED.exec(text);
  if (mixed) {
    const [whole, part, parts] = mixed.slice(2).map(BigInt) as [bigint, bigint, bigint];
    if (part >= parts) return null;
    const magnitude = whole * parts + part;
    return { numerator: mixed[1] === '-' ? -magnitude : magnitude, denominator: parts };
  }
  return parseDecimal(text) ?? parseScientific(text);
}

/**
 * A decimal, a fraction of integers, a mixed number (`1 1/2`), scientific notation, or a decimal in per cent; null for
 * anything else.
 */
export function parseNumber(given: string): Rational | null {
  if (given.length > MAX_NUMBER_LENGTH) return null;
  const text = plainSigns(given);
  const percent = PERCENT.exec(text);
  if (!percent) return parsePlain(text);
  const rate = parseDecimal(text.slice(0, percent.index));
  return rate && multiply(rate, { numerator: 1n, denominator: 100n });
}
