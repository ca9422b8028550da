/**
 * Arithmetic as it is done on paper, in steps that a very small policy can learn: each is a copy of digits that stand just
 * before it, or one entry of the tables for sums and products below twenty.
 *
 * Invariants: every equation written down holds; the last step states the whole result, as `48 * 7 = 336`, so that a reader
 * finds it in one place; numbers are integers below 10^9 in size.
 */

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

/** a + b for integers of any sign. */
export function addition(a: number, b: number): string[] {
  const last = `${a} + ${b} = ${a + b}`;
  if (a < 0 && b < 0) return [...addition(-a, -b), last];
  if (a < 0) return [...subtraction(b, -a), last];
  if (b < 0) return [...subtraction(a, -b), last];
  if (isLookedUp(a, b)) return [last];
  const columns: string[] = [];
  let carry = 0;
  for (let place = 0; place < Math.max(placesOf(a), placesOf(b)); place++) {
    const [x, y] = [digit(a, place), digit(b, place)];
    const sum = x + y + carry;
    const carried: string = carry > 0 ? ` + ${carry}` : '';
    carry = Math.floor(sum / 10);
    columns.push(`${x} + ${y}${carried} = ${sum}${carry > 0 ? `, carry ${carry}` : ''}`);
  }
  return [...columns, last];
}

/** a - b for integers of any sign. */
export function subtraction(a: number, b: number): string[] {
  const last = `${a} - ${b} = ${a - b}`;
  if (b < 0) return [...addition(a, -b), last];
  if (a < 0) return [...addition(-a, b), last];
  if (a < b) return [...subtraction(b, a), last];
  if (a <= LARGEST_SUM || isLookedUp(a - b, b)) return [last];
  const columns: string[] = [];
  let borrow = 0;
  for (let place = 0; place < placesOf(a); place++) {
    const taken = digit(b, place) + borrow;
    const borrowed: string = borrow > 0 ? ` - ${borrow}` : '';
    const needsBorrow = digit(a, place) < taken;
    const top = digit(a, place) + (needsBorrow ? 10 : 0);
    borrow = needsBorrow ? 1 : 0;
    columns.push(`${top} - ${digit(b, place)}${borrowed} = ${top - taken}${needsBorrow ? ', borrow 1' : ''}`);
  }
  return [...columns, last];
}

/** a · b for integers of any sign. */
export function multiplication(a: number, b: number): string[] {
  const last = `${a} * ${b} = ${a * b}`;
  if (a < 0 || b < 0) return [...multiplication(Math.abs(a), Math.abs(b)), last];
  const isLookUp = a <= LARGEST_FACTOR && b <= LARGEST_FACTOR;
  if (isLookUp || a <= 1 || b <= 1 || isRound(a) || isRound(b)) {
    const [x, y] = [withoutZeros(a), withoutZeros(b)];
    const isBare = isLookUp || Math.min(x, y) === 1 || (x === a && y === b);
    return isBare ? [last] : [...multiplication(x, y), last];
  }
  const [long, short] = placesOf(a) >= placesOf(b) ? [a, b] : [b, a];
  if (short < 10) return [...multiplyByDigit(long, short), last];
  const parts: number[] = [];
  const steps: string[] = [];
  for (let place = 0; place < placesOf(short); place++) {
    const part = digit(short, place) * 10 ** place;
    if (part === 0) continue;
    parts.push(long * part);
    steps.push(...multiplication(long, part));
  }
  let sum = parts[0]!;
  for (const part of parts.slice(1)) {
    steps.push(...addition(sum, part));
    sum += part;
  }
  return [...steps, last];
}

/** a / b where b divides a and is not 0. */
export function division(a: number, b: number): string[] {
  const quotient = a / b;
  const last = `${a} / ${b} = ${quotient}`;
  if (a < 0 || b < 0) return [...division(Math.abs(a), Math.abs(b)), last];
  if (b === 1 || a === b || a === 0 || (quotient <= LARGEST_FACTOR && b <= LARGEST_FACTOR)) return [last];
  if (b % 10 === 0 && a % 10 === 0) {
    const zeros = Math.min(zerosOf(a), zerosOf(b));
    return [...division(a / 10 ** zeros, b / 10 ** zeros), last];
  }
  if (b > LARGEST_FACTOR) return [...multiplication(b, quotient), last];
  const steps: string[] = [];
  let rest = 0;
  for (let place = placesOf(a) - 1; place >= 0; place--) {
    const part = rest * 10 + digit(a, place);
    const times = Math.floor(part / b);
    rest = part - times * b;
    if (times === 0 && steps.length === 0) continue;
    steps.push(`${b} * ${times} = ${b * times}, ${part} - ${b * times} = ${rest}`);
  }
  return [...steps, last];
}

/** a · 10^power as a change of zeros, which needs no columns. */
export function shift(a: number, power: number): string {
  return `${a} * ${10 ** power} = ${a * 10 ** power}`;
}

function multiplyByDigit(long: number, times: number): string[] {
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

function isLookedUp(a: number, b: number): boolean {
  return a + b <= LARGEST_SUM || (Math.min(a, b) < 10 && digit(a, 0) + digit(b, 0) < 10);
}

function zerosOf(value: number): number {
  return value === 0 ? 0 : String(value).length - String(value).replace(/0+$/, '').length;
}

function withoutZeros(value: number): number {
  return value === 0 ? 0 : value / 10 ** zerosOf(value);
}

function isRound(value: number): boolean {
  return value !== 0 && value % 10 === 0;
}
