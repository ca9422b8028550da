/** Tracing: the value that a loop leaves behind, followed turn by turn. */
import { type DrawForm, topicOf } from '../example.js';
import { byLevel } from '../writing.js';
import { askAbout, namesOf, pythonList } from './code-scenes.js';
import { answerIs, changed, compared, scaled } from './compact-work.js';

const GOALS = (name: string): string[] => [
  `What is printed at the end? Trace ${name} through the loop.`,
  `Follow the value of ${name}: what does the last line print?`,
  `Which output does the program give when ${name} is followed turn by turn?`,
];

/** Adds or subtracts the elements of a list, from medium on only those that pass a test. */
const accumulate: DrawForm = (random, difficulty) => {
  const items = Array.from({ length: byLevel(difficulty, 3, 5, 6) }, () =>
    random.integer(1, byLevel(difficulty, 9, 20, 40)),
  );
  const start = random.integer(0, byLevel(difficulty, 10, 50, 99));
  const sign = random.pick(['+', '-'] as const);
  const test = difficulty === 'easy' ? 'none' : random.pick(['over', 'divides'] as const);
  const bound = test === 'over' ? random.integer(4, 15) : random.integer(2, 4);
  const doubles = difficulty === 'hard';
  return {
    form: 'accumulate',
    parameters: `${sign}${test}${bound}${doubles},${start},${[...items].sort((a, b) => a - b).join('.')}`,
    write(scene, wording) {
      const { total, item, list } = namesOf(scene);
      const change = `${total} ${sign}= ${item}`;
      const condition = test === 'over' ? `${item} > ${bound}` : `${item} % ${bound} == 0`;
      const otherwise = ['    else:', `        ${total} ${sign}= 2 * ${item}`];
      const program = [
        `${list} = ${pythonList(items)}`,
        `${total} = ${start}`,
        `for ${item} in ${list}:`,
        ...(test === 'none' ? [`    ${change}`] : [`    if ${condition}:`, `        ${change}`]),
        ...(doubles ? otherwise : []),
        `print(${total})`,
      ];
      let value = start;
      const steps = [
        `Before the loop ${total} is ${start}. The loop visits the ${items.length} elements of ${list} from left to right, and its body runs once for each of them.`,
      ];
      const work: string[] = [];
      for (const x of items) {
        const passes = test === 'none' || (test === 'over' ? x > bound : x % bound === 0);
        const amount = passes ? x : 2 * x;
        const reason =
          test === 'none'
            ? 'the body has no condition'
            : test === 'over'
              ? `${x} is ${passes ? '' : 'not '}greater than ${bound}`
              : `${x} leaves a remainder of ${x % bound} when divided by ${bound}`;
        if (test === 'over') work.push(compared(x, bound));
        else if (test === 'divides') work.push(`${x} % ${bound} = ${x % bound}`);
        if (!passes && !doubles) {
          steps.push(
            `With ${item} at ${x}, ${reason}, so the body is skipped and ${total} stays at ${value}.`,
          );
          continue;
        }
        const next = sign === '+' ? value + amount : value - amount;
        if (!passes) work.push(`2 * ${x} = ${amount}`);
        work.push(...changed(value, sign, amount));
        const doubled = passes ? '' : ` and the else branch runs with 2 * ${x} = ${amount}`;
        steps.push(
          `With ${item} at ${x}, ${reason}${doubled}, so ${total} changes: ${value} ${sign} ${amount} = ${next}.`,
        );
        value = next;
      }
      steps.push(
        `The list is used up, the loop ends, and the last line prints ${total} once. The answer is ${value}.`,
      );
      const goal = wording.pick(GOALS(total));
      return {
        question: askAbout(scene, wording, program, goal),
        answer: String(value),
        steps,
        work: [...work, answerIs(value)],
        keywords: ['python', 'loop', 'trace'],
      };
    },
  };
};

/** A while loop that changes two variables until a bound is reached. */
const whileLoop: DrawForm = (random, difficulty) => {
  const start = random.integer(1, byLevel(difficulty, 5, 9, 15));
  const growth = random.integer(2, byLevel(difficulty, 5, 3, 3));
  const multiplies = difficulty !== 'easy';
  const extra = difficulty === 'hard' ? random.integer(1, 9) : 0;
  const turns = byLevel(difficulty, random.integer(3, 4), random.integer(3, 5), random.integer(4, 5));
  const next = (value: number): number => (multiplies ? value * growth + extra : value + growth);
  const values = [start];
  for (let i = 0; i < turns; i++) values.push(next(values.at(-1)!));
  const [before, last] = [values.at(-2)!, values.at(-1)!];
  const bound = random.integer(before + 1, last);
  const asksCount = random.integer(0, 1) === 1;
  return {
    form: asksCount ? 'while_count' : 'while_value',
    parameters: `${start},${multiplies ? '*' : '+'}${growth}+${extra}<${bound}`,
    write(scene, wording) {
      const { total } = namesOf(scene);
      const counter = scene.pick(['steps', 'turns', 'rounds', 'days', 'loops']);
      const update = multiplies
        ? `${total} = ${total} * ${growth}${extra ? ` + ${extra}` : ''}`
        : `${total} = ${total} + ${growth}`;
      const printed = asksCount ? counter : total;
      const program = [
        `${total} = ${start}`,
        `${counter} = 0`,
        `while ${total} < ${bound}:`,
        `    ${update}`,
        `    ${counter} += 1`,
        `print(${printed})`,
      ];
      const steps = [
        `At the start ${total} is ${start} and ${counter} is 0. The loop goes on as long as ${total} is below ${bound}; this is tested before each turn, never in the middle of one.`,
      ];
      const work: string[] = [];
      for (let i = 0; i < turns; i++) {
        const [old, now] = [values[i]!, values[i + 1]!];
        const sum = !multiplies
          ? `${old} + ${growth} = ${now}`
          : extra
            ? `${old} * ${growth} = ${old * growth}, ${old * growth} + ${extra} = ${now}`
            : `${old} * ${growth} = ${now}`;
        work.push(`${compared(old, bound)}${asksCount ? `, turn ${i + 1}` : ''}`);
        if (multiplies) work.push(...scaled(old, growth));
        if (extra || !multiplies) work.push(...changed(now - (extra || growth), '+', extra || growth));
        steps.push(
          `Turn ${i + 1}: ${old} is below ${bound}, so the body runs. The new ${total} comes from ${sum}, and ${counter} becomes ${i + 1}.`,
        );
      }
      steps.push(
        `Now ${total} is ${last}, which is not below ${bound}, so the loop ends after ${turns} turns. The program prints ${printed}, and the answer is ${asksCount ? turns : last}.`,
      );
      const goal = wording.pick(GOALS(total));
      return {
        question: askAbout(scene, wording, program, goal),
        answer: String(asksCount ? turns : last),
        steps,
        work: [...work, compared(last, bound), answerIs(asksCount ? turns : last)],
        keywords: ['python', 'while', 'trace'],
      };
    },
  };
};

export const codeTrace = topicOf('code_trace', 'code', 'python', [accumulate, whileLoop]);
