/**
 * Decides whether a given answer is the gold answer, without ever executing or guessing.
 *
 * Invariants:
 * - a wrong answer is never accepted: two answers match as equal text, as exactly equal values of one kind, or as the same parts
 *   in the same order (a set, and a list of an unordered problem: in any order); there is no tolerance, no substring and no partial credit;
 * - the gold answer says what kind of answer is wanted; what a program prints (`code`) is compared as Python would;
 * - time is linear in the length of the given answer, whatever it holds.
 */
import { canonicalCollection, samePartsInAnyOrder, sameSolutions } from './collections.js';
import { plainMath } from './latex.js';
import { canonicalLiteral } from './literals.js';
import { isSame, parseNumber } from './rational.js';
import { parseQuantity } from './units.js';
import { sameBoolean, sameChoice, sameComplexity, sameSteps } from './wordings.js';

/** Longer answers are compared as text only. */
const MAX_LENGTH = 8000;

/** White space runs become one space, none at the ends. */
function squeeze(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}

/** A bracketed list without strings, spaced in one way; null for anything else. */
function canonicalList(text: string): string | null {
  if (!text.startsWith('[') || !text.endsWith(']') || /['"\\]/.test(text)) return null;
  return text.replace(/ ?([[\],]) ?/g, '$1');
}

/** Equal values of one kind, where `canonical` gives one text for each value. */
function sameBy(canonical: (text: string) => string | null, wanted: string, found: string): boolean {
  const key = canonical(wanted);
  return key !== null && key === canonical(found);
}

/** What a program prints: numbers, lists without strings, literals, and complexities. */
function matchesCode(wanted: string, found: string): boolean {
  const number = parseNumber(wanted);
  if (number) {
    const other = parseNumber(found);
    return other !== null && isSame(number, other);
  }
  return (
    sameBy(canonicalList, wanted, found) ||
    sameBy(canonicalLiteral, wanted, found) ||
    sameComplexity(wanted, found)
  );
}

function matchesProse(wanted: string, found: string): boolean {
  if (wanted === found) return true;
  const number = parseNumber(wanted);
  if (number) {
    const other = parseNumber(found);
    return other !== null && isSame(number, other);
  }
  const quantity = parseQuantity(wanted);
  if (quantity) {
    const other = parseQuantity(found);
    return other !== null && quantity.dimension === other.dimension && isSame(quantity.value, other.value);
  }
  return (
    sameBoolean(wanted, found) ||
    sameChoice(wanted, found) ||
    sameSolutions(wanted, found) ||
    sameBy(canonicalCollection, wanted, found)
  );
}

/**
 * Whether `given` is the answer `gold` of a problem of some `type` (`code` is strict, all others and none are alike). Accepted
 * besides equal text (up to white space): the same number as integer, decimal, fraction, mixed number, percentage, in scientific
 * notation or with thousands separators; the same quantity in other units; the same literal, list, set, interval, solutions,
 * option, truth value or steps; all of them in LaTeX too. `unordered`: the gold answer is a list whose order does not matter. An
 * empty gold answer matches nothing.
 */
export function answersMatch(gold: string, given: string, type?: string, unordered = false): boolean {
  // Quotes make a string, in which white space, backslashes and dollars mean themselves.
  const isQuoted = /['"]/.test(gold);
  const [wanted, found] = isQuoted ? [gold.trim(), given.trim()] : [squeeze(gold), squeeze(given)];
  if (wanted === '' || found === '') return false;
  if (wanted === found) return true;
  // Lists of plain numbers may be long: this comparison is linear.
  if (sameBy(canonicalList, wanted, found)) return true;
  if (wanted.length > MAX_LENGTH || found.length > MAX_LENGTH) return false;
  if (unordered && samePartsInAnyOrder(wanted, found)) return true;
  if (matchesCode(wanted, found)) return true;
  if (type === 'code' || isQuoted) return false;
  const [wantedPlain, foundPlain] = [plainMath(wanted), plainMath(found)];
  if (unordered && samePartsInAnyOrder(wantedPlain, foundPlain)) return true;
  return matchesProse(wantedPlain, foundPlain) || sameSteps(gold, given);
}

/** Whether two answers to a problem say the same, whichever is taken for the right one. */
export function answersAgree(
  a: string,
  b: string,
  { type, unordered }: { readonly type?: string | undefined; readonly unordered?: boolean | undefined },
): boolean {
  return answersMatch(a, b, type, unordered) || answersMatch(b, a, type, unordered);
}
