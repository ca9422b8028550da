/**
 * Arithmetic as it is done on paper, in steps that a very small policy can learn: each is a copy of digits that stand just
 * before it, or one entry of the tables for sums and products of small numbers.
 *
 * Invariants: every equation written down holds; the last step states the whole result, as `48 * 7 = 336`, so that a reader
 * finds it in one place; numbers are integers below 10^9 in size.
 */
import { DialecticError } from '../../errors.js';

/** Up to here a result is looked up, not worked out. */
const LARGEST_SUM = 20;
const LARGEST_FACTOR = 12;

/** Decimal digit of `value` at `place` (0 = ones). */
function digit(value: number, place: number): number {
  return Math.floor(value / 10 ** place) % 10;
}

function placesOf(value: number): number {
  return String(value).length;
}

/** a + b for integers of any sign. A column whose result has two digits carries 1 into the next one. */
export function addition(a: number, b: number): string[] {
  const last = `${a} + ${b} = ${a + b}`;
  if (a < 0 && b < 0) return [...addition(-a, -b), last];
  if (a < 0) return [...subtraction(b, -a), last];
  if (b < 0) return [...subtraction(a, -b), last];
  if (isLookedUp(a, b) || Math.min(a, b) < 10 ** zerosOf(Math.max(a, b))) return [last];
  const [long, short] = a >= b ? [a, b] : [b, a];
  const columns: string[] = [];
  let carry = 0;
  // Where one number ends in zeros, and above the shorter one, digits are copied.
  for (let place = Math.max(zerosOf(a), zerosOf(b)); place < placesOf(long); place++) {
    const isBeyond = place >= placesOf(short);
    if (isBeyond && carry === 0) break;
    const sum = digit(a, place) + digit(b, place) + carry;
    const terms = isBeyond ? [digit(long, place)] : [digit(a, place), digit(b, place)];
    columns.push(`${[...terms, ...(carry ? [carry] : [])].join(' + ')} = ${sum}`);
    carry = Math.floor(sum / 10);
  }
  return [...columns, last];
}

/**
 * a - b for integers of any sign. A column that starts from 10 or more takes 1 from the next one; columns end where the
 * digits that are left cancel.
 */
export function subtraction(a: number, b: number): string[] {
  const last = `${a} - ${b} = ${a - b}`;
  if (b < 0) return [...addition(a, -b), last];
  if (a < 0) return [...addition(-a, b), last];
  if (a < b) return [...subtraction(b, a), last];
  if (a <= LARGEST_SUM || b === 0 || isLookedUp(a - b, b)) return [last];
  const columns: string[] = [];
  let borrow = 0;
  for (let place = zerosOf(b); place < placesOf(a); place++) {
    const isBeyond = place >= placesOf(b);
    if (isBeyond && borrow === 0) break;
    if (Math.floor(a / 10 ** place) === Math.floor(b / 10 ** place) + borrow) break;
    const taken = [...(isBeyond ? [] : [digit(b, place)]), ...(borrow ? [borrow] : [])];
    const less = digit(b, place) + borrow;
    const top = digit(a, place) + (digit(a, place) < less ? 10 : 0);
    borrow = top > 9 ? 1 : 0;
    columns.push(`${[top, ...taken].join(' - ')} = ${top - less}`);
  }
  return [...columns, last];
}

/** a · b for integers of any sign; a factor that is itself a product of the tables is taken in two parts. */
export function multiplication(a: number, b: number): string[] {
  const last = `${a} * ${b} = ${a * b}`;
  if (a < 0 || b < 0) return [...multiplication(Math.abs(a), Math.abs(b)), last];
  const [x, y] = [withoutZeros(a), withoutZeros(b)];
  if ((a <= LARGEST_FACTOR && b <= LARGEST_FACTOR) || Math.min(x, y) <= 1) return [last];
  if (x < a || y < b) {
    const steps = multiplication(x, y);
    return [...(steps.length > 1 ? steps.slice(0, -1) : steps), last];
  }
  const [long, short] = a >= b ? [a, b] : [b, a];
  if (short <= LARGEST_FACTOR) return [...multiplyDigits(long, short), last];
  const shortFactors = smallFactors(short);
  const factors = shortFactors ?? smallFactors(long);
  if (factors) {
    const whole = shortFactors ? long : short;
    return [...multiplication(whole, factors[0]), ...multiplication(whole * factors[0], factors[1]), last];
  }
  const steps: string[] = [];
  let sum = 0;
  for (let place = 0; place < placesOf(short); place++) {
    const part = digit(short, place) * 10 ** place;
    if (part === 0) continue;
    steps.push(...multiplication(long, part));
    if (sum > 0) steps.push(...addition(sum, long * part));
    sum += long * part;
  }
  return [...steps, last];
}

