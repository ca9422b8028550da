/**
 * Bare arithmetic for the warm start: a small policy learns sums and products in columns sooner from these than from stories.
 *
 * Invariants: a drill belongs to one split by its lineage, as every problem does; its answer is an integer.
 */
import type { Random } from '../random.js';
import { addition, division, multiplication, subtraction } from './dataset/columns.js';
import { lowest } from './dataset/compact.js';
import { percentOf } from './dataset/topics/percentages.js';
import { type Split, splitOf } from './splits.js';

export interface Drill {
  readonly question: string;
  readonly answer: string;
  /** Steps, as in `Written.work`. */
  readonly work: readonly string[];
}

interface Calculation {
  readonly expression: string;
  readonly answer: number;
  readonly work: readonly string[];
}

const KINDS = ['+', '-', '*', '/', '%', 'of'] as const;
const LARGEST = 999;

/** Draws until a drill falls in the split; operands have up to three digits. */
export function drawDrill(random: Random, split: Split): Drill {
  for (;;) {
    const kind = random.pick(KINDS);
    const { expression, answer, work } =
      kind === '%' ? percentage(random) : kind === 'of' ? fraction(random) : operation(kind, random);
    if (splitOf(`drill:${expression}`) !== split) continue;
    const question = random.pick([
      `What is ${expression}?`,
      `Calculate ${expression}.`,
      `Work out ${expression}.`,
      `${expression} = ?`,
    ]);
    return { question, answer: String(answer), work };
  }
}

function operation(sign: '+' | '-' | '*' | '/', random: Random): Calculation {
  const [a, b] = [random.integer(2, random.pick([99, LARGEST])), random.integer(2, random.pick([9, 99]))];
  const left = sign === '/' ? a * b : a;
  const work = { '+': addition, '-': subtraction, '*': multiplication, '/': division }[sign](left, b);
  const answer = { '+': left + b, '-': left - b, '*': left * b, '/': left / b }[sign];
  return { expression: `${left} ${sign} ${b}`, answer, work };
}

function percentage(random: Random): Calculation {
  const rate = random.pick([random.integer(1, 19) * 5, random.integer(1, 99)]);
  const [, parts] = lowest(rate, 100);
  const whole = parts * random.integer(1, Math.floor(LARGEST / parts));
  return { expression: `${rate}% of ${whole}`, answer: (rate * whole) / 100, work: percentOf(rate, whole) };
}

function fraction(random: Random): Calculation {
  const denominator = random.integer(2, 12);
  const numerator = random.integer(1, denominator - 1);
  const share = random.integer(2, Math.floor(LARGEST / denominator));
  const whole = denominator * share;
  const work = [
    ...division(whole, denominator),
    ...(numerator === 1 ? [] : multiplication(share, numerator)),
  ];
  return { expression: `${numerator}/${denominator} of ${whole}`, answer: numerator * share, work };
}
