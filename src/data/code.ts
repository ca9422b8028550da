/**
 * Code reasoning: what a few lines of Python print, traced as the interpreter would run them.
 *
 * Invariants: every program is valid Python 3, halts, reads nothing and prints one line, which is the answer.
 */
import type { Random } from '../random.js';
import type { Family } from './problem.js';

/** The question around a program. */
function ask(random: Random, program: string): string {
  return random.pick([
    `What does this Python code output: \`${program}\`?`,
    `What is printed by \`${program}\`?`,
    `Give the output of \`${program}\`.`,
  ]);
}

function digits(random: Random, count: number, low: number): number[] {
  return Array.from({ length: count }, () => random.integer(low, 9));
}

const listText = (items: readonly number[]): string => `[${items.join(', ')}]`;

const comprehension: Family = {
  name: 'comprehension',
  type: 'code',
  domain: 'python',
  draw(random: Random) {
    const kind = random.pick(['square', 'times', 'plus', 'affine'] as const);
    const count = kind === 'affine' ? 3 : random.integer(3, 4);
    const start = random.integer(0, 9 - count);
    const factor = random.integer(2, 9);
    const term = random.integer(1, 9);
    const expression = {
      square: random.integer(0, 1) === 0 ? 'x**2' : `x**2 + ${term}`,
      times: `x * ${factor}`,
      plus: `x + ${term}`,
      affine: `x * ${factor} + ${term}`,
    }[kind];
    const range = start === 0 ? `range(${count})` : `range(${start}, ${start + count})`;
    return {
      parameters: `${expression},${start},${count}`,
      render() {
        const values: number[] = [];
        const steps: string[] = [];
        for (let x = start; x < start + count; x++) {
          const product = kind === 'square' ? x * x : x * factor;
          const multiplied = `${x} * ${kind === 'square' ? x : factor} = ${product}`;
          if (kind === 'plus') {
            values.push(x + term);
            steps.push(`${x} + ${term} = ${x + term}`);
          } else if (kind === 'affine' || expression.includes('+')) {
            values.push(product + term);
            steps.push(`${multiplied}, ${product} + ${term} = ${product + term}`);
          } else {
            values.push(product);
            steps.push(multiplied);
          }
        }
        return {
          question: ask(random, `print([${expression} for x in ${range}])`),
          answer: listText(values),
          difficulty: expression.includes(' + ') && kind !== 'plus' ? 'hard' : 'easy',
          steps,
        };
      },
    };
  },
};

/** Selection sort on digits; a step shows what is left (digits side by side) and what is taken. */
const sorting: Family = {
  name: 'sorting',
  type: 'code',
  domain: 'python',
  draw(random: Random) {
    const items = digits(random, random.integer(4, 6), 0);
    const isReverse = random.integer(0, 1) === 1;
    const inOrder = [...items].sort((p, q) => (isReverse ? q - p : p - q));
    return {
      // A permutation of the same numbers has the same answer, and in the other direction its mirror image.
      parameters: [...items].sort((p, q) => p - q).join(''),
      render() {
        const left = [...items];
        const steps: string[] = [];
        for (const taken of inOrder.slice(0, -1)) {
          steps.push(`${left.join('')} ${isReverse ? 'most' : 'least'} ${taken}`);
          left.splice(left.indexOf(taken), 1);
        }
        return {
          question: ask(random, `print(sorted(${listText(items)}${isReverse ? ', reverse=True' : ''}))`),
          answer: listText(inOrder),
          difficulty: items.length === 4 ? 'medium' : 'hard',
          steps,
        };
      },
    };
  },
};

const loop: Family = {
  name: 'loop',
  type: 'code',
  domain: 'python',
  draw(random: Random) {
    const kind = random.pick(['add', 'subtract', 'filter'] as const);
    const items = digits(random, kind === 'filter' ? random.integer(3, 4) : random.integer(3, 5), 1);
    const start = kind === 'subtract' ? random.integer(50, 69) : random.integer(0, 20);
    const threshold = random.integer(3, 6);
    const sign = kind === 'subtract' ? '-' : '+';
    const body = kind === 'filter' ? `    if x > ${threshold}:\n        t += x` : `    t ${sign}= x`;
    return {
      // The order of the numbers does not change the total.
      parameters: `${kind},${start},${kind === 'filter' ? threshold : ''},${[...items].sort().join('')}`,
      render() {
        let total = start;
        const steps: string[] = [];
        for (const x of items) {
          const next = kind === 'subtract' ? total - x : total + x;
          const sum = `${total} ${sign} ${x} = ${next}`;
          if (kind !== 'filter') steps.push(sum);
          else
            steps.push(
              x > threshold ? `${x} > ${threshold} yes, ${sum}` : `${x} > ${threshold} no, ${total}`,
            );
          if (kind !== 'filter' || x > threshold) total = next;
        }
        return {
          question: ask(random, `t = ${start}\nfor x in ${listText(items)}:\n${body}\nprint(t)`),
          answer: String(total),
          difficulty: kind === 'filter' ? 'hard' : 'medium',
          steps,
        };
      },
    };
  },
};

export const codeFamilies: readonly Family[] = [comprehension, sorting, loop];
