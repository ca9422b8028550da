/** Debugging: what a faulty program prints now, and what it would print if it did what it was meant to do. */
import { type DrawForm, topicOf } from '../example.js';
import { byLevel } from '../writing.js';
import { askAbout, namesOf, pythonList } from './code-scenes.js';
import { answerIs, changed, compared, scaled } from './compact-work.js';

const ASK = 'Give both numbers, the faulty one first, separated by a comma.';

/** A range that starts or stops at the wrong place. */
const offByOne: DrawForm = (random, difficulty) => {
  const low = difficulty === 'easy' ? 1 : random.integer(2, 9);
  const high = low + random.integer(2, byLevel(difficulty, 5, 5, 4));
  const operation =
    difficulty === 'hard' ? random.pick(['*', 'squares'] as const) : random.pick(['+', '+', '*'] as const);
  const bug = random.pick(['stop', 'start'] as const);
  const [from, to] = bug === 'stop' ? [low, high] : [low + 1, high + 1];
  const term = (k: number): number => (operation === 'squares' ? k * k : k);
  const fold = (a: number, b: number): { value: number; steps: string } => {
    let value = operation === '*' ? 1 : 0;
    const steps: string[] = [];
    for (let k = a; k < b; k++) {
      const next = operation === '*' ? value * k : value + term(k);
      steps.push(`${value} ${operation === '*' ? '*' : '+'} ${term(k)} = ${next}`);
      value = next;
    }
    return { value, steps: steps.join(', ') };
  };
  const [now, right] = [fold(from, to), fold(low, high + 1)];
  const turn = (value: number, k: number): string[] =>
    operation === '*'
      ? scaled(value, k)
      : [...(operation === 'squares' ? [`${k} * ${k} = ${k * k}`] : []), ...changed(value, '+', term(k))];
  return {
    form: 'off_by_one',
    parameters: `${operation},${low},${high},${bug}`,
    write(scene, wording) {
      const { total, item } = namesOf(scene);
      const what = { '+': 'the sum', '*': 'the product', squares: 'the sum of the squares' }[operation];
      const change =
        operation === '*'
          ? `${total} *= ${item}`
          : `${total} += ${operation === 'squares' ? `${item} * ${item}` : item}`;
      const program = [
        `${total} = ${operation === '*' ? 1 : 0}`,
        `for ${item} in range(${from}, ${to}):`,
        `    ${change}`,
        `print(${total})`,
      ];
      const goal = wording.pick([
        `It should print ${what} of all whole numbers from ${low} to ${high}, both included, but it has a bug. What does it print now, and what should it print? ${ASK}`,
        `The aim is ${what} of the whole numbers from ${low} to ${high}, ends included. Find the bug: what is printed, and what would be right? ${ASK}`,
        `Meant to print ${what} of the whole numbers from ${low} up to and including ${high}, it prints something else. State the wrong output and the right one. ${ASK}`,
      ]);
      const answer = `${now.value}, ${right.value}`;
      const missing = bug === 'stop' ? high : low;
      const visited = Array.from({ length: to - from - 1 }, (_, k) => from + 1 + k);
      const first = fold(from, from + 1).value;
      return {
        question: askAbout(scene, wording, program, goal),
        answer,
        steps: [
          `In Python range(a, b) starts at a and stops before b. So range(${from}, ${to}) visits ${from} to ${to - 1}, while the task wants ${low} to ${high}.`,
          bug === 'stop'
            ? `The last number, ${high}, is left out, because the upper end of a range is not included. This is an off-by-one error at the end.`
            : `The first number, ${low}, is left out, because the range starts one too late. This is an off-by-one error at the start.`,
          `What it prints now, turn by turn: ${now.steps}. So the faulty output is ${now.value}.`,
          `The repaired loop runs over range(${low}, ${high + 1}). Its turns are: ${right.steps}. So the right output is ${right.value}.`,
          `Both numbers differ by exactly the missing ${operation === '*' ? 'factor' : 'term'}, which confirms the diagnosis. The answer is ${answer}.`,
        ],
        work: [
          `range(${from}, ${to}) from ${from} to ${to - 1}`,
          `missing ${missing}`,
          operation === 'squares' ? `${from} * ${from} = ${first}` : `first ${from}`,
          ...visited.flatMap((k) => turn(fold(from, k).value, k)),
          `now ${now.value}`,
          ...turn(now.value, missing),
          answerIs(answer),
        ],
        keywords: ['debugging', 'off-by-one', 'range'],
      };
    },
  };
};

