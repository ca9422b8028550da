/** Equations: linear ones with the unknown on one or both sides, and quadratic ones with whole roots. */
import type { Random } from '../../../random.js';
import { addition, division, subtraction } from '../columns.js';
import { type DrawForm, topicOf } from '../example.js';
import { PEOPLE, PLACES } from '../scenes.js';
import { byLevel, closing } from '../writing.js';

const LETTERS = ['x', 'y', 'n', 'k', 'm', 't', 'p', 'w', 'z', 'r'] as const;
const SOURCES = [
  'a homework sheet',
  'a chalkboard',
  'an old textbook',
  'an exam paper',
  'a puzzle page',
  'a number quiz',
  'a sticky note',
  'a science notebook',
  'a maths club poster',
  'a crossword margin',
] as const;

/** Where an equation is found, so that the same equation can be asked in many contexts. */
function frame(scene: Random, wording: Random, equation: string, goal: string): string {
  const person = scene.pick(PEOPLE);
  const place = scene.pick(PLACES);
  const source = scene.pick(SOURCES);
  return (
    wording.pick([
      `${person} finds the equation ${equation} on ${source} in ${place}. ${goal}`,
      `On ${source} in ${place} it says ${equation}. ${goal} ${person} wants to compare results.`,
      `Help ${person} with a line from ${source} kept in ${place}: ${equation}. ${goal}`,
      `In ${place}, ${person} copied ${equation} from ${source}. ${goal}`,
    ]) + closing(wording)
  );
}

const signed = (value: number): string => (value < 0 ? `- ${-value}` : `+ ${value}`);

/** Compact steps that take a signed number away from the other side. */
function without(side: number, value: number): string[] {
  return value < 0 ? addition(side, -value) : subtraction(side, value);
}

const oneSide: DrawForm = (random, difficulty) => {
  const a = random.integer(2, byLevel(difficulty, 9, 15, 25));
  const x = random.integer(byLevel(difficulty, 1, -9, -20), byLevel(difficulty, 12, 20, 40)) || 3;
  const b = random.integer(1, byLevel(difficulty, 20, 50, 99)) * (random.integer(0, 1) === 0 ? 1 : -1);
  const right = a * x + b;
  return {
    form: 'one_side',
    parameters: `${a},${b},${right}`,
    write(scene, wording) {
      const letter = scene.pick(LETTERS);
      const equation = `${a}${letter} ${signed(b)} = ${right}`;
      const goal = wording.pick([
        `Solve for ${letter}.`,
        `What is ${letter}?`,
        `Find the value of ${letter}.`,
      ]);
      const undo = b < 0 ? 'add' : 'subtract';
      return {
        question: frame(scene, wording, equation, goal),
        answer: String(x),
        steps: [
          `The equation says that ${a} times ${letter}, ${b < 0 ? 'less' : 'plus'} ${Math.abs(b)}, is ${right}. To free the unknown, undo what was done to it, in the reverse order, and do the same on both sides.`,
          `First ${undo} ${Math.abs(b)} on both sides, which removes the number beside the unknown: ${right} ${b < 0 ? '+' : '-'} ${Math.abs(b)} = ${a * x}. What remains is ${a}${letter} = ${a * x}.`,
          `Then divide both sides by ${a}, the factor of the unknown: ${a * x} / ${a} = ${x}. So ${letter} is ${x}.`,
          `Check by putting the value into the left side: ${a} * ${x} = ${a * x}, and ${a * x} ${signed(b)} = ${right}. This is the right side, so the solution fits.`,
          `The answer is ${x}.`,
        ],
        work: [...without(right, b), ...division(a * x, a)],
        keywords: ['equation', 'unknown', 'inverse operation'],
      };
    },
  };
};

const bothSides: DrawForm = (random, difficulty) => {
  const c = random.integer(1, byLevel(difficulty, 5, 9, 15));
  const a = c + random.integer(2, byLevel(difficulty, 5, 9, 15));
  const x = random.integer(byLevel(difficulty, 1, -6, -15), byLevel(difficulty, 9, 15, 30)) || 2;
  const b = random.integer(1, byLevel(difficulty, 15, 40, 90)) * (random.integer(0, 1) === 0 ? 1 : -1);
  const d = (a - c) * x + b;
  const right = d === 0 ? '' : ` ${signed(d)}`;
  return {
    form: 'both_sides',
    parameters: `${a},${b},${c},${d}`,
    write(scene, wording) {
      const letter = scene.pick(LETTERS);
      const equation = `${a}${letter} ${signed(b)} = ${c}${letter}${right}`;
      const goal = wording.pick([
        `Solve for ${letter}.`,
        `Which ${letter} makes both sides equal?`,
        `Find ${letter}.`,
      ]);
      const value = a * x + b;
      return {
        question: frame(scene, wording, equation, goal),
        answer: String(x),
        steps: [
          `The unknown ${letter} stands on both sides. Collect it on the left first, then collect the plain numbers on the right. Whatever is done to one side is done to the other one too.`,
          `Take ${c}${letter} away on both sides. On the left ${a} - ${c} = ${a - c}, so ${a - c}${letter} is left there, and no unknown remains on the right.`,
          `Now ${b < 0 ? 'add' : 'subtract'} ${Math.abs(b)} on both sides, to free the left side from its number: ${d} ${b < 0 ? '+' : '-'} ${Math.abs(b)} = ${d - b}. What remains is ${a - c}${letter} = ${d - b}.`,
          `Divide by the factor of the unknown: ${d - b} / ${a - c} = ${x}. So ${letter} is ${x}.`,
          `Check the left side: ${a} * ${x} = ${a * x}, ${a * x} ${signed(b)} = ${value}. Check the right side: ${c} * ${x} = ${c * x}, ${c * x} ${signed(d)} = ${value}. Both sides agree.`,
          `The answer is ${x}.`,
        ],
        work: [...subtraction(a, c), ...without(d, b), ...division(d - b, a - c)],
        keywords: ['equation', 'both sides', 'unknown'],
      };
    },
  };
};

