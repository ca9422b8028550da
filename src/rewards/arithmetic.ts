/**
 * Re-checks the arithmetic that a text writes down: `15/100 * 240 = 36` is right, `2 + 2 = 5` is wrong, `2x + 3 = 7` says nothing.
 *
 * Invariants: nothing is executed, only numbers, + - * / // ^ and parentheses are worked out, exactly; what is not surely arithmetic
 * is not judged; time is linear in the text, sizes of numbers are bounded.
 */
import { add, divide, integer, isSame, multiply, parseNumber, type Rational } from './answers/rational.js';

/** Equations found, and those of them that do not hold. */
interface ArithmeticCheck {
  readonly checked: number;
  readonly wrong: number;
}

const MAX_LENGTH = 40_000;
const MAX_SIDE_TOKENS = 60;
const MAX_DIGITS = 20;
const MAX_EXPONENT = 12n;
const MAX_DEPTH = 12;

type Kind = 'number' | 'operator' | 'equals' | 'word' | 'other';

interface Token {
  readonly kind: Kind;
  readonly text: string;
  /** No white space before it. */
  readonly isAdjacent: boolean;
}

const TOKEN =
  /([0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?%?(?![0-9])|[0-9]+(?:\.[0-9]+)?%?|\.[0-9]+%?)|([A-Za-z_][A-Za-z0-9_]*)|(\*\*|\/\/|[-+*/^()×·÷−])|(==|<=|>=|!=|=>|:=)|(=)|(\s+)|[$€£]|(.)/gsu;

/** Words next to a number that make it part of a larger expression than the one written in signs. */
const OPERATOR_WORDS = new Set(
  'plus minus times divided multiplied over of by mod modulo less more than half twice sqrt log ln sin cos tan squared cubed percent x'.split(
    ' ',
  ),
);
/** Words that join two equations, unless a bare number follows: `3 and 4 = 7`. */
const JOINING_WORDS = new Set(['and', 'or', 'to', 'from']);
const SIGNS: Readonly<Record<string, string>> = { '×': '*', '·': '*', '÷': '/', '−': '-', '**': '^' };

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let isAdjacent = false;
  for (const [whole, number, word, operator, comparison, equals, space] of text
    .slice(0, MAX_LENGTH)
    .matchAll(TOKEN)) {
    if (space !== undefined) isAdjacent = false;
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, isAdjacent });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, isAdjacent });
    else if (operator !== undefined) {
      tokens.push({ kind: 'operator', text: SIGNS[operator] ?? operator, isAdjacent });
    } else if (equals !== undefined) tokens.push({ kind: 'equals', text: '=', isAdjacent });
    else if (comparison !== undefined || !'$€£'.includes(whole)) {
      tokens.push({ kind: 'other', text: whole, isAdjacent });
    } else continue;
    if (space === undefined) isAdjacent = true;
  }
  // `3 x 4`: the letter between two numbers is a sign.
  return tokens.map((token, i) =>
    token.kind === 'word' &&
    (token.text === 'x' || token.text === 'X') &&
    tokens[i - 1]?.kind === 'number' &&
    tokens[i + 1]?.kind === 'number' &&
    token.isAdjacent === tokens[i + 1]!.isAdjacent
      ? { ...token, kind: 'operator', text: '*' }
      : token,
  );
}

/** Recursive descent over one side of an equation; null wherever it is not a whole expression. */
class Expression {
  #at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  value(): Rational | null {
    const value = this.#sum(0);
    return this.#at === this.tokens.length ? value : null;
  }

  #next(...signs: string[]): string | null {
    const token = this.tokens[this.#at];
    if (token?.kind !== 'operator' || !signs.includes(token.text)) return null;
    this.#at++;
    return token.text;
  }

  #sum(depth: number): Rational | null {
    let total = this.#product(depth);
    for (let sign = this.#next('+', '-'); total && sign; sign = this.#next('+', '-')) {
      const term = this.#product(depth);
      total = term && add(total, sign === '+' ? term : multiply(term, integer(-1)));
    }
    return total;
  }

  #product(depth: number): Rational | null {
    let total = this.#power(depth);
    for (let sign = this.#next('*', '/', '//'); total && sign; sign = this.#next('*', '/', '//')) {
      const factor = this.#power(depth);
      if (!factor) return null;
      if (sign === '*') total = multiply(total, factor);
      else {
        const quotient = divide(total, factor);
        total = quotient && sign === '//' ? floor(quotient) : quotient;
      }
    }
    return total;
  }

  #power(depth: number): Rational | null {
    if (this.#next('-')) {
      const value = this.#power(depth);
      return value && multiply(value, integer(-1));
    }
    const base = this.#atom(depth);
    if (!base || !this.#next('^')) return base;
    const exponent = this.#atom(depth);
    if (exponent?.denominator !== 1n) return null;
    const { numerator: times } = exponent;
    if (times < 0n || times > MAX_EXPONENT || isLarge(base)) return null;
    return { numerator: base.numerator ** times, denominator: base.denominator ** times };
  }

  #atom(depth: number): Rational | null {
    if (this.#next('(')) {
      if (depth >= MAX_DEPTH) return null;
      const value = this.#sum(depth + 1);
      return value && this.#next(')') ? value : null;
    }
    const token = this.tokens[this.#at];
    if (token?.kind !== 'number' || token.text.length > MAX_DIGITS) return null;
    this.#at++;
    return parseNumber(token.text.replace(/^0+(?=[0-9])/, ''));
  }
}

