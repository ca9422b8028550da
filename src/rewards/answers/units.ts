/**
 * Quantities: a number with a unit, converted exactly, so that `1.5 h` is `90 min` and `300 km` is `300,000 m`.
 *
 * Invariants:
 * - a bare number is no quantity, and quantities of different dimensions never compare;
 * - factors are exact rationals; an unknown word is a unit of its own, equal only to itself.
 */
import { add, divide, integer, multiply, parseNumber, plainSigns, type Rational } from './rational.js';

/** A value in base units; `dimension` names them, e.g. `m:1 s:-1`. */
interface Quantity {
  readonly value: Rational;
  readonly dimension: string;
}

interface Unit {
  readonly factor: Rational;
  readonly dimension: Readonly<Record<string, number>>;
}

const MAX_LENGTH = 80;
const MAX_FACTORS = 4;

function exact(text: string): Rational {
  const value = parseNumber(text);
  if (value === null) throw new Error(`not a number in the table of units: ${text}`);
  return value;
}

const PREFIXES: readonly (readonly [symbol: string, word: string, factor: string])[] = [
  ['G', 'giga', '1e9'],
  ['M', 'mega', '1e6'],
  ['k', 'kilo', '1e3'],
  ['d', 'deci', '1e-1'],
  ['c', 'centi', '1e-2'],
  ['m', 'milli', '1e-3'],
  ['µ', 'micro', '1e-6'],
  ['μ', 'micro', '1e-6'],
  ['n', 'nano', '1e-9'],
];

/** Units that take prefixes: symbol, words, factor, dimension. */
const METRIC: readonly (readonly [string, readonly string[], string, Record<string, number>])[] = [
  ['m', ['meter', 'metre'], '1', { m: 1 }],
  ['g', ['gram', 'gramme'], '1e-3', { kg: 1 }],
  ['s', ['second'], '1', { s: 1 }],
  ['L', ['liter', 'litre'], '1e-3', { m: 3 }],
  ['N', ['newton'], '1', { kg: 1, m: 1, s: -2 }],
  ['J', ['joule'], '1', { kg: 1, m: 2, s: -2 }],
  ['W', ['watt'], '1', { kg: 1, m: 2, s: -3 }],
  ['Pa', ['pascal'], '1', { kg: 1, m: -1, s: -2 }],
  ['Hz', ['hertz'], '1', { s: -1 }],
  ['A', ['ampere', 'amp'], '1', { A: 1 }],
  ['V', ['volt'], '1', { kg: 1, m: 2, s: -3, A: -1 }],
  ['Ω', ['ohm'], '1', { kg: 1, m: 2, s: -3, A: -2 }],
  ['mol', ['mole'], '1', { mol: 1 }],
  ['K', ['kelvin'], '1', { K: 1 }],
];

/** Units without prefixes: spellings, factor, dimension. A symbol is matched as written, a word in any case. */
const OTHERS: readonly (readonly [readonly string[], string, Record<string, number>])[] = [
  [['min', 'minute', 'minutes', 'mins'], '60', { s: 1 }],
  [['h', 'hr', 'hrs', 'hour', 'hours'], '3600', { s: 1 }],
  [['sec', 'secs'], '1', { s: 1 }],
  [['day', 'days'], '86400', { s: 1 }],
  [['week', 'weeks'], '604800', { s: 1 }],
  [['month', 'months'], '1', { month: 1 }],
  [['year', 'years', 'yr', 'yrs'], '12', { month: 1 }],
  [['l'], '1e-3', { m: 3 }],
  [['ml'], '1e-6', { m: 3 }],
  [['hectare', 'hectares', 'ha'], '10000', { m: 2 }],
  [['tonne', 'tonnes'], '1000', { kg: 1 }],
  [['lb', 'lbs', 'pound', 'pounds'], '0.45359237', { kg: 1 }],
  [['oz', 'ounce', 'ounces'], '0.028349523125', { kg: 1 }],
  [['in', 'inch', 'inches'], '0.0254', { m: 1 }],
  [['ft', 'foot', 'feet'], '0.3048', { m: 1 }],
  [['yd', 'yard', 'yards'], '0.9144', { m: 1 }],
  [['mi', 'mile', 'miles'], '1609.344', { m: 1 }],
  [['°', 'deg', 'degree', 'degrees'], '1', { degree: 1 }],
  [['dollar', 'dollars', 'USD'], '1', { USD: 1 }],
  [['cent', 'cents', '¢'], '0.01', { USD: 1 }],
  [['euro', 'euros', 'EUR'], '1', { EUR: 1 }],
  [['GBP'], '1', { GBP: 1 }],
  [['yen', 'JPY'], '1', { JPY: 1 }],
];

