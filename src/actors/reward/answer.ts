/**
 * Decides whether a given answer is the gold answer, without ever executing or guessing.
 *
 * Invariants:
 * - a wrong answer is never accepted: two answers match as equal text, as exactly equal numbers, or as lists with equal
 *   items, and there is no tolerance, no substring and no partial credit;
 * - only ASCII digits are digits; a number is the whole text, not something found inside it;
 * - time is linear in the length of the given answer, whatever it holds.
 */

/** A number longer than this is compared as text only. */
const MAX_NUMBER_LENGTH = 64;

const DECIMAL = /^([+-]?)(0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+)?(?:\.([0-9]+))?$/;
const FRACTION = /^([+-]?(?:0|[1-9][0-9]*)) ?\/ ?([1-9][0-9]*)$/;

/** An exact rational; `denominator` is positive. */
interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** White space runs become one space, none at the ends. */
function squeeze(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}

/** `36`, `-1.50`, `.5`, `12,345`: plain decimals, with thousands separators only where they belong. */
function parseDecimal(text: string): Rational | null {
  const match = DECIMAL.exec(text);
  if (!match) return null;
  const [, sign, whole, decimals = ''] = match;
  if (whole === undefined && decimals === '') return null;
  const magnitude = BigInt((whole ?? '0').replaceAll(',', '') + decimals);
  return { numerator: sign === '-' ? -magnitude : magnitude, denominator: 10n ** BigInt(decimals.length) };
}

/** A decimal, a decimal in per cent, or a fraction of integers; null for anything else. */
function parseNumber(text: string): Rational | null {
  if (text.length > MAX_NUMBER_LENGTH) return null;
  const fraction = FRACTION.exec(text);
  if (fraction) {
    return { numerator: BigInt(fraction[1] as string), denominator: BigInt(fraction[2] as string) };
  }
  if (!text.endsWith('%')) return parseDecimal(text);
  const rate = parseDecimal(text.slice(0, -1).trimEnd());
  return rate && { numerator: rate.numerator, denominator: rate.denominator * 100n };
}

/** A bracketed list without strings, spaced in one way; null for anything else. */
function canonicalList(text: string): string | null {
  if (!text.startsWith('[') || !text.endsWith(']') || /['"\\]/.test(text)) return null;
  return text.replace(/ ?([[\],]) ?/g, '$1');
}

/**
 * Whether `given` is the answer `gold`. Accepted besides equal text (up to white space): the same number written as an
 * integer, decimal, fraction, percentage or with thousands separators, and the same list with other spacing.
 * An empty gold answer matches nothing.
 */
export function answersMatch(gold: string, given: string): boolean {
  const wanted = squeeze(gold);
  const found = squeeze(given);
  if (wanted === '' || found === '') return false;
  if (wanted === found) return true;
  const wantedNumber = parseNumber(wanted);
  if (wantedNumber) {
    const foundNumber = parseNumber(found);
    if (!foundNumber) return false;
    return (
      wantedNumber.numerator * foundNumber.denominator === foundNumber.numerator * wantedNumber.denominator
    );
  }
  const wantedList = canonicalList(wanted);
  return wantedList !== null && wantedList === canonicalList(found);
}
