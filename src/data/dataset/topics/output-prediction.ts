/** Output prediction: comprehensions, slices, sorting, functions and recursion. */
import { multiplication, subtraction } from '../columns.js';
import { type DrawForm, topicOf } from '../example.js';
import { byLevel } from '../writing.js';
import { askAbout, namesOf, pythonList } from './code-scenes.js';
import { answerIs, changed, runningSum, scaled } from './compact-work.js';

const GOALS = [
  'What does it print?',
  'Predict the output.',
  'Which line does it write to the screen?',
  'Give the exact output.',
] as const;

const comprehension: DrawForm = (random, difficulty) => {
  const items = Array.from({ length: byLevel(difficulty, 4, 5, 6) }, () =>
    random.integer(1, byLevel(difficulty, 9, 15, 30)),
  );
  const factor = random.integer(2, byLevel(difficulty, 5, 9, 9));
  const term = difficulty === 'easy' ? 0 : random.integer(1, 9);
  const divisor = difficulty === 'hard' ? random.integer(2, 3) : 0;
  const kept = items.filter((x) => divisor === 0 || x % divisor !== 0);
  const result = kept.map((x) => x * factor + term);
  return {
    form: 'comprehension',
    parameters: `*${factor}+${term}%${divisor}:${items.join('.')}`,
    write(scene, wording) {
      const { item, list } = namesOf(scene);
      const filter = divisor ? ` if ${item} % ${divisor} != 0` : '';
      const program = [
        `${list} = ${pythonList(items)}`,
        `print([${item} * ${factor}${term ? ` + ${term}` : ''} for ${item} in ${list}${filter}])`,
      ];
      const steps = [
        `A list comprehension builds a new list from left to right: it takes each element, tests the condition if there is one, and puts the value of the expression into the result.`,
      ];
      if (divisor) {
        steps.push(
          `The condition keeps the elements that ${divisor} does not divide. Of ${items.join(', ')} these are ${kept.join(', ') || 'none at all'}; the others are dropped before anything is worked out.`,
        );
      } else
        steps.push(
          `There is no condition here, so all ${items.length} elements are used and the new list has the same length.`,
        );
      for (const x of kept) {
        const tail = term ? `, ${x * factor} + ${term} = ${x * factor + term}` : '';
        steps.push(`For the element ${x} the expression gives ${x} * ${factor} = ${x * factor}${tail}.`);
      }
      steps.push(
        `Printed as a Python list, with brackets and a comma and a space between elements, the result is ${pythonList(result)}.`,
      );
      return {
        question: askAbout(scene, wording, program, wording.pick(GOALS)),
        answer: pythonList(result),
        steps,
        work: [
          ...items.flatMap((x) => [
            ...(divisor ? [`${x} % ${divisor} = ${x % divisor}`] : []),
            ...(divisor && x % divisor === 0
              ? []
              : [...scaled(x, factor), ...(term ? changed(x * factor, '+', term) : [])]),
          ]),
          answerIs(pythonList(result)),
        ],
        keywords: ['python', 'list comprehension', 'output'],
      };
    },
  };
};

/** Sorting, then a slice. */
const slicing: DrawForm = (random, difficulty) => {
  const items = Array.from({ length: byLevel(difficulty, 5, 6, 8) }, () =>
    random.integer(1, byLevel(difficulty, 20, 50, 99)),
  );
  const isReverse = difficulty !== 'easy' && random.integer(0, 1) === 1;
  const from = random.integer(0, 2);
  const to = random.integer(from + 2, items.length);
  const doesSum = difficulty === 'hard';
  const sorted = [...items].sort((a, b) => (isReverse ? b - a : a - b));
  const slice = sorted.slice(from, to);
  const sum = slice.reduce((a, b) => a + b, 0);
  const answer = doesSum ? String(sum) : pythonList(slice);
  return {
    form: doesSum ? 'slice_sum' : 'slice',
    parameters: `${[...items].sort((a, b) => a - b).join('.')},${isReverse},${from},${to},${doesSum}`,
    write(scene, wording) {
      const { list } = namesOf(scene);
      const ranked = scene.pick(['ranked', 'ordered', 'arranged', 'lined_up']);
      const program = [
        `${list} = ${pythonList(items)}`,
        `${ranked} = sorted(${list}${isReverse ? ', reverse=True' : ''})`,
        `print(${doesSum ? `sum(${ranked}[${from}:${to}])` : `${ranked}[${from}:${to}]`})`,
      ];
      const steps = [
        `The function sorted returns a new list in ${isReverse ? 'decreasing order, because reverse is true' : 'increasing order'}, and leaves ${list} itself as it was.`,
        `Put the elements in order, one after the other: ${sorted.join(', ')}. No element may get lost: there are ${items.length} before and ${items.length} after.`,
        `The slice [${from}:${to}] starts at index ${from} and stops before index ${to}. Indices count from zero, so it has ${to} - ${from} = ${to - from} elements.`,
        `Reading them off the sorted list gives ${slice.join(', ')}.`,
      ];
      if (doesSum) {
        let running = slice[0]!;
        const sums = slice.slice(1).map((x) => {
          const text = `${running} + ${x} = ${running + x}`;
          running += x;
          return text;
        });
        steps.push(`The function sum adds them: ${sums.join(', ')}. So one number is printed, not a list.`);
      } else
        steps.push(
          `The slice is a list, so it is printed with brackets, in the order in which it was sorted.`,
        );
      steps.push(`The answer is ${answer}.`);
      return {
        question: askAbout(scene, wording, program, wording.pick(GOALS)),
        answer,
        steps,
        work: [
          `sorted ${sorted.map((x, i) => `${i}: ${x}`).join(', ')}`,
          ...(doesSum ? [`${from} to ${to - 1}`, ...runningSum(slice)] : []),
          answerIs(answer),
        ],
        keywords: ['python', 'sorted', 'slice'],
      };
    },
  };
};