/** A search for the largest or smallest element, or a count, with a wrong start value or comparison. */
const wrongStart: DrawForm = (random, difficulty) => {
  const kind = random.pick(['largest', 'smallest', 'count'] as const);
  const size = byLevel(difficulty, 3, 5, 7);
  const bound = random.integer(10, 40);
  const items = Array.from({ length: size }, () => random.integer(1, 60));
  if (kind === 'count') items[random.integer(0, size - 1)] = bound;
  // A start value beyond all elements wins against each of them.
  const start = kind === 'largest' ? Math.max(...items) + random.integer(1, 30) : kind === 'smallest' ? 0 : 0;
  const counted = items.filter((x) => x > bound).length;
  const right =
    kind === 'largest'
      ? Math.max(...items)
      : kind === 'smallest'
        ? Math.min(...items)
        : items.filter((x) => x >= bound).length;
  const now = kind === 'count' ? counted : start;
  return {
    form: kind === 'count' ? 'wrong_comparison' : 'wrong_start',
    parameters: `${kind},${kind === 'count' ? bound : start},${[...items].sort((a, b) => a - b).join('.')}`,
    write(scene, wording) {
      const { total, item, list } = namesOf(scene);
      const body = {
        largest: [`    if ${item} > ${total}:`, `        ${total} = ${item}`],
        smallest: [`    if ${item} < ${total}:`, `        ${total} = ${item}`],
        count: [`    if ${item} > ${bound}:`, `        ${total} += 1`],
      }[kind];
      const program = [
        `${list} = ${pythonList(items)}`,
        `${total} = ${start}`,
        `for ${item} in ${list}:`,
        ...body,
        `print(${total})`,
      ];
      const aim =
        kind === 'count' ? `how many elements are at least ${bound}` : `the ${kind} element of the list`;
      const goal = wording.pick([
        `It should print ${aim}, but it has a bug. What does it print now, and what should it print? ${ASK}`,
        `The aim is to print ${aim}. Find the bug: what is printed, and what would be right? ${ASK}`,
        `Meant to print ${aim}, it does something else. State the wrong output and the right one. ${ASK}`,
      ]);
      const answer = `${now}, ${right}`;
      const extremes = items.map((_, i) =>
        (kind === 'smallest' ? Math.min : Math.max)(...items.slice(0, i + 1)),
      );
      const countTo = (i: number, lowest: number): number =>
        items.slice(0, i + 1).filter((x) => x >= lowest).length;
      const judged = items.map((x) => {
        const holds = kind === 'largest' ? x > start : kind === 'smallest' ? x < start : x > bound;
        return `${x} is ${holds ? '' : 'not '}${kind === 'smallest' ? 'below' : 'above'} ${kind === 'count' ? bound : start}`;
      });
      return {
        question: askAbout(scene, wording, program, goal),
        answer,
        steps: [
          `First understand the aim: the program should print ${aim}. Then run it as it is written, without assuming that it is right.`,
          `Before the loop ${total} is ${start}. The condition of the loop compares each element: ${judged.join(', ')}.`,
          kind === 'count'
            ? `The counter goes up only where the comparison holds, so the program prints ${now}. Elements equal to ${bound} are missed, because the comparison is strict.`
            : `The comparison never holds, because the start value lies beyond every element. So ${total} keeps its start value and the program prints ${now}.`,
          kind === 'count'
            ? `The right comparison is "greater than or equal". With it the elements ${items.filter((x) => x >= bound).join(', ')} count, which makes ${right}.`
            : `The repair is to start with the first element of the list, ${items[0]}. Going through the rest then leaves the ${kind} one, which is ${right}.`,
          `So the faulty output is ${now} and the right one is ${right}. The answer is ${answer}.`,
        ],
        work:
          kind === 'count'
            ? [
                ...items.map(
                  (x, i) => `${compared(x, bound)}, ${countTo(i, bound + 1)}, ${countTo(i, bound)}`,
                ),
                answerIs(answer),
              ]
            : [
                ...items.map((x) => compared(x, start)),
                `now ${now}`,
                ...items.slice(1).map((x, i) => compared(x, extremes[i]!)),
                `${kind} ${right}`,
                answerIs(answer),
              ],
        keywords: ['debugging', kind === 'count' ? 'comparison' : 'start value', 'loop'],
      };
    },
  };
};

export const debugging = topicOf('debugging', 'code', 'debugging', [offByOne, wrongStart]);