export const linearEquations = topicOf('linear_equations', 'math', 'algebra', [oneSide, bothSides]);

/**
 * Compact steps to the whole roots p < q of a given sum and product: the two most equal whole numbers of this sum, moved apart
 * by what their product exceeds the given one. With m and m + e it exceeds by i(i + e) when the roots are m - i and m + e + i.
 */
function splitSum(p: number, q: number, asksLarger: boolean): string[] {
  const lower = Math.floor((p + q) / 2);
  const upper = p + q - lower;
  const apart = lower - p;
  return [
    `sum ${p + q}, product ${p * q}`,
    `${lower} + ${upper} = ${p + q}`,
    `${lower} * ${upper} = ${lower * upper}`,
    ...subtraction(lower * upper, p * q),
    `${apart} * ${apart + upper - lower} = ${lower * upper - p * q}`,
    ...(asksLarger ? [] : [`${lower} - ${apart} = ${p}`]),
    `${upper} + ${apart} = ${q}`,
    ...(asksLarger ? [] : [`roots ${p}, ${q}`]),
  ];
}

/** x^2 + bx + c = 0 with whole roots; hard ones have a leading factor. */
const roots: DrawForm = (random, difficulty) => {
  const lead = difficulty === 'hard' ? random.integer(2, 5) : 1;
  const low = difficulty === 'easy' ? 1 : -12;
  const p = random.integer(low, byLevel(difficulty, 9, 12, 12)) || 1;
  const gap = random.integer(1, byLevel(difficulty, 6, 12, 12));
  const q = p + gap === 0 ? 1 : p + gap;
  const [sum, product] = [p + q, p * q];
  const [b, c] = [-lead * sum, lead * product];
  const asksLarger = random.integer(0, 1) === 0;
  const answer = asksLarger ? String(q) : `${p}, ${q}`;
  return {
    form: asksLarger ? 'larger_root' : 'roots',
    parameters: `${lead},${b},${c}`,
    write(scene, wording) {
      const letter = scene.pick(LETTERS);
      const middle = b === 0 ? '' : ` ${b < 0 ? '-' : '+'} ${Math.abs(b) === 1 ? '' : Math.abs(b)}${letter}`;
      const equation = `${lead === 1 ? '' : lead}${letter}^2${middle} ${signed(c)} = 0`;
      const goal = asksLarger
        ? wording.pick([
            'What is the larger solution?',
            'Find the greater of the two roots.',
            'Give the larger root.',
          ])
        : wording.pick([
            'Find both solutions, the smaller one first.',
            'Which two numbers solve it? Smaller one first.',
            'Give both roots in increasing order.',
          ]);
      const steps = [
        `The equation is quadratic, so it can have two solutions. When the roots are whole numbers, the quickest way is to split it into two factors, because a product is zero only when one of its factors is zero.`,
      ];
      if (lead > 1) {
        steps.push(
          `Every coefficient can be divided by ${lead}: ${b} / ${lead} = ${-sum} and ${c} / ${lead} = ${product}. Dividing both sides by ${lead} does not change the solutions and leaves 1 in front of ${letter}^2.`,
        );
      }
      steps.push(
        `Now look for two numbers whose product is the last coefficient, ${product}, and whose sum is the middle coefficient with the opposite sign, ${sum}.`,
        `The numbers ${p} and ${q} do both: ${p} * ${q} = ${product} and ${p} + ${q} = ${sum}. So the factors are (${letter} ${signed(-p)}) and (${letter} ${signed(-q)}), and the roots are ${p} and ${q}.`,
        `Check the first root: ${p} * ${p} = ${p * p}, and ${p * p} ${signed(-sum * p)} = ${p * p - sum * p}, then ${p * p - sum * p} ${signed(product)} = 0. It fits.`,
        `Check the second root: ${q} * ${q} = ${q * q}, and ${q * q} ${signed(-sum * q)} = ${q * q - sum * q}, then ${q * q - sum * q} ${signed(product)} = 0. It fits as well.`,
        asksLarger
          ? `The larger one of ${p} and ${q} is ${q}. The answer is ${q}.`
          : `In increasing order the roots are ${p} and ${q}. The answer is ${answer}.`,
      );
      return {
        question: frame(scene, wording, equation, goal),
        answer,
        steps,
        work: [
          ...(lead > 1 ? [...division(b, lead), ...division(c, lead)] : []),
          ...splitSum(p, q, asksLarger),
        ],
        keywords: ['quadratic', 'factors', 'roots'],
      };
    },
  };
};

export const quadraticEquations = topicOf('quadratic_equations', 'math', 'algebra', [roots]);