function floor({ numerator, denominator }: Rational): Rational {
  const quotient = numerator / denominator;
  return integer(numerator < 0n && quotient * denominator !== numerator ? quotient - 1n : quotient);
}

const isLarge = ({ numerator, denominator }: Rational): boolean =>
  numerator > 10n ** 40n || numerator < -(10n ** 40n) || denominator > 10n ** 40n;

/** Whether a decimal written with some places is the other value rounded to them. */
function isRounded(value: Rational, side: readonly Token[], written: Rational): boolean {
  const places = side.length === 1 ? (/\.([0-9]+)$/.exec(side[0]!.text)?.[1]?.length ?? 0) : 0;
  if (places === 0) return false;
  const difference = add(value, multiply(written, integer(-1)));
  const magnitude = difference.numerator < 0n ? -difference.numerator : difference.numerator;
  return magnitude * 2n * 10n ** BigInt(places) <= difference.denominator;
}

const hasWork = (side: readonly Token[]): boolean =>
  side.length > 1 || side.some(({ text }) => text.endsWith('%'));

/** Judges the equations of one run of numbers and signs; `before` and `after` are the tokens around it. */
function checkRun(
  run: readonly Token[],
  before: Token | undefined,
  after: Token | undefined,
): ArithmeticCheck {
  const sides: Token[][] = [[]];
  for (const token of run) {
    if (token.kind === 'equals') sides.push([]);
    else sides.at(-1)!.push(token);
  }
  const values = sides.map((side, i) => {
    const first = side[0];
    if (!first || side.length > MAX_SIDE_TOKENS) return null;
    if (i === 0 && before?.kind === 'word') {
      const isCall = first.isAdjacent || (first.kind === 'operator' && first.text !== '(');
      const word = before.text.toLowerCase();
      if (isCall || OPERATOR_WORDS.has(word) || (JOINING_WORDS.has(word) && side.length === 1)) return null;
    }
    if (i === sides.length - 1 && after) {
      if (after.isAdjacent && (after.kind === 'word' || after.text === '!')) return null;
      if (after.kind === 'word' && OPERATOR_WORDS.has(after.text.toLowerCase())) return null;
    }
    return new Expression(side).value();
  });
  let checked = 0;
  let wrong = 0;
  for (let i = 1; i < sides.length; i++) {
    const [left, right] = [values[i - 1], values[i]];
    if (!left || !right || !(hasWork(sides[i - 1]!) || hasWork(sides[i]!))) continue;
    checked++;
    const holds =
      isSame(left, right) || isRounded(left, sides[i]!, right) || isRounded(right, sides[i - 1]!, left);
    if (!holds) wrong++;
  }
  return { checked, wrong };
}

/** Finds and checks every equation of numbers in a text. */
export function checkArithmetic(text: string): ArithmeticCheck {
  const tokens = tokensOf(text);
  let checked = 0;
  let wrong = 0;
  let start = 0;
  for (let i = 0; i <= tokens.length; i++) {
    const kind = tokens[i]?.kind;
    if (kind === 'number' || kind === 'operator' || kind === 'equals') continue;
    const run = tokens.slice(start, i);
    if (run.some((token) => token.kind === 'equals')) {
      const result = checkRun(run, tokens[start - 1], tokens[i]);
      checked += result.checked;
      wrong += result.wrong;
    }
    start = i + 1;
  }
  return { checked, wrong };
}