const CURRENCY_SIGNS: Readonly<Record<string, string>> = { $: 'USD', '€': 'EUR', '£': 'GBP', '¥': 'JPY' };

const SYMBOLS = new Map<string, Unit>();
const WORDS = new Map<string, Unit>();
for (const [symbol, words, text, dimension] of METRIC) {
  const factor = exact(text);
  SYMBOLS.set(symbol, { factor, dimension });
  for (const word of words) WORDS.set(word, { factor, dimension }).set(`${word}s`, { factor, dimension });
  for (const [short, long, power] of PREFIXES) {
    const unit = { factor: multiply(factor, exact(power)), dimension };
    SYMBOLS.set(short + symbol, unit);
    for (const word of words) WORDS.set(long + word, unit).set(`${long}${word}s`, unit);
  }
}
for (const [spellings, text, dimension] of OTHERS) {
  for (const spelling of spellings) {
    const unit = { factor: exact(text), dimension };
    SYMBOLS.set(spelling, unit);
    if (spelling.length > 3) WORDS.set(spelling, unit);
  }
}

/** Kelvin = (value + shift) × scale + offset: for units with another zero. */
const THERMOMETERS: readonly (readonly [RegExp, string, string, string])[] = [
  [/^(?:° ?C|℃|deg(?:rees?)? ?(?:C|[Cc]elsius)|[Cc]elsius)$/, '0', '1', '273.15'],
  [/^(?:° ?F|℉|deg(?:rees?)? ?(?:F|[Ff]ahrenheit)|[Ff]ahrenheit)$/, '-32', '5/9', '273.15'],
];

/** Words that join answers or doubt them: never part of a unit. */
const NO_UNITS = new Set(['or', 'and', 'not', 'is', 'to', 'about', 'approximately', 'maybe', 'if', 'else']);

function unitNamed(name: string): Unit | null {
  const known = SYMBOLS.get(name) ?? WORDS.get(name.toLowerCase());
  if (known) return known;
  const word = name.toLowerCase();
  if (!/^[a-z]{2,20}$/.test(word) || NO_UNITS.has(word)) return null;
  const singular = word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
  return { factor: integer(1), dimension: { [`~${singular}`]: 1 } };
}

function power(base: Rational, exponent: number): Rational {
  const magnitude = BigInt(Math.abs(exponent));
  const { numerator, denominator } = base;
  return exponent < 0
    ? { numerator: denominator ** magnitude, denominator: numerator ** magnitude }
    : { numerator: numerator ** magnitude, denominator: denominator ** magnitude };
}

