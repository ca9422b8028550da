/**
 * Mathematics: arithmetic, percentages, linear equations and rectangles, worked digit by digit.
 *
 * Invariants: answers are non-negative integers in plain decimal digits; a worked trace handles the least
 * significant digit first, so that a carry or borrow is known before the column that needs it.
 */
import type { Random } from '../random.js';
import type { Family } from './problem.js';

/** Decimal digit of `value` at `place` (0 = ones). */
function digit(value: number, place: number): number {
  return Math.floor(value / 10 ** place) % 10;
}

/** Column multiplication of a number below 100 by a digit: one or two steps. */
function multiplySteps(factor: number, times: number): string[] {
  const low = (factor % 10) * times;
  if (factor < 10) return [`${factor} * ${times} = ${low}`];
  const carry = Math.floor(low / 10);
  const high = digit(factor, 1) * times;
  return [
    `${factor % 10} * ${times} = ${low}, carry ${carry}`,
    `${digit(factor, 1)} * ${times} = ${high}, ${high} + ${carry} = ${high + carry}`,
  ];
}

const addition: Family = {
  name: 'addition',
  type: 'math',
  domain: 'arithmetic',
  draw(random: Random) {
    const a = random.integer(100, 999);
    const b = random.integer(100, 999);
    return {
      parameters: `${Math.min(a, b)},${Math.max(a, b)}`,
      render() {
        const steps: string[] = [];
        let carry = 0;
        let carries = 0;
        for (let place = 0; place < 3; place++) {
          const sum = digit(a, place) + digit(b, place) + carry;
          const columns = `${digit(a, place)} + ${digit(b, place)}${place > 0 ? ` + ${carry}` : ''} = ${sum}`;
          carry = Math.floor(sum / 10);
          carries += carry;
          steps.push(place < 2 ? `${columns}, carry ${carry}` : columns);
        }
        return {
          question: random.pick([`What is ${a} + ${b}?`, `Calculate ${a} + ${b}.`, `Add ${a} and ${b}.`]),
          answer: String(a + b),
          difficulty: carries === 0 ? 'easy' : carries < 3 ? 'medium' : 'hard',
          steps,
        };
      },
    };
  },
};

const subtraction: Family = {
  name: 'subtraction',
  type: 'math',
  domain: 'arithmetic',
  draw(random: Random) {
    const first = random.integer(100, 999);
    const second = random.integer(100, 999);
    const a = Math.max(first, second);
    const b = Math.min(first, second);
    return {
      parameters: `${a},${b}`,
      render() {
        const steps: string[] = [];
        let borrow = 0;
        let borrows = 0;
        for (let place = 0; place < 3; place++) {
          const taken = digit(b, place) + borrow;
          const needsBorrow = digit(a, place) < taken;
          const top = digit(a, place) + (needsBorrow ? 10 : 0);
          const columns = `${top} - ${digit(b, place)}${place > 0 ? ` - ${borrow}` : ''} = ${top - taken}`;
          borrow = needsBorrow ? 1 : 0;
          borrows += borrow;
          steps.push(place < 2 ? `${columns}, borrow ${borrow}` : columns);
        }
        return {
          question: random.pick([
            `What is ${a} - ${b}?`,
            `Calculate ${a} - ${b}.`,
            `Subtract ${b} from ${a}.`,
          ]),
          answer: String(a - b),
          difficulty: borrows === 0 ? 'easy' : borrows === 1 ? 'medium' : 'hard',
          steps,
        };
      },
    };
  },
};

const multiplication: Family = {
  name: 'multiplication',
  type: 'math',
  domain: 'arithmetic',
  draw(random: Random) {
    const a = random.integer(11, 99);
    const b = random.integer(2, 9);
    return {
      parameters: `${a},${b}`,
      render: () => ({
        question: random.pick([`What is ${a} * ${b}?`, `Calculate ${a} * ${b}.`, `Multiply ${a} by ${b}.`]),
        answer: String(a * b),
        difficulty: (a % 10) * b < 10 ? 'easy' : 'medium',
        steps: multiplySteps(a, b),
      }),
    };
  },
};

/** A multiple of 5 % below 50 % of a multiple of 20: as many twentieths as the percentage has fives. */
const percent: Family = {
  name: 'percent',
  type: 'math',
  domain: 'arithmetic',
  draw(random: Random) {
    const fives = random.integer(1, 9);
    const twentieth = random.integer(2, 99);
    const rate = fives * 5;
    const whole = twentieth * 20;
    return {
      parameters: `${rate},${whole}`,
      render: () => ({
        question: random.pick([
          `What is ${rate}% of ${whole}?`,
          `Calculate ${rate} percent of ${whole}.`,
          `If you have ${whole} items and take ${rate}%, how many do you have?`,
        ]),
        answer: String(fives * twentieth),
        difficulty: fives === 1 || twentieth < 10 ? 'medium' : 'hard',
        steps: [`${rate} / 5 = ${fives}`, `${whole} / 20 = ${twentieth}`, ...multiplySteps(twentieth, fives)],
      }),
    };
  },
};

const linearEquation: Family = {
  name: 'linear_equation',
  type: 'math',
  domain: 'algebra',
  draw(random: Random) {
    const a = random.integer(2, 9);
    const x = random.integer(2, 12);
    const isPlus = random.integer(0, 1) === 0;
    const product = a * x;
    const b = random.integer(1, isPlus ? 29 : Math.min(29, product - 1));
    const right = isPlus ? product + b : product - b;
    const equation = `${a}x ${isPlus ? '+' : '-'} ${b} = ${right}`;
    return {
      parameters: equation,
      render: () => ({
        question: random.pick([
          `Solve for x: ${equation}.`,
          `If ${equation}, what is x?`,
          `Find x when ${equation}.`,
        ]),
        answer: String(x),
        difficulty: b < 10 ? 'easy' : 'medium',
        steps: [`${right} ${isPlus ? '-' : '+'} ${b} = ${product}`, `${product} / ${a} = ${x}`],
      }),
    };
  },
};

const rectangle: Family = {
  name: 'rectangle',
  type: 'math',
  domain: 'geometry',
  draw(random: Random) {
    const kind = random.pick(['perimeter', 'area'] as const);
    const length = random.integer(11, 99);
    const width = random.integer(2, 9);
    const half = length + width;
    return {
      parameters: `${kind},${length},${width}`,
      render: () => ({
        question: random.pick([
          `What is the ${kind} of a ${length} by ${width} rectangle?`,
          `A rectangle is ${length} long and ${width} wide. What is its ${kind}?`,
          `Find the ${kind} of a rectangle with sides ${length} and ${width}.`,
        ]),
        answer: String(kind === 'perimeter' ? 2 * half : length * width),
        difficulty: kind === 'perimeter' ? 'easy' : 'medium',
        steps:
          kind === 'perimeter'
            ? [`${length} + ${width} = ${half}`, `${half} + ${half} = ${2 * half}`]
            : multiplySteps(length, width),
      }),
    };
  },
};

export const mathFamilies: readonly Family[] = [
  addition,
  subtraction,
  multiplication,
  percent,
  linearEquation,
  rectangle,
];