/** A function with a branch, called for each number of a range; hard ones call themselves. */
const functionCall: DrawForm = (random, difficulty) => {
  const factor = random.integer(2, byLevel(difficulty, 9, 9, 3));
  const term = random.integer(1, 9);
  const isRecursive = difficulty === 'hard';
  const argument = isRecursive ? random.integer(3, 5) : random.integer(2, 20);
  const other = difficulty === 'medium' ? random.integer(2, 20) : 0;
  const base = random.integer(1, 6);
  return {
    form: isRecursive ? 'recursion' : 'function',
    parameters: `${factor},${term},${argument},${other},${isRecursive ? base : ''}`,
    write(scene, wording) {
      const name = scene.pick(['convert', 'adjust', 'rate', 'scale', 'step', 'combine', 'measure', 'grow']);
      const { item } = namesOf(scene);
      const expression = `${item} * ${factor} + ${term}`;
      const program = isRecursive
        ? [
            `def ${name}(${item}):`,
            `    if ${item} == 0:`,
            `        return ${base}`,
            `    return ${name}(${item} - 1) * ${factor} + ${term}`,
            `print(${name}(${argument}))`,
          ]
        : [
            `def ${name}(${item}):`,
            `    return ${expression}`,
            `print(${name}(${argument})${other ? ` - ${name}(${other})` : ''})`,
          ];
      const steps: string[] = [];
      const work: string[] = [];
      let answer: number;
      if (isRecursive) {
        steps.push(
          `The function ${name} calls itself with a smaller argument until the argument is 0. There it returns ${base} without a further call, so the calls come to an end and the results can be put together from the inside out.`,
        );
        answer = base;
        work.push(`${item} 0, ${base}`);
        for (let i = 1; i <= argument; i++) {
          const product = answer * factor;
          work.push(`${item} ${i}`, ...scaled(answer, factor), ...changed(product, '+', term));
          steps.push(
            `For the argument ${i}, the result for ${i - 1} was ${answer}: ${answer} * ${factor} = ${product}, ${product} + ${term} = ${product + term}.`,
          );
          answer = product + term;
        }
        steps.push(
          `The outermost call has the argument ${argument}, and its result is printed. Nothing else is printed on the way, because only the last line has a print. The answer is ${answer}.`,
        );
      } else {
        const of = (x: number): number => x * factor + term;
        answer = of(argument) - (other ? of(other) : 0);
        const called = (x: number): string[] => [
          ...multiplication(x, factor),
          ...changed(x * factor, '+', term),
        ];
        work.push(...called(argument));
        if (other) work.push(...called(other), ...subtraction(of(argument), of(other)));
        steps.push(
          `Defining the function prints nothing. Only the last line does, after it has worked out the ${other ? 'two calls' : 'call'} inside the print. Multiplication comes before addition.`,
          `The call with ${argument} puts ${argument} in place of ${item}: ${argument} * ${factor} = ${argument * factor}, ${argument * factor} + ${term} = ${of(argument)}.`,
        );
        if (other) {
          steps.push(
            `The call with ${other} works in the same way: ${other} * ${factor} = ${other * factor}, ${other * factor} + ${term} = ${of(other)}.`,
            `The print subtracts the second result from the first: ${of(argument)} - ${of(other)} = ${answer}.`,
          );
        }
        steps.push(
          `The value is an integer, so it is printed without a decimal point. The answer is ${answer}.`,
        );
      }
      return {
        question: askAbout(scene, wording, program, wording.pick(GOALS)),
        answer: String(answer),
        steps,
        work: [...work, answerIs(answer)],
        keywords: ['python', 'function', 'call'],
      };
    },
  };
};

export const outputPrediction = topicOf('output_prediction', 'code', 'python', [
  comprehension,
  slicing,
  functionCall,
]);
