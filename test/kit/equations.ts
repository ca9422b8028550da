/** Reads the equations of a trace and works them out exactly, by other means than the code that wrote them. */

/** `-3`, `2.5` or `7/12`. */
const NUMBER = String.raw`-?\d+(?:\.\d+)?(?:\/\d+)?`;
const EQUATION = new RegExp(`^(${NUMBER}(?: [-+*/] ${NUMBER})*) = (${NUMBER})$`);

/** Numerator and denominator. */
type Rational = readonly [bigint, bigint];

function rational(text: string): Rational {
  const [numerator, denominator = '1'] = text.split('/');
  const [whole, decimals = ''] = numerator!.split('.');
  return [BigInt(whole + decimals), BigInt(denominator) * 10n ** BigInt(decimals.length)];
}

/** Works a side out from left to right; a trace never mixes sums and products in one equation. */
function resultOf(side: string): Rational {
  const terms = side.split(' ');
  let [n, d] = rational(terms[0]!);
  for (let i = 1; i < terms.length; i += 2) {
    const [m, e] = rational(terms[i + 1]!);
    if (terms[i] === '+') [n, d] = [n * e + m * d, d * e];
    else if (terms[i] === '-') [n, d] = [n * e - m * d, d * e];
    else if (terms[i] === '*') [n, d] = [n * m, d * e];
    else if (terms[i] === '/') [n, d] = [n * e, d * m];
    else throw new Error(`no sign: ${terms[i]}`);
  }
  return [n, d];
}

/** Whether both sides of `3 + 4 - 1 = 6`, `6 * 7 = 42` or `12/60 = 1/5` are the same number. */
export function holds(equation: string): boolean {
  const sides = equation.split(' = ');
  const [[a, b], [c, d]] = [resultOf(sides[0]!), resultOf(sides[1]!)];
  return sides.length === 2 && a * d === c * b;
}

/** The equations of numbers in a text, and those that do not hold. */
export function equationsOf(text: string): { readonly all: string[]; readonly wrong: string[] } {
  const all = text.split(/[.,:;](?: |$)/).filter((piece) => EQUATION.test(piece.trim()));
  return { all, wrong: all.filter((piece) => !holds(piece.trim())) };
}