/** `km/h`, `m/s^2`, `square meters`, `miles per hour`; null for what is no unit. */
function parseUnit(text: string): Unit | null {
  const plain = plainSigns(text)
    .replace(/ per | a | an /g, '/')
    .replace(/\b(?:square|sq\.?) ([A-Za-z]{1,20})/g, '$1^2')
    .replace(/\bcubic ([A-Za-z]{1,20})/g, '$1^3');
  let factor = integer(1);
  const dimension: Record<string, number> = {};
  let count = 0;
  for (const [place, part] of plain.split('/').entries()) {
    for (const piece of part.trim().split(/[ ·*×]+/)) {
      const match = /^([A-Za-zµμΩ°¢]{1,24})(?:\^?(-?[1-4]))?$/.exec(piece);
      const unit = match && unitNamed(match[1]!);
      if (!unit || ++count > MAX_FACTORS) return null;
      const exponent = Number(match[2] ?? 1) * (place === 0 ? 1 : -1);
      factor = multiply(factor, power(unit.factor, exponent));
      for (const [base, each] of Object.entries(unit.dimension)) {
        dimension[base] = (dimension[base] ?? 0) + each * exponent;
      }
    }
  }
  return { factor, dimension };
}

function dimensionText(dimension: Readonly<Record<string, number>>): string {
  return Object.entries(dimension)
    .filter(([, exponent]) => exponent !== 0)
    .map(([base, exponent]) => `${base}:${exponent}`)
    .sort()
    .join(' ');
}

function measured(value: Rational, unitText: string): Quantity | null {
  for (const [pattern, shift, scale, offset] of THERMOMETERS) {
    if (!pattern.test(unitText)) continue;
    const kelvin = add(multiply(add(value, exact(shift)), exact(scale)), exact(offset));
    return { value: kelvin, dimension: 'K:1' };
  }
  const unit = parseUnit(unitText);
  return unit && { value: multiply(value, unit.factor), dimension: dimensionText(unit.dimension) };
}

/** `5 ft 3 in`, `1 h 30 min`, `2 hours and 15 minutes`: units of one known dimension, each smaller than the last. */
function parseCompound(text: string): Quantity | null {
  const pieces = text
    .replace(/([0-9])(?=[A-Za-z])|([A-Za-z])(?=[0-9])/g, '$& ')
    .replace(/,? and |, /g, ' ')
    .split(' ');
  if (pieces.length < 4 || pieces.length > 8 || pieces.length % 2 === 1) return null;
  let total: Rational | null = null;
  let last: Unit | null = null;
  for (let i = 0; i < pieces.length; i += 2) {
    const value = parseNumber(pieces[i]!);
    const unit = SYMBOLS.get(pieces[i + 1]!) ?? WORDS.get(pieces[i + 1]!.toLowerCase());
    if (!value || !unit || (value.numerator < 0n && i > 0)) return null;
    if (last) {
      if (dimensionText(last.dimension) !== dimensionText(unit.dimension)) return null;
      const ratio = divide(unit.factor, last.factor)!;
      if (ratio.numerator >= ratio.denominator || total!.numerator < 0n) return null;
    }
    const part = multiply(value, unit.factor);
    total = total ? add(total, part) : part;
    last = unit;
  }
  return total && last && { value: total, dimension: dimensionText(last.dimension) };
}

/** A number with a unit; null for a bare number and for everything else. */
export function parseQuantity(text: string): Quantity | null {
  if (text.length > MAX_LENGTH) return null;
  const money = /^([+−-]?)([$€£¥]) ?([0-9.].*)$/.exec(text);
  if (money) {
    const amount = parseNumber(money[3]!);
    if (!amount || money[3]!.includes('%')) return null;
    const value = money[1] === '' || money[1] === '+' ? amount : multiply(amount, integer(-1));
    return { value, dimension: `${CURRENCY_SIGNS[money[2]!]}:1` };
  }
  for (let at = 1; at < text.length; at++) {
    if (!/[A-Za-zµμΩ°¢€℃℉]/.test(text[at]!)) continue;
    const value = parseNumber(text.slice(0, at).trimEnd());
    if (!value || text.slice(0, at).includes('%')) continue;
    const suffix = text.slice(at);
    const quantity = measured(value, suffix === '€' ? 'EUR' : suffix);
    if (quantity) return quantity;
  }
  return parseCompound(text);
}
