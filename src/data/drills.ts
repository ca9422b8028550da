/**
 * Bare arithmetic for the warm start: a small policy learns sums and products in columns sooner from these than from stories.
 *
 * Invariants: a drill belongs to one split by its lineage, as every problem does.
 */
import type { Random } from '../random.js';
import { addition, division, multiplication, subtraction } from './dataset/columns.js';
import { type Split, splitOf } from './splits.js';

export interface Drill {
  readonly question: string;
  readonly answer: string;
  /** Steps, as in `Written.work`. */
  readonly work: readonly string[];
}

const OPERATIONS = ['+', '-', '*', '/'] as const;

/** Draws until a drill falls in the split; operands have up to three digits. */
export function drawDrill(random: Random, split: Split): Drill {
  for (;;) {
    const operation = random.pick(OPERATIONS);
    const [a, b] = [random.integer(2, random.pick([99, 999])), random.integer(2, random.pick([9, 99]))];
    const left = operation === '/' ? a * b : a;
    if (splitOf(`drill:${left}${operation}${b}`) !== split) continue;
    const work = { '+': addition, '-': subtraction, '*': multiplication, '/': division }[operation](left, b);
    const answer = String({ '+': left + b, '-': left - b, '*': left * b, '/': left / b }[operation]);
    return { question: `What is ${left} ${operation} ${b}?`, answer, work };
  }
}