/** a / b where b divides a and is not 0; throws `INTERNAL` otherwise. */
export function division(a: number, b: number): string[] {
  const quotient = a / b;
  if (!Number.isInteger(quotient)) {
    throw new DialecticError(
      'INTERNAL',
      `Division in columns must come out even, got ${a} / ${b}; divide only exactly.`,
    );
  }
  const last = `${a} / ${b} = ${quotient}`;
  if (a < 0 || b < 0) return [...division(Math.abs(a), Math.abs(b)), last];
  if (
    withoutZeros(b) === 1 ||
    withoutZeros(quotient) <= 1 ||
    (quotient <= LARGEST_FACTOR && b <= LARGEST_FACTOR)
  ) {
    return [last];
  }
  const zeros = b % 10 === 0 ? zerosOf(b) : zerosOf(quotient);
  if (zeros > 0) return [...division(a / 10 ** zeros, b % 10 === 0 ? b / 10 ** zeros : b), last];
  const factors = b > LARGEST_FACTOR ? smallFactors(b) : null;
  if (factors) return [...division(a, factors[0]), ...division(a / factors[0], factors[1]), last];
  return [...longDivision(a, b), last];
}

/** a · 10^power as a change of zeros, which needs no columns. */
export function shift(a: number, power: number): string {
  return `${a} * ${10 ** power} = ${a * 10 ** power}`;
}

/** Digits of `long` times `times` <= 12 from the ones upwards, each with what is carried into it. */
function multiplyDigits(long: number, times: number): string[] {
  const columns: string[] = [];
  let carry = 0;
  for (let place = 0; place < placesOf(long); place++) {
    const product = digit(long, place) * times;
    const sum = product + carry;
    columns.push(
      carry > 0
        ? `${digit(long, place)} * ${times} = ${product}, ${product} + ${carry} = ${sum}`
        : `${digit(long, place)} * ${times} = ${product}`,
    );
    carry = Math.floor(sum / 10);
  }
  return columns;
}

/** Digits of the quotient from the left; nothing is subtracted where nothing is left. */
function longDivision(a: number, b: number): string[] {
  const steps: string[] = [];
  let rest = 0;
  for (let place = placesOf(a) - 1; place >= 0; place--) {
    const part = rest * 10 + digit(a, place);
    const times = Math.floor(part / b);
    const taken = b * times;
    rest = part - taken;
    if (times === 0 && steps.length === 0) continue;
    if (rest === 0 || times === 0) steps.push(...multiplication(b, times));
    else if (b > LARGEST_FACTOR) steps.push(...multiplication(b, times), ...subtraction(part, taken));
    else steps.push(`${b} * ${times} = ${taken}, ${part} - ${taken} = ${rest}`);
  }
  return steps;
}

/** The two most equal factors whose product is `value` and which are both in the tables, or null. */
function smallFactors(value: number): readonly [number, number] | null {
  for (let factor = Math.floor(Math.sqrt(value)); factor > 1; factor--) {
    if (value % factor === 0) return value / factor <= LARGEST_FACTOR ? [factor, value / factor] : null;
  }
  return null;
}

function isLookedUp(a: number, b: number): boolean {
  return a + b <= LARGEST_SUM || (Math.min(a, b) < 10 && digit(a, 0) + digit(b, 0) < 10);
}

function zerosOf(value: number): number {
  return value === 0 ? 0 : String(value).length - String(value).replace(/0+$/, '').length;
}

function withoutZeros(value: number): number {
  return value / 10 ** zerosOf(value);
}
