/**
 * Takes mathematics out of LaTeX: `$\frac{1}{2}$` becomes `1/2`, `\boxed{36}` becomes `36`.
 *
 * Invariants: time is linear in the length of a text, whose nesting is bounded; what is not understood stays as it is, so that
 * it can only match its like.
 */

const MAX_LENGTH = 2000;
const MAX_DEPTH = 6;
const WRAPPERS = ['\\boxed{', '\\fbox{', '\\text{', '\\textbf{', '\\mathrm{', '\\mathbf{', '\\mbox{'];
const DELIMITERS = [
  ['$$', '$$'],
  ['$', '$'],
  ['\\(', '\\)'],
  ['\\[', '\\]'],
] as const;
const TEXT_COMMANDS = new Set(['text', 'textbf', 'mathrm', 'mathbf', 'mbox', 'operatorname']);
const NOTHING = new Set(['left', 'right', 'displaystyle', 'bigl', 'bigr', 'big', 'Big', '!']);
const SYMBOLS: Readonly<Record<string, string>> = {
  ',': ' ',
  ';': ' ',
  ':': ' ',
  ' ': ' ',
  quad: ' ',
  qquad: ' ',
  '%': '%',
  $: '$',
  '{': '{',
  '}': '}',
  times: '×',
  cdot: '·',
  div: '÷',
  pm: '±',
  infty: '∞',
  cup: '∪',
  circ: '°',
  degree: '°',
  pi: 'π',
  emptyset: '∅',
  le: '≤',
  leq: '≤',
  ge: '≥',
  geq: '≥',
  ne: '≠',
  neq: '≠',
  to: '→',
  rightarrow: '→',
  mu: 'µ',
  Omega: 'Ω',
  euro: '€',
};

/** End (exclusive) of the group that opens with the brace at `start`, or -1. */
function groupEnd(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return i + 1;
  }
  return -1;
}

/** One wrapper around the whole text taken off, or null where there is none. */
function unwrapped(text: string): string | null {
  for (const [open, close] of DELIMITERS) {
    if (!text.startsWith(open) || !text.endsWith(close) || text.length <= open.length + close.length)
      continue;
    const inner = text.slice(open.length, -close.length);
    const rest = inner.replaceAll('\\$', '');
    if (!rest.includes(open) && !rest.includes(close) && !rest.endsWith('\\')) return inner.trim();
  }
  for (const wrapper of WRAPPERS) {
    if (text.startsWith(wrapper) && groupEnd(text, wrapper.length - 1) === text.length) {
      return text.slice(wrapper.length, -1).trim();
    }
  }
  return null;
}

interface Argument {
  readonly text: string;
  readonly end: number;
}

/** The argument of a command at `start`: a group or one digit. */
function argumentAt(text: string, start: number, depth: number): Argument | null {
  if (text[start] === '{') {
    const end = groupEnd(text, start);
    return end < 0 ? null : { text: converted(text.slice(start + 1, end - 1), depth + 1).trim(), end };
  }
  return /^[0-9]$/.test(text[start] ?? '') ? { text: text[start]!, end: start + 1 } : null;
}

const isInteger = (text: string): boolean => /^[+-]?[0-9]+$/.test(text);

function fractionText(before: string, numerator: string, denominator: string): string {
  // A digit before a fraction makes a mixed number, not a longer numerator.
  const gap = /[0-9]$/.test(before) ? ' ' : '';
  if (isInteger(numerator) && isInteger(denominator)) return `${gap}${numerator}/${denominator}`;
  return `${gap}(${numerator})/(${denominator})`;
}

function converted(text: string, depth: number): string {
  if (depth > MAX_DEPTH) return text;
  let result = '';
  let at = 0;
  while (at < text.length) {
    const character = text[at]!;
    if (character === '~') {
      result += ' ';
      at++;
    } else if (text.startsWith('{,}', at)) {
      result += ',';
      at += 3;
    } else if (character === '^' && text[at + 1] === '{') {
      const exponent = argumentAt(text, at + 1, depth);
      if (exponent === null) return text;
      result += exponent.text === '°' ? '°' : `^${exponent.text}`;
      at = exponent.end;
    } else if (character === '^' && text.startsWith('\\circ', at + 1)) {
      at++;
    } else if (character !== '\\') {
      result += character;
      at++;
    } else {
      const name = /^(?:[A-Za-z]{1,20}|[^A-Za-z])/.exec(text.slice(at + 1, at + 22))?.[0] ?? '';
      at += 1 + name.length;
      if (name === 'frac' || name === 'dfrac' || name === 'tfrac') {
        const numerator = argumentAt(text, at, depth);
        const denominator = numerator && argumentAt(text, numerator.end, depth);
        if (!numerator || !denominator) return text;
        result += fractionText(result, numerator.text, denominator.text);
        at = denominator.end;
      } else if (TEXT_COMMANDS.has(name) || name === 'sqrt') {
        const argument = argumentAt(text, at, depth);
        if (!argument) return text;
        result += name === 'sqrt' ? `√(${argument.text})` : argument.text;
        at = argument.end;
      } else if (!NOTHING.has(name)) {
        result += Object.hasOwn(SYMBOLS, name) ? SYMBOLS[name] : `\\${name}`;
      }
    }
  }
  return result;
}

/** The text without LaTeX, white space squeezed; a text without LaTeX, or too long for any, comes back as it is. */
export function plainMath(text: string): string {
  if (text.length > MAX_LENGTH || !/[\\$]|\{,\}/.test(text)) return text;
  let inner = text;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const next = unwrapped(inner);
    if (next === null) break;
    inner = next;
  }
  const result = /\\|\{,\}/.test(inner) ? converted(inner, 0) : inner;
  return result.replace(/\s+/g, ' ').trim();
}
